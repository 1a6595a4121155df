//! Evidence on disk: `{data_dir}/evidence/ab/abcd….jpg`, written beside and renamed, so that a reader never sees half.

use super::Digest;
use bytes::Bytes;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The folder of evidence.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// What keeping a picture came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was new.
    New,
    /// It was there already.
    Known,
}

impl Store {
    /// Opens, or makes, the folder `evidence` in the data directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data_dir: &Path) -> io::Result<Store> {
        let folder = data_dir.join("evidence");
        fs::create_dir_all(&folder)?;
        Ok(Store { folder })
    }

    /// Keeps a picture whose digest the caller has checked; when this returns it survives a power cut.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keep(&self, digest: Digest, jpeg: Bytes) -> io::Result<Kept> {
        let path = digest.path_in(&self.folder);
        blocking(move || {
            if path.exists() {
                return Ok(Kept::Known);
            }
            write_durably(&path, &jpeg)?;
            Ok(Kept::New)
        })
        .await
    }

    /// Forgets a picture; one that is gone already is no error.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn delete(&self, digest: &Digest) -> io::Result<()> {
        let path = digest.path_in(&self.folder);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// A picture, when it is there.
    ///
    /// # Errors
    /// When the disk cannot read it.
    pub async fn read(&self, digest: &Digest) -> io::Result<Option<Bytes>> {
        let path = digest.path_in(&self.folder);
        blocking(move || found(fs::read(path))).await
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let beside = write_beside(path, bytes, Sync::Durable)?;
    fs::rename(beside, path)?;
    // The folder holds the name, and its parent holds the folder when it is new.
    File::open(folder)?.sync_all()?;
    if let Some(parent) = folder.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Whether a write must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    Durable,
    Quick,
}

/// Writes to a new name beside `path`; concurrent writers get different names.
pub(super) fn write_beside(path: &Path, bytes: &[u8], sync: Sync) -> io::Result<PathBuf> {
    let beside = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        if sync == Sync::Durable { file.sync_all() } else { Ok(()) }
    });
    if let Err(error) = written {
        // Best effort: the disk that refused the write may refuse this too, and the first error is the one to tell.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    Ok(beside)
}

pub(super) fn found(read: io::Result<Vec<u8>>) -> io::Result<Option<Bytes>> {
    match read {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_picture_is_kept_once_and_read_back_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let jpeg = Bytes::from_static(b"\xFF\xD8\xFF\xE0..\xFF\xD9");
        let digest = Digest::of(&jpeg);
        assert_eq!(store.read(&digest).await.unwrap(), None);
        assert_eq!(store.keep(digest.clone(), jpeg.clone()).await.unwrap(), Kept::New);
        assert_eq!(store.keep(digest.clone(), jpeg.clone()).await.unwrap(), Kept::Known);
        assert_eq!(store.read(&digest).await.unwrap(), Some(jpeg));
        let beside = digest.path_in(&store.folder);
        assert_eq!(fs::read_dir(beside.parent().unwrap()).unwrap().count(), 1);
        for _ in 0..2 {
            store.delete(&digest).await.unwrap();
            assert_eq!(store.read(&digest).await.unwrap(), None);
        }
    }
}
