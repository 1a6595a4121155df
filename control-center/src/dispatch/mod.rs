//! Dispatch: an incident handed to a unit, with proof of what became of it.
//!
//! Stands behind [`crate::incidents`]. Pure: `model` says how a dispatch moves, `unit` who is reached how and when, `plan` what
//! is tried next, `suggest` who is sent at all, `message` what is said, `sign` how a webhook is signed, `guard` which addresses may be called, `cap` how an
//! incident reads in the Common Alerting Protocol, `link` what opens a dispatch without an account. Around them: `units` and
//! `store` keep, `follow` lets dispatches go with a merged incident, `send` makes one attempt, `say` and
//! `take_back` put into words what goes out beside a dispatch's own messages, `runner` does what is due.
//!
//! What always holds: a message is in the database before it is sent, and has the same id at every attempt; so a center that
//! is killed sends again, and the other side can tell.

pub mod cap;
pub mod follow;
pub mod guard;
pub mod link;
pub mod message;
mod model;
pub mod plan;
mod runner;
mod say;
pub mod send;
pub mod sign;
pub mod store;
pub mod suggest;
mod take_back;
mod unit;
pub mod units;

pub use model::{State, Times};
pub use runner::{Runner, Settings};
pub use store::{Delivery, Dispatch};
pub(crate) use unit::accept_within;
pub use unit::{Channel, Shift, Unit, UnitKind, WebhookFormat};
