//! Keeps the private servers running: when to start one again is a pure policy, the process itself a thin shell.
//!
//! Beside the data's way: it carries PostgreSQL and Mosquitto. What always holds: a server that we started ends with us,
//! by our own stop, by the kernel's parent-death signal, or at the latest when the next center finds it.

mod account;
mod backoff;
mod orphan;
mod process;
mod status;
mod supervisor;

pub(crate) use account::{Account, AccountError, check_reachable, make_dir, own, own_name};
pub(crate) use orphan::{runs_with, stop_orphan};
pub(crate) use process::{Server, find_program};
pub use status::Status;
pub(crate) use supervisor::{Keeping, Supervisor};
