//! The real binaries as processes, started and ended by a test, and the eyes that look at them.
//!
//! [`Center`] is the control center with its private PostgreSQL and Mosquitto in a directory of its own, [`Edge`] an
//! edge agent; [`Operator`] looks through the API and the websocket, [`Database`] through SQL. Whatever is started
//! here ends when its guard is dropped, on a panic as well.

pub mod center;
pub mod database;
pub mod edge;
pub mod operator;
pub mod outside;
pub mod process;
pub mod proxy;
pub mod wire;

pub use center::{Center, Part};
pub use database::Database;
pub use edge::Edge;
pub use operator::{Live, Operator};
pub use process::{Process, StackDir};
