//! What happens in front of a camera, as pure functions: detections and `now` go in, tracks, events and
//! observations come out.
//!
//! The modules stand in the order of the data: [`detection`] → [`track`] → [`paths`], over [`ground`] where the camera
//! is calibrated → [`rules`] and [`count`] → [`scene`],
//! which runs them all for one camera; [`trace`] keeps the tracks for later; [`mot`] reads and writes the text format in which trackers are compared.
//! There is no clock, file, socket, thread or random number in this crate: the same input gives the same output,
//! live at the edge and later in a back-test.
//!
//! Frames of reference: boxes are in **pixels** of the analysed frame ([`BoxPx`]); zones, tripwires and foot points
//! are **normalised** (x right, y down, 0..=1). The one place where pixels become normalised is
//! [`FrameSize::foot`]. Times are [`Time`]: microseconds since an epoch that the caller chooses.

pub mod count;
pub mod detection;
pub mod geometry;
pub mod ground;
pub mod mot;
pub mod paths;
pub mod rules;
pub mod scene;
mod sizes;
pub mod things;
pub mod time;
pub mod trace;
pub mod track;
pub mod view;

pub use detection::{BoxPx, Detection, FrameSize};
pub use ground::Ground;
pub use paths::{Path, Paths, Speed};
pub use scene::{Look, Output, Scene, SceneError, SceneEvent, SceneObservation};
pub use things::Thing;
pub use time::Time;
pub use trace::Trajectory;
pub use track::{Track, Tracker};
pub use view::View;
