//! Keeps the private servers running: when to start one again is a pure policy, the process itself a thin shell.

mod status;

pub use status::Status;
