//! The edge agent: from a camera's stream to messages that are safely on their way to the center.
//!
//! The folders stand in the order of the data: source, detect, (scene, a crate of its own), outbox, uplink.
//! Only `pipeline` knows all stages.

pub mod clock;
pub mod evidence;
pub mod outbox;
pub mod uplink;
