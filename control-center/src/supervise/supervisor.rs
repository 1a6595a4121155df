//! The task that keeps one server running until it is told to stop.

use super::backoff::Backoff;
use super::process::Running;
use super::{Server, Status};
use crate::clock;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How a server is kept and stopped.
pub(crate) struct Keeping {
    /// Its name on the status board.
    pub(crate) part: &'static str,
    /// What it is sent to stop, in order, with the patience after each.
    pub(crate) stop_signals: &'static [(Signal, Duration)],
    /// Run before each start.
    pub(crate) before_start: Box<dyn Fn() + Send + Sync>,
}

/// The handle of a kept server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    stop: CancellationToken,
    task: JoinHandle<()>,
    pid: watch::Receiver<Option<Pid>>,
}

impl Supervisor {
    /// Starts the server and keeps it running.
    pub(crate) fn start(server: Server, keeping: Keeping, status: Status) -> Supervisor {
        let stop = CancellationToken::new();
        let (tell_pid, pid) = watch::channel(None);
        let task = tokio::spawn(keep(server, keeping, status, stop.clone(), tell_pid));
        Supervisor { stop, task, pid }
    }

    /// The process id while it runs.
    pub(crate) fn pid(&self) -> Option<Pid> {
        *self.pid.borrow()
    }

    /// Sends a signal, if it runs.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = kill(pid, signal);
        }
    }

    /// Stops the server and waits for its end.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let _ = self.task.await;
    }
}

async fn keep(
    server: Server,
    keeping: Keeping,
    status: Status,
    stop: CancellationToken,
    tell_pid: watch::Sender<Option<Pid>>,
) {
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        (keeping.before_start)();
        let started = clock::instant();
        let how = match server.spawn() {
            Ok(mut running) => {
                tell_pid.send_replace(Some(running.pid));
                status.set(keeping.part, true, "runs");
                tokio::select! {
                    how = &mut running.ended => how.unwrap_or_else(|_| "its end was not seen".into()),
                    () = stop.cancelled() => {
                        end(running, keeping.stop_signals).await;
                        return;
                    }
                }
            }
            Err(error) => format!("{}: {error}", server.program.display()),
        };
        tell_pid.send_replace(None);
        let delay = backoff.after(started.elapsed());
        status.set(
            keeping.part,
            false,
            format!("ended ({how}), starting again; see {}", server.log.display()),
        );
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn end(mut running: Running, signals: &[(Signal, Duration)]) {
    for (signal, patience) in signals {
        let _ = kill(running.pid, *signal);
        if tokio::time::timeout(*patience, &mut running.ended).await.is_ok() {
            return;
        }
    }
}
