//! The spool: one file per picture, named by time, camera and digest, so that a listing is all that a restart needs.

use chrono::{DateTime, Utc};
use ngatu_protocol::CameraId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where pictures go that the center will never take; the newest of them are kept for a look.
const REFUSED: &str = "refused";
const REFUSED_FILES: usize = 20;

/// The name of a picture, as events carry it.
pub(super) fn digest(jpeg: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(jpeg)))
}

/// One picture that waits.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The file's name; sorts by time.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) camera: CameraId,
    pub(super) digest: String,
}

struct Entry {
    camera: CameraId,
    digest: String,
    bytes: u64,
}

pub(super) struct Spool {
    dir: PathBuf,
    max_bytes: u64,
    /// By file name, hence by time.
    entries: BTreeMap<String, Entry>,
    bytes: u64,
    dropped: u64,
}

impl Spool {
    pub(super) fn open(dir: PathBuf, max_bytes: u64) -> io::Result<Spool> {
        fs::create_dir_all(dir.join(REFUSED))?;
        let mut spool = Spool { dir, max_bytes, entries: BTreeMap::new(), bytes: 0, dropped: 0 };
        for file in fs::read_dir(&spool.dir)? {
            let file = file?;
            let Ok(name) = file.file_name().into_string() else { continue };
            if name.ends_with(".tmp") {
                // Half of a picture from before a crash; its event was not sent either.
                fs::remove_file(file.path())?;
            } else if let Some((camera, digest)) = read_name(&name) {
                let bytes = file.metadata()?.len();
                spool.bytes += bytes;
                spool.entries.insert(name, Entry { camera, digest, bytes });
            }
        }
        Ok(spool)
    }

    pub(super) fn count(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Writes a picture so that it is there as a whole or not at all, making room first.
    pub(super) fn keep(
        &mut self,
        camera: &CameraId,
        jpeg: &[u8],
        taken_at: DateTime<Utc>,
    ) -> io::Result<String> {
        let digest = digest(jpeg);
        let bytes = jpeg.len() as u64;
        let name = format!(
            "{:020}.{camera}.{}.jpg",
            taken_at.timestamp_micros().max(0),
            digest.trim_start_matches("sha256:")
        );
        if self.entries.contains_key(&name) {
            return Ok(digest);
        }
        while self.bytes + bytes > self.max_bytes
            && let Some(oldest) = self.entries.keys().next().cloned()
        {
            self.dropped += 1;
            self.remove(&oldest)?;
        }
        let mut written = write_whole(&self.dir, &name, jpeg);
        // A full disk: older pictures make room for newer ones.
        while written.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::StorageFull)
            && let Some(oldest) = self.entries.keys().next().cloned()
        {
            self.dropped += 1;
            self.remove(&oldest)?;
            written = write_whole(&self.dir, &name, jpeg);
        }
        written?;
        self.bytes += bytes;
        self.entries.insert(name, Entry { camera: camera.clone(), digest: digest.clone(), bytes });
        Ok(digest)
    }

    /// The oldest picture of those that may go.
    pub(super) fn oldest(&self, may_go: impl Fn(&str) -> bool) -> Option<Item> {
        let (name, entry) = self.entries.iter().find(|(name, _)| may_go(name))?;
        Some(Item {
            name: name.clone(),
            path: self.dir.join(name),
            camera: entry.camera.clone(),
            digest: entry.digest.clone(),
        })
    }

    fn forget(&mut self, name: &str) {
        if let Some(entry) = self.entries.remove(name) {
            self.bytes -= entry.bytes;
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> io::Result<()> {
        self.forget(name);
        match fs::remove_file(self.dir.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a picture out of the way together with the reason.
    pub(super) fn set_aside(&mut self, name: &str, reason: &str) -> io::Result<()> {
        if !self.entries.contains_key(name) {
            return Ok(());
        }
        self.forget(name);
        let refused = self.dir.join(REFUSED);
        fs::rename(self.dir.join(name), refused.join(name))?;
        fs::write(refused.join(format!("{name}.reason.txt")), reason)?;
        let mut names = Vec::new();
        for file in fs::read_dir(&refused)? {
            names.push(file?.path());
        }
        names.sort();
        let surplus = names.len().saturating_sub(2 * REFUSED_FILES);
        names.iter().take(surplus).try_for_each(fs::remove_file)
    }
}

fn read_name(name: &str) -> Option<(CameraId, String)> {
    let mut parts = name.strip_suffix(".jpg")?.split('.');
    let (time, camera, hex) = (parts.next()?, parts.next()?, parts.next()?);
    let digest = format!("sha256:{hex}");
    let whole = parts.next().is_none() && time.bytes().all(|b| b.is_ascii_digit());
    ngatu_protocol::event::check_snapshot(&digest).ok()?;
    whole.then_some(())?;
    Some((CameraId::new(camera).ok()?, digest))
}

fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let half = dir.join(format!("{name}.tmp"));
    let write = || -> io::Result<()> {
        let mut file = File::create(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, dir.join(name))?;
        File::open(dir)?.sync_all()
    };
    write().inspect_err(|_| {
        // Nothing to do about a half that cannot be removed: the next start removes it.
        let _ = fs::remove_file(&half);
    })
}
