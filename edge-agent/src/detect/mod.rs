//! Detection: from a frame to boxes with class and score. Stands between `source` and the scene.
//!
//! [`MotionGate`] is cheap and looks at every analysed frame; it decides whether the network has to look as well, and
//! is itself the detector of cameras with `detector = "motion"`. [`Onnx`] is the network: one pool of threads for all
//! cameras, the longest waiting first, and each camera has at most one frame in it, so none can starve another.
//! Who lies is looked for again in a turned picture ([`Again`]).
//! Boxes come out in pixels of the decoded frame.

mod again;
mod background;
mod blobs;
mod confirm;
mod due;
mod flicker;
mod letterbox;
mod motion;
mod nanodet;
mod onnx;
mod pool;
mod shade;
mod shake;
mod still;
mod turned;

pub use again::Again;
pub use due::Due;
pub use letterbox::{INPUT_SIDE_PX, Input, Letterbox};
pub use motion::{Motion, MotionGate, Watchfulness};
pub use nanodet::{Level, OUTPUTS, decode};
pub use onnx::{Onnx, OnnxHandle};
pub use still::StillThing;
pub use turned::Square;

use crate::source::FrameError;

/// A detector that did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The frame could not be looked at.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// OpenCV refused an operation.
    #[error("picture operation: {0}")]
    OpenCv(#[from] opencv::Error),
    /// The ONNX Runtime library could not be loaded.
    #[error("ONNX Runtime `{path}`: {reason}")]
    Runtime {
        /// The library's path.
        path: String,
        /// Why.
        reason: String,
    },
    /// The model could not be loaded or is another one.
    #[error("model `{path}`: {reason}")]
    Model {
        /// The model's path.
        path: String,
        /// Why.
        reason: String,
    },
    /// An inference failed.
    #[error("inference: {0}")]
    Inference(String),
}
