//! The `control-center` command.
fn main() {}
