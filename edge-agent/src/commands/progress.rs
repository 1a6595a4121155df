//! How far a long analysis is, on stderr: in one line that is written over on a terminal, in a line now and then elsewhere.

use crate::clock;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// A terminal is written to at most this often.
const ON_TERMINAL: Duration = Duration::from_millis(500);
/// A file or pipe is written to at most this often.
const ELSEWHERE: Duration = Duration::from_secs(10);

/// Tells how far it is.
pub(super) struct Progress {
    length: Option<Duration>,
    begun: Instant,
    told: Instant,
    terminal: bool,
    wrote: bool,
}

impl Progress {
    /// For a video of this length, where it is known.
    pub(super) fn new(length: Option<Duration>) -> Progress {
        let now = clock::instant();
        Progress { length, begun: now, told: now, terminal: std::io::stderr().is_terminal(), wrote: false }
    }

    /// So many frames are analysed, and the last was this far into the video.
    pub(super) fn tell(&mut self, frames: u64, at: Duration) {
        let now = clock::instant();
        if now - self.told < if self.terminal { ON_TERMINAL } else { ELSEWHERE } {
            return;
        }
        self.told = now;
        let line = line(frames, at, (self.length, now - self.begun));
        if self.terminal {
            // What an older, longer line left is wiped out.
            eprint!("\r{line}\x1b[K");
            self.wrote = true;
        } else {
            eprintln!("{line}");
        }
    }

    /// Ends the line.
    pub(super) fn end(&self) {
        if self.wrote {
            eprintln!();
        }
    }
}

fn line(frames: u64, at: Duration, (length, took): (Option<Duration>, Duration)) -> String {
    let share = length.filter(|length| !length.is_zero()).map_or(String::new(), |length| {
        format!(", {:.0} %", (at.as_secs_f64() / length.as_secs_f64() * 100.0).min(100.0))
    });
    let fps = frames as f64 / took.as_secs_f64().max(1e-3);
    format!("{frames} frames, {:.0} s of video{share}, {fps:.1} frames/s", at.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_frames_time_share_and_speed() {
        let (at, took) = (Duration::from_secs(20), Duration::from_secs(4));
        let known = (Some(Duration::from_secs(80)), took);
        assert_eq!(line(100, at, known), "100 frames, 20 s of video, 25 %, 25.0 frames/s");
        assert_eq!(line(100, at, (None, took)), "100 frames, 20 s of video, 25.0 frames/s");
    }
}
