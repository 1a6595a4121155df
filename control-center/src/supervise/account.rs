//! Whose name a server runs under: as root a system user of its own, else ours.

use nix::unistd::{Uid, User};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The user that a server is dropped to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The user's name.
    pub(crate) name: String,
    /// The user's id.
    pub(crate) uid: u32,
    /// The user's group.
    pub(crate) gid: u32,
}

/// Why a server cannot run under its user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("as root the {0} server runs as user `{0}`, which does not exist: apt-get install {1}")]
    Missing(&'static str, &'static str),
    #[error("look up user `{0}`: {1}")]
    LookUp(String, #[source] nix::Error),
    #[error(
        "{0}: user `{1}` cannot pass through this folder to the data: chmod o+x {0}, or choose another data_dir"
    )]
    Unreachable(PathBuf, String),
    #[error("{0}: {1}")]
    Files(PathBuf, #[source] std::io::Error),
}

impl Account {
    /// The account to drop to when we are root; `None` when we are not and the server runs as we do.
    pub(crate) fn to_drop_to(
        user: &'static str,
        package: &'static str,
    ) -> Result<Option<Account>, AccountError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        let found = User::from_name(user).map_err(|error| AccountError::LookUp(user.into(), error))?;
        let found = found.ok_or(AccountError::Missing(user, package))?;
        Ok(Some(Account { name: found.name, uid: found.uid.as_raw(), gid: found.gid.as_raw() }))
    }
}

/// The name of the user that we run as; the number when it has none.
pub(crate) fn own_name() -> String {
    let uid = Uid::effective();
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// Gives a path to the server's user, with that mode.
pub(crate) fn own(path: &Path, account: Option<&Account>, mode: u32) -> Result<(), AccountError> {
    let failed = |error| AccountError::Files(path.into(), error);
    if let Some(account) = account {
        std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid)).map_err(failed)?;
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(failed)
}

/// Makes a folder of the server's user inside the data folder.
pub(crate) fn make_dir(
    data_dir: &Path,
    name: &str,
    account: Option<&Account>,
) -> Result<PathBuf, AccountError> {
    let dir = data_dir.join(name);
    std::fs::create_dir_all(&dir).map_err(|error| AccountError::Files(dir.clone(), error))?;
    own(&dir, account, 0o700)?;
    Ok(dir)
}

/// A server's user must be able to pass through every folder above its own. The data folder is ours to open;
/// those above are not.
pub(crate) fn check_reachable(data_dir: &Path, account: Option<&Account>) -> Result<(), AccountError> {
    let Some(account) = account else { return Ok(()) };
    for dir in data_dir.ancestors() {
        let failed = |error| AccountError::Files(dir.into(), error);
        let metadata = std::fs::metadata(dir).map_err(failed)?;
        let mode = metadata.mode();
        let passes = if metadata.uid() == account.uid {
            mode & 0o100 != 0
        } else if metadata.gid() == account.gid {
            mode & 0o010 != 0
        } else {
            mode & 0o001 != 0
        };
        if passes {
            continue;
        }
        if dir != data_dir {
            return Err(AccountError::Unreachable(dir.into(), account.name.clone()));
        }
        let opened = std::fs::Permissions::from_mode((mode & 0o7777) | 0o011);
        std::fs::set_permissions(dir, opened).map_err(failed)?;
    }
    Ok(())
}
