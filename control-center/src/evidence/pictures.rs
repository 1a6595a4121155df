//! The newest still of each camera: in memory, and on disk so that a restarted center has one at once.
//!
//! It is replaced every few seconds and is no evidence: a power cut may lose the last one.

use super::store::{Sync, blocking, found, write_beside};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A still and when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The JPEG.
    pub jpeg: Bytes,
    /// When, by the edge's clock; after a restart, the file's time.
    pub taken_at: DateTime<Utc>,
}

type Newest = Arc<Mutex<HashMap<(EdgeId, CameraId), Picture>>>;

/// The newest stills.
#[derive(Debug, Clone)]
pub struct Pictures {
    folder: PathBuf,
    newest: Newest,
}

impl Pictures {
    /// Opens, or makes, the folder `pictures` in the data directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data_dir: &Path) -> io::Result<Pictures> {
        let folder = data_dir.join("pictures");
        fs::create_dir_all(&folder)?;
        Ok(Pictures { folder, newest: Newest::default() })
    }

    /// Replaces a camera's still.
    ///
    /// # Errors
    /// When the disk refuses; the still is shown all the same.
    pub async fn replace(&self, edge: EdgeId, camera: CameraId, picture: Picture) -> io::Result<()> {
        let path = self.path(&edge, &camera);
        let jpeg = picture.jpeg.clone();
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).insert((edge, camera), picture);
        blocking(move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(write_beside(&path, &jpeg, Sync::Quick)?, path)
        })
        .await
    }

    /// A camera's newest still, when there is one.
    ///
    /// # Errors
    /// When the disk cannot read it.
    pub async fn newest(&self, edge: &EdgeId, camera: &CameraId) -> io::Result<Option<Picture>> {
        let key = (edge.clone(), camera.clone());
        if let Some(picture) = self.newest.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(picture.clone()));
        }
        let path = self.path(edge, camera);
        let read = blocking(move || {
            let Some(jpeg) = found(fs::read(&path))? else { return Ok(None) };
            let taken_at = fs::metadata(&path)?.modified()?.into();
            Ok(Some(Picture { jpeg, taken_at }))
        })
        .await?;
        let Some(picture) = read else { return Ok(None) };
        // An upload may have come in meanwhile; it is newer than the file.
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(newest.entry(key).or_insert(picture).clone()))
    }

    /// The names are of types that admit `a-z`, `0-9` and `-` only, so they cannot leave the folder.
    fn path(&self, edge: &EdgeId, camera: &CameraId) -> PathBuf {
        self.folder.join(edge.as_str()).join(format!("{camera}.jpg"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_still_is_there_after_a_restart_too() {
        let folder = tempfile::tempdir().unwrap();
        let (edge, camera) = (EdgeId::new("e").unwrap(), CameraId::new("c").unwrap());
        let pictures = Pictures::open(folder.path()).unwrap();
        assert_eq!(pictures.newest(&edge, &camera).await.unwrap(), None);
        let picture = Picture { jpeg: Bytes::from_static(b"1"), taken_at: crate::clock::now() };
        pictures.replace(edge.clone(), camera.clone(), picture.clone()).await.unwrap();
        let second = Picture { jpeg: Bytes::from_static(b"2"), ..picture };
        pictures.replace(edge.clone(), camera.clone(), second.clone()).await.unwrap();
        assert_eq!(pictures.newest(&edge, &camera).await.unwrap(), Some(second.clone()));
        let restarted = Pictures::open(folder.path()).unwrap();
        assert_eq!(restarted.newest(&edge, &camera).await.unwrap().unwrap().jpeg, second.jpeg);
    }
}
