//! One server process: how it is started, and how its end is noticed.

use super::Account;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::sync::oneshot;

/// A log is begun anew when it is larger than this at a start, bytes.
const LOG_LIMIT: u64 = 16 * 1024 * 1024;

/// What to start.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// The program's path.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<OsString>,
    /// The user to drop to, when we are root.
    pub(crate) account: Option<Account>,
    /// What the kernel sends it when the center is killed.
    pub(crate) death_signal: Signal,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// Where its process id is noted for the next center.
    pub(crate) pid_file: Option<PathBuf>,
}

/// A started server.
pub(crate) struct Running {
    pub(crate) pid: Pid,
    /// How it ended, for people.
    pub(crate) ended: oneshot::Receiver<String>,
}

/// Finds a program in `PATH` and in the folders of system programs.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|dir| dir.join(name)).find(|path| path.is_file())
}

impl Server {
    /// A command that runs `program` as the server's user, in a process group of its own so that a Ctrl-C in the terminal
    /// reaches only the center. `setpriv` adds the parent-death signal.
    pub(crate) fn command(&self) -> Command {
        let mut command = match find_program("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.arg("--pdeathsig").arg(self.death_signal.as_str().trim_start_matches("SIG"));
                if let Some(account) = &self.account {
                    command.arg(format!("--reuid={}", account.uid)).arg(format!("--regid={}", account.gid));
                    command.arg("--init-groups");
                }
                command.arg("--").arg(&self.program);
                command
            }
            None => {
                let mut command = Command::new(&self.program);
                if let Some(account) = &self.account {
                    command.uid(account.uid).gid(account.gid);
                }
                command
            }
        };
        command.args(&self.args).current_dir("/").stdin(Stdio::null()).process_group(0);
        // Servers write messages that we show; a locale that is not installed would make them fail.
        command.env("LC_ALL", "C").env_remove("PGDATA").env_remove("PGPORT");
        command
    }

    /// Starts the server. Its end is awaited on a thread of its own, which also is its parent: the kernel sends the
    /// parent-death signal when the parent *thread* ends, so no pooled thread may start it.
    pub(crate) fn spawn(&self) -> io::Result<Running> {
        let log = open_log(&self.log)?;
        let mut command = self.command();
        command.stdout(log.try_clone()?).stderr(log);
        let (started, start) = std::sync::mpsc::channel();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new().name("server-parent".into()).spawn(move || match command.spawn() {
            Ok(mut child) => {
                let _ = started.send(Ok(child.id()));
                let how = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
                let _ = end.send(how);
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        })?;
        let pid = start.recv().map_err(io::Error::other)??;
        if let Some(file) = &self.pid_file {
            std::fs::write(file, pid.to_string())?;
        }
        Ok(Running { pid: Pid::from_raw(pid.cast_signed()), ended })
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    let begin_anew = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > LOG_LIMIT);
    OpenOptions::new().create(true).append(!begin_anew).write(true).truncate(begin_anew).open(path)
}
