//! Dispatch: an incident handed to a unit, with proof of what became of it.
//!
//! Stands behind [`crate::incidents`]. Pure: `model` says how a dispatch moves, `plan` what is tried next and when,
//! `sign` how a webhook is signed, `guard` which addresses may be called, `cap` how an incident reads in the Common Alerting
//! Protocol.

pub mod cap;
pub mod guard;
mod model;
pub mod plan;
pub mod sign;

pub use model::{State, Times};
