//! The views of a camera on disk, so that a restart does not take a camera for untouched that was moved meanwhile.
//!
//! A file holds directions of outlines, coarse, and two numbers: no picture can be made of it. It is replaced as a whole;
//! one that is damaged, of another version or of another configuration is not used, and the view is learnt anew.

use super::known::Known;
use super::outlines::Outlines;
use super::sharpness::{Fineness, Sharpness};
use crate::files::replace;
use ngatu_protocol::CameraId;
use ngatu_protocol::camera::CameraConfig;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a file begins with; the last byte is the version of the layout.
const MAGIC: [u8; 8] = *b"NGATUVW\x01";
/// Files that are longer hold none of our fields.
const LONGEST_FILE: u64 = 4 << 20;
/// Largest side of a field, values.
const LONGEST_SIDE: u16 = 1024;
/// One in a field's bytes.
const ONE: f32 = 127.0;
/// How a file's name ends.
const ENDING: &str = "view";

/// Why a stored view is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// The file cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// It belongs to another address, mask, calibration or confirmed view.
    #[error("the configuration says another view")]
    Another,
}

/// What is kept of a camera.
#[derive(Clone)]
pub(super) struct Kept {
    /// The usual view.
    pub(super) usual: Known,
    /// The confirmed view, where the usual one was adopted.
    pub(super) confirmed: Option<Known>,
    /// Views that were adopted since the confirmed one.
    pub(super) adopted: u32,
}

/// Where a camera's views are kept.
#[derive(Clone)]
pub struct ViewStore {
    file: PathBuf,
    key: [u8; 32],
}

impl ViewStore {
    /// The store of a camera in a directory, which is made when it is missing.
    #[must_use]
    pub fn new(dir: &Path, camera: &CameraConfig) -> ViewStore {
        ViewStore { file: dir.join(format!("{}.{ENDING}", camera.id)), key: key(camera) }
    }

    /// Deletes the files of cameras that are not among these.
    ///
    /// # Errors
    /// When the directory cannot be read or a file cannot be deleted; a missing directory is none.
    pub fn tidy(dir: &Path, cameras: &BTreeSet<&CameraId>) -> std::io::Result<()> {
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let file = entry?.path();
            let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let ours = file.extension().is_some_and(|ending| ending == ENDING);
            if ours && cameras.iter().all(|camera| camera.as_str() != stem) {
                std::fs::remove_file(&file)?;
            }
        }
        Ok(())
    }

    /// What is kept; nothing when there is no file.
    pub(super) fn load(&self) -> Result<Option<Kept>, StoreError> {
        let length = match std::fs::metadata(&self.file) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if length > LONGEST_FILE {
            return Err(StoreError::Damaged("it is too long"));
        }
        decode(&std::fs::read(&self.file)?, &self.key).map(Some)
    }

    /// Replaces what is kept.
    pub(super) fn save(&self, kept: &Kept) -> Result<(), StoreError> {
        if let Some(dir) = self.file.parent() {
            std::fs::create_dir_all(dir)?;
        }
        Ok(replace(&self.file, &encode(kept, &self.key), 0o644)?)
    }
}

/// What a view belongs to: where the pictures come from, what is hidden in them, and what a person said of them. Names and
/// passwords are not part of it.
fn key(camera: &CameraConfig) -> [u8; 32] {
    let url = url::Url::parse(&camera.url).map_or_else(
        |_| camera.url.clone(),
        |mut url| {
            // Only addresses without a host refuse, and those have none.
            let _ = (url.set_username(""), url.set_password(None));
            url.into()
        },
    );
    let said = serde_json::json!([url, camera.privacy_masks, camera.calibration, camera.view]);
    Sha256::digest(said.to_string()).into()
}

