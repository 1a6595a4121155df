//! Sources: from a camera's address to single frames. First in the data's way; what comes out goes to `detect`.
//!
//! A [`Stream`] is one fallible pass over a source: it is opened, delivers frames, and ends or fails. Whoever holds it
//! decides about the next pass, with [`Backoff`] and [`Presence`], which know no clock. What always holds: a frame
//! that is not analysed is dropped before any conversion, and analysis never waits in a queue of frames.

mod backoff;
mod frame;
mod limiter;
mod presence;
mod slot;
mod stream;
mod times;

pub use backoff::Backoff;
pub use frame::{Frame, FrameError, Masks};
pub use presence::{Change, Presence};
pub use stream::{Next, Pacing, SourceError, SourceSpec, Stream, check_url};
