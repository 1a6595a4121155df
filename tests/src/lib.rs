//! End-to-end, fault and load tests, the rendered test city, and the demo.
//!
//! In the order of the data: `city` serves camera streams whose truth is known, `virtual_edge` makes load with the
//! real outbox and uplink, `stack` runs the real binaries and looks at them as an operator and as SQL does,
//! `faults` kills parts and settles the accounts, `truth` makes scenes of which it is known what every rule must state.
//! Programs: `city`, `load`, `faults`, `bench`, `demo`, `truth`.

pub mod bench;
pub mod city;
pub mod clock;
pub mod demo;
pub mod faults;
pub mod skip;
pub mod stack;
pub mod truth;
pub mod virtual_edge;
pub mod wait;
