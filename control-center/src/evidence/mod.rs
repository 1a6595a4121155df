//! Pictures from the edges: evidence on disk under its digest, and the newest still of each camera.
//!
//! Stands beside the messages' way: edges upload over HTTP, events refer to a digest. What always holds: a file under
//! a digest has that digest, and no name that came from outside is ever part of a path unless its type has checked it.

mod digest;
mod jpeg;
mod pictures;
mod store;

pub use digest::{Digest, DigestError};
pub use jpeg::{JpegError, check_jpeg};
pub use pictures::{Picture, Pictures};
pub use store::{Kept, Store};

/// Largest picture taken, bytes.
pub const MAX_PICTURE_BYTES: usize = 2 * 1024 * 1024;
