//! The test city: camera streams over RTSP on loopback, with knobs for what goes wrong with real cameras.
//!
//! [`junction`] draws a junction whose truth is known exactly, [`clip`] turns frames or footage into H.264 once,
//! [`server`] plays clips in real time to any number of clients. Nothing here looks at what the edge made of it.

pub mod clip;
pub mod junction;
pub mod paint;
pub mod server;

pub use clip::Clip;
pub use server::{City, Knob, Mode};
