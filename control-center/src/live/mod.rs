//! The operators' websocket: one reader of `alert_log`, many clients, and nobody waits for a slow one.
//!
//! Stands between the alert log and the browsers. What always holds: a client gets every change after its snapshot
//! once, in the order of the log, or is told to resume after the last one that it got.
//!
//! `reader` follows the log and makes each change's frame once; what this center's own ingest has just committed it takes
//! from its hand, where `order` says that it is the next of the log; `bell` says whose changes ring; `hub` hands frames to all clients through a ring that
//! never waits; `incidents` follows the log of
//! incidents beside it and hears of reports; `flood` says when alerts come too fast; `start` is what a client gets first; `client` is one connection; `watch` ends the connections whose
//! sessions have ended.

mod bell;
mod client;
mod flood;
mod frame;
mod hub;
mod incidents;
mod order;
mod reader;
mod start;
mod watch;

pub use client::{Wish, run};
pub use frame::{Frame, LiveMessage};
pub use hub::{Hub, Subscription};
