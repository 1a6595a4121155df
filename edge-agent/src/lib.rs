//! The edge agent: from a camera's stream to messages that are safely on their way to the center.
//!
//! The folders stand in the order of the data: source, detect, (scene, a crate of its own), outbox, uplink.
//! Only `pipeline` knows all stages.

pub mod analysis;
pub mod annotate;
pub mod clock;
pub mod commands;
pub mod config;
pub mod credential;
pub mod detect;
pub mod evidence;
pub mod facts;
mod files;
pub mod fleet;
pub mod health;
pub mod outbox;
pub mod pipeline;
pub mod snapshot;
pub mod source;
pub mod uplink;
pub mod view;
