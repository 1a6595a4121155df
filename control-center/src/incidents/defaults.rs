//! The procedures that a city begins with.

use super::procedure::Procedure;
use serde::Deserialize;
use std::sync::OnceLock;

#[derive(Deserialize)]
struct File {
    procedure: Vec<Procedure>,
}

/// The shipped procedures, as version 0: in force until the city has its own.
#[must_use]
pub fn procedures() -> Vec<Procedure> {
    static SHIPPED: OnceLock<Vec<Procedure>> = OnceLock::new();
    let read = || toml::from_str::<File>(include_str!("defaults.toml")).expect("a test reads it").procedure;
    SHIPPED.get_or_init(read).clone()
}
