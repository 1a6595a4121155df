//! A file that holds disk room in reserve, so that dropping rows can itself be written when the disk is full.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// Smallest and largest reserve, bytes.
const RANGE_BYTES: std::ops::RangeInclusive<u64> = 64 * 1024..=4 * 1024 * 1024;

/// The reserve's file, there or not.
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
}

impl Reserve {
    /// Where the reserve of an outbox of `max_bytes` lies. Nothing is written yet.
    pub(super) fn new(path: PathBuf, max_bytes: u64) -> Reserve {
        Reserve { path, bytes: (max_bytes / 64).clamp(*RANGE_BYTES.start(), *RANGE_BYTES.end()) }
    }

    /// Gives the room back to the disk.
    pub(super) fn release(&self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the outbox's reserve cannot be given back");
            }
            _ => {}
        }
    }

    /// How much is in reserve now, bytes.
    pub(super) fn held_bytes(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Takes the room if the disk has several times as much; a small disk gets a smaller reserve.
    /// Returns whether there is a reserve now.
    pub(super) fn lay_aside(&self) -> bool {
        if self.path.exists() {
            return true;
        }
        let mut bytes = self.bytes;
        while bytes >= *RANGE_BYTES.start() {
            if self.free_bytes() >= bytes * 4 {
                match self.write(bytes) {
                    Ok(()) => return true,
                    Err(error) => {
                        tracing::debug!(%error, "no reserve for the outbox");
                        self.release();
                    }
                }
            }
            bytes /= 4;
        }
        false
    }

    fn free_bytes(&self) -> u64 {
        let Some(dir) = self.path.parent() else { return 0 };
        nix::sys::statvfs::statvfs(dir)
            .map_or(0, |figures| figures.blocks_available() * figures.fragment_size())
    }

    fn write(&self, bytes: u64) -> std::io::Result<()> {
        let mut file = File::create(&self.path)?;
        // Not zeros: a file system that compresses would keep no room for those.
        let mut word = 0x9e37_79b9_7f4a_7c15_u64;
        let mut block = Vec::with_capacity(64 * 1024);
        for _ in 0..bytes / (64 * 1024) {
            block.clear();
            while block.len() < 64 * 1024 {
                word ^= word << 13;
                word ^= word >> 7;
                word ^= word << 17;
                block.extend_from_slice(&word.to_le_bytes());
            }
            file.write_all(&block)?;
        }
        file.sync_all()
    }
}
