//! Where the demo may work: a free port and a folder that the database's user can reach.

use anyhow::{Context, bail};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Says clearly when the port cannot be used, before anything is started.
///
/// # Errors
/// When something listens there, or it may not be bound.
pub fn free_port(port: u16) -> anyhow::Result<()> {
    match std::net::TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} on 127.0.0.1 is busy: something else listens there. Choose another: HTTP_PORT={} make demo",
            if port < u16::MAX { port + 1 } else { 8080 }
        ),
        Err(error) => {
            bail!("port {port} on 127.0.0.1 cannot be used: {error}. Choose another with HTTP_PORT")
        }
    }
}

/// The demo's folder, empty. As root the private database runs as another user, who must be able to get there.
///
/// # Errors
/// When it cannot be made, or another demo uses it.
pub fn data_dir(say: &impl Fn(&str)) -> anyhow::Result<PathBuf> {
    let beside = std::env::current_dir()?.join("demo-data");
    let dir = if nix::unistd::geteuid().is_root() && !others_can_enter(&beside) {
        let elsewhere = PathBuf::from("/var/tmp/ngatu-demo-data");
        say(&format!(
            "{} cannot be reached by the database's user; the demo's data is in {}",
            beside.display(),
            elsewhere.display()
        ));
        elsewhere
    } else {
        beside
    };
    std::fs::create_dir_all(&dir)?;
    let lock = std::fs::File::create(dir.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!("another demo uses {}: end it first", dir.display());
    }
    for entry in std::fs::read_dir(&dir)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "lock") {
            continue;
        }
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.with_context(|| format!("removing the last demo's {}", path.display()))?;
    }
    // The lock lasts as long as the process.
    std::mem::forget(lock);
    say(&format!("data of this run: {} (begun anew each time, kept afterwards)", dir.display()));
    Ok(dir)
}

fn others_can_enter(dir: &Path) -> bool {
    dir.ancestors()
        .skip(1)
        .all(|folder| std::fs::metadata(folder).is_ok_and(|data| data.permissions().mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_what_to_do_about_it() {
        let other = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let said = free_port(port).unwrap_err().to_string();
        let next = if port < u16::MAX { port + 1 } else { 8080 };
        assert_eq!(
            said,
            format!(
                "port {port} on 127.0.0.1 is busy: something else listens there. Choose another: HTTP_PORT={next} make demo"
            )
        );
    }
}
