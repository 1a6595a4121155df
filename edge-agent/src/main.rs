//! The `edge-agent` command.
fn main() {}
