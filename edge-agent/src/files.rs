//! Files that are replaced as a whole: a crash leaves the old one or the new one.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, remove_file, rename};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Writes beside and renames.
///
/// # Errors
/// When the file cannot be written; the old one is still there then.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_beside(path, bytes, mode)?;
    rename(beside(path), path)
}

/// Writes what is to take the file's name later, and waits until it is on disk: without that a power cut may leave the name
/// on an empty file.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_beside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = create(&beside(path), mode)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The name under which a file is written before it takes its own.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    name.into()
}

/// A new file in place of one that may be there.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn create(path: &Path, mode: u32) -> io::Result<File> {
    let _ = remove_file(path);
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}
