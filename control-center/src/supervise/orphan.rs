//! Servers that an earlier center left behind: found by their process id, known by their command line.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::Duration;

/// Whether a process of that id lives whose command line holds `marker`, such as the data folder's path.
pub(crate) fn runs_with(pid: i32, marker: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|line| String::from_utf8_lossy(&line).replace('\0', " ").contains(marker))
}

/// Ends a left-behind server with each signal in turn until it is gone; does nothing to a process that is not ours.
pub(crate) async fn stop_orphan(pid: i32, marker: &str, signals: &[(Signal, Duration)]) {
    for (signal, patience) in signals {
        if !runs_with(pid, marker) {
            return;
        }
        tracing::info!(pid, %signal, marker, "ending a server that an earlier center left behind");
        let _ = kill(Pid::from_raw(pid), *signal);
        let gone = async {
            while runs_with(pid, marker) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = tokio::time::timeout(*patience, gone).await;
    }
}
