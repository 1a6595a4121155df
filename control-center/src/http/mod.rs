//! The REST API, the websocket and the built dashboard over HTTP/1.1.
//!
//! One file per resource; `crate::access` decides before a handler runs, `problem` turns every error into its answer.

mod listen;
mod ready;

pub use listen::{ListenError, bind, check_listen, serve};
pub use ready::{PartStatus, Parts};

use crate::live::Hub;
use sqlx::PgPool;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// What the handlers need from the rest of the center.
#[derive(Debug)]
pub struct Options {
    /// The database.
    pub pool: PgPool,
    /// Where `evidence/` and `pictures/` are kept.
    pub data_dir: PathBuf,
    /// Whether plain HTTP on a non-loopback address was asked for: the cookie loses its prefix, and every page says so.
    pub insecure: bool,
    /// The state of the center's parts, for `/readyz`.
    pub parts: watch::Receiver<Parts>,
    /// The live changes.
    pub hub: Hub,
}

/// The state that all handlers share; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Shared(#[allow(dead_code, reason = "read by the handlers, which come next")] Arc<Options>);

impl Shared {
    /// Prepares the folders of evidence and pictures.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn new(options: Options) -> std::io::Result<Shared> {
        Ok(Shared(Arc::new(options)))
    }
}