fn encode(kept: &Kept, key: &[u8; 32]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(key);
    out.extend_from_slice(&kept.adopted.to_le_bytes());
    out.push(u8::from(kept.confirmed.is_some()));
    for known in std::iter::once(&kept.usual).chain(&kept.confirmed) {
        let (size, values) = known.outlines.values();
        out.extend(size.iter().flat_map(|side| side.to_le_bytes()));
        let Fineness { steep, share } = known.sharpness.usual();
        out.extend([steep, share].iter().flat_map(|number| number.to_le_bytes()));
        #[allow(clippy::cast_possible_truncation, reason = "a share of one, rounded, in -127..=127")]
        out.extend(values.iter().map(|value| (value * ONE).round() as i8).map(i8::cast_unsigned));
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    out
}

fn decode(bytes: &[u8], key: &[u8; 32]) -> Result<Kept, StoreError> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(StoreError::Damaged("it is too short"))?;
    if !body.starts_with(&MAGIC) {
        return Err(StoreError::Damaged("it begins otherwise, or is of another version"));
    }
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err(StoreError::Damaged("its sum is wrong"));
    }
    let mut rest = Reader(&body[MAGIC.len()..]);
    if rest.take::<32>()? != *key {
        return Err(StoreError::Another);
    }
    let adopted = u32::from_le_bytes(rest.take()?);
    let [has_confirmed] = rest.take()?;
    let usual = rest.known()?;
    let confirmed = if has_confirmed == 1 { Some(rest.known()?) } else { None };
    if !rest.0.is_empty() || has_confirmed > 1 || confirmed.is_some() != (adopted > 0) {
        return Err(StoreError::Damaged("its parts do not fit together"));
    }
    Ok(Kept { usual, confirmed, adopted })
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (taken, rest) =
            self.0.split_first_chunk::<N>().ok_or(StoreError::Damaged("it ends too early"))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn known(&mut self) -> Result<Known, StoreError> {
        let size = [u16::from_le_bytes(self.take()?), u16::from_le_bytes(self.take()?)];
        if size.iter().any(|side| !(1..=LONGEST_SIDE).contains(side)) {
            return Err(StoreError::Damaged("a field has no usable size"));
        }
        let (steep, share) = (f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?));
        if !(steep.is_finite() && steep >= 0.0 && (0.0..=1.0).contains(&share)) {
            return Err(StoreError::Damaged("a sharpness is none"));
        }
        let length = usize::from(size[0]) * usize::from(size[1]) * 2;
        let (field, rest) =
            self.0.split_at_checked(length).ok_or(StoreError::Damaged("a field ends too early"))?;
        self.0 = rest;
        let values: Vec<f32> = field.iter().map(|byte| f32::from(byte.cast_signed()) / ONE).collect();
        let outlines =
            Outlines::of_values(size, &values).map_err(|_| StoreError::Damaged("a field is none"))?;
        Ok(Known::recalled(outlines, Sharpness::of_usual(Fineness { steep, share })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(adopted: u32) -> Kept {
        let known = |tone: f32| {
            let values: Vec<f32> = (0..24_u8).map(|i| tone * f32::from(i) / 24.0).collect();
            let sharpness = Sharpness::of_usual(Fineness { steep: 1.5, share: 0.25 });
            Known::recalled(Outlines::of_values([3, 4], &values).unwrap(), sharpness)
        };
        Kept { usual: known(0.9), confirmed: (adopted > 0).then(|| known(-0.7)), adopted }
    }

    #[test]
    fn what_is_kept_comes_back_and_no_damaged_byte_goes_unnoticed() {
        let key = [7; 32];
        for adopted in [0, 3] {
            let bytes = encode(&kept(adopted), &key);
            let back = decode(&bytes, &key).unwrap();
            assert_eq!(encode(&back, &key), bytes);
            assert!(matches!(decode(&bytes, &[8; 32]), Err(StoreError::Another)));
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                bad[at] ^= 0x10;
                assert!(decode(&bad, &key).is_err(), "byte {at}");
                assert!(decode(&bytes[..at], &key).is_err(), "cut at {at}");
            }
        }
    }

    #[test]
    fn files_of_cameras_that_are_gone_are_deleted() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["north.view", "south.view", "other.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let north = CameraId::new("north").unwrap();
        ViewStore::tidy(dir.path(), &BTreeSet::from([&north])).unwrap();
        let left = |name: &str| dir.path().join(name).exists();
        assert!(left("north.view") && !left("south.view") && left("other.txt"));
    }
}
