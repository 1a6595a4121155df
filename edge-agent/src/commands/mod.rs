//! The sub-commands of `edge-agent`, a file each.

#![allow(clippy::print_stdout, reason = "these are the binary's answers to its user")]

mod analyze;
mod check;
mod enroll;
mod open_events;
mod progress;
mod run;
mod track;

pub use analyze::{AnalyzeArgs, analyze};
pub use check::check;
pub use enroll::{EnrollArgs, enroll};
pub use run::run;
pub use track::{TrackArgs, track};
