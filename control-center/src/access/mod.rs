//! Who someone is and what they may do: people, their sessions, and the devices' credentials.
//!
//! Stands before every handler of [`crate::http`]. What always holds: no secret is stored, only what it can be
//! checked against, and a request without a known person or device behind it reaches no data.

pub mod devices;
pub mod users;
