//! Child processes with a log each, and the directory that they work in.

use crate::clock;
use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// The path of one of the project's programs, beside the running one.
///
/// # Errors
/// When it was not built.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a program lies in a folder")?;
    let folder =
        if folder.ends_with("deps") { folder.parent().context("deps lies in a folder")? } else { folder };
    let path = folder.join(name);
    if !path.exists() {
        bail!(
            "{} is missing: run `cargo build -p edge-agent -p control-center -p ngatu-tests --bins` in the same profile first",
            path.display()
        );
    }
    Ok(path)
}

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// The programs that work in such a directory.
const PROGRAMS: [&str; 5] = ["control-center", "edge-agent", "virtual-edge", "postgres", "mosquitto"];

/// A directory of one test. Dropping it ends whichever of our programs still runs with a path in it in its command line,
/// such as the database of a center that was killed, and removes it.
#[derive(Debug)]
pub struct StackDir {
    path: PathBuf,
    keep: bool,
}

impl StackDir {
    /// A new directory under the system's temporary folder that other users can enter: as root, the private
    /// database runs as a user of its own.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(name: &str) -> anyhow::Result<StackDir> {
        let path = tempfile::Builder::new().prefix(&format!("ngatu-{name}-")).tempdir()?.keep();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(StackDir { path, keep: std::env::var_os("NGATU_KEEP").is_some() })
    }

    /// A directory at a fixed place that stays afterwards.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn at(path: &Path) -> anyhow::Result<StackDir> {
        std::fs::create_dir_all(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
        Ok(StackDir { path: path.canonicalize()?, keep: true })
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lines of its parts' logs that tell of a panic.
    #[must_use]
    pub fn panics(&self) -> Vec<String> {
        let (mut folders, mut found) = (vec![self.path.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let is_log = name == "log" || name.to_string_lossy().ends_with(".log");
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) if kind.is_file() && is_log => {
                        let bytes = std::fs::read(&path).unwrap_or_default();
                        let text = String::from_utf8_lossy(&bytes);
                        let panics = text.lines().filter(|line| line.contains("panicked"));
                        found.extend(panics.map(|line| format!("{}: {line}", path.display())));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// Processes of our programs, other than this one, whose command line holds the directory, with that line.
    #[must_use]
    pub fn processes(&self) -> Vec<(i32, String)> {
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
            .filter(|pid| *pid != own)
            .filter_map(|pid| {
                let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
                let line = String::from_utf8_lossy(&line);
                works_in(&line, &self.path).then(|| (pid, line.replace('\0', " ")))
            })
            .collect()
    }
}

/// Whether a command line, whose words end with NUL, is that of one of [`PROGRAMS`] and names the folder or what is in it.
fn works_in(line: &str, folder: &Path) -> bool {
    let mut words = line.split('\0');
    let program = words.next().and_then(|word| Path::new(word).file_name()?.to_str());
    let folder = folder.display().to_string();
    program.is_some_and(|name| PROGRAMS.contains(&name))
        && words.any(|word| {
            let mut ends = word.match_indices(&folder).map(|(at, _)| &word[at + folder.len()..]);
            ends.any(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

impl Drop for StackDir {
    fn drop(&mut self) {
        for (pid, _) in self.processes() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        if self.keep || std::thread::panicking() {
            eprintln!("kept {}", self.path.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// A running child. Dropping it ends it: first politely, then not.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command with both outputs in a log file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, mut command: Command, log: &Path) -> anyhow::Result<Process> {
        let file = File::options().create(true).append(true).open(log)?;
        let child = command
            // A group of its own: Ctrl-C in a terminal is for the program that ends the others in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Process { name: name.into(), child, log: log.to_path_buf() })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(i32::MAX)
    }

    /// Its exit status, when it has ended.
    #[must_use]
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Kills it with -9 and reaps it.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(self.pid()), signal);
    }

    /// Asks it to end and waits; past the deadline it is killed and that is an error.
    ///
    /// # Errors
    /// When it did not end by itself.
    pub fn stop(&mut self, deadline: Duration) -> anyhow::Result<ExitStatus> {
        if let Some(status) = self.ended() {
            return Ok(status);
        }
        self.signal(Signal::SIGTERM);
        let end = clock::instant() + deadline;
        while clock::instant() < end {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.kill9();
        bail!("{} did not end within {deadline:?} of SIGTERM:\n{}", self.name, self.log_tail(20))
    }

    /// The whole log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last lines of the log.
    #[must_use]
    pub fn log_tail(&self, lines: usize) -> String {
        let log = self.log();
        let all: Vec<_> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// Resident memory, bytes.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        resident_bytes(self.pid())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop(Duration::from_secs(8));
    }
}

/// A process's resident memory, bytes; 0 when it is gone.
#[must_use]
pub fn resident_bytes(pid: i32) -> u64 {
    status_bytes(pid, "VmRSS:")
}

/// The most resident memory that a process ever had, bytes; 0 when it is gone.
#[must_use]
pub fn peak_resident_bytes(pid: i32) -> u64 {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: i32, key: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processor time that a process has used, seconds, its ended children included.
#[must_use]
pub fn cpu_s(pid: i32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: f64 = fields.iter().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_what_was_resident_once_and_not_what_is_now() {
        let own = i32::try_from(std::process::id()).unwrap();
        let before = resident_bytes(own);
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        assert!(peak_resident_bytes(own) >= before + (60 << 20), "{before}");
        assert!(peak_resident_bytes(own) >= resident_bytes(own) && resident_bytes(own) > 0);
        assert_eq!(peak_resident_bytes(i32::MAX), 0);
    }

    #[test]
    fn a_panic_in_any_log_below_the_directory_is_found() {
        let dir = StackDir::new("panics").unwrap();
        std::fs::create_dir_all(dir.path().join("edges/a")).unwrap();
        std::fs::write(dir.path().join("center.log"), "started\n").unwrap();
        assert!(dir.panics().is_empty());
        std::fs::write(dir.path().join("edges/a/log"), "fine\nthread 'x' panicked at y\n").unwrap();
        assert_eq!(dir.panics().len(), 1, "{:?}", dir.panics());
    }

    #[test]
    fn only_our_own_programs_in_the_very_folder_are_taken_for_a_stacks() {
        let works = |line: &str| works_in(&line.replace(' ', "\0"), Path::new("/srv/demo-data"));
        assert!(works("/usr/lib/postgresql/15/bin/postgres -D /srv/demo-data/postgres/data -k /tmp"));
        assert!(works("target/debug/control-center run --config /srv/demo-data/center.toml"));
        assert!(works("mosquitto -c=/srv/demo-data"));
        // Somebody who reads its log, an editor, a neighbour, another center that only begins the same.
        assert!(!works("less /srv/demo-data/center.log"));
        assert!(!works("/usr/bin/vim /srv/demo-data/edge-agent"));
        assert!(!works("edge-agent run --config /srv/demo-data-2/e.toml"));
        assert!(!works("/srv/demo-data/edge-agent run --config /etc/edge.toml"));
        assert!(!works(""));
    }
}
