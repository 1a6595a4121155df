//! One camera from its address to the outbox: source → analysis → snapshot → delivery. The only file that knows all
//! stages.
//!
//! A camera has one thread. Its outer loop opens the source again after each end, with back-off; the inner one takes
//! frames. What always holds: whatever a stream does, it ends in the camera's health, its `camera_lost` and the log,
//! and never in another camera.

use crate::analysis::{Analysis, Findings};
use crate::clock;
use crate::config::SourceSettings;
use crate::facts::{Facts, ground_of};
use crate::health::{Meter, Stages};
use crate::snapshot;
use crate::source::{Backoff, Change, Frame, Masks, Next, Pacing, Presence, SourceSpec, Stream};
use crate::view::ViewStore;
use chrono::{DateTime, TimeDelta, Utc};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{CameraId, EndReason, Fact, Measure, Message, Phase, Why};
use ngatu_scene::{Ground, Output};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long the thread waits for a frame before it looks after other things.
const PATIENCE: Duration = Duration::from_millis(100);
/// A pass that gave usable frames for so long was healthy: the next failure waits briefly again.
const HEALTHY_AFTER: Duration = Duration::from_secs(10);
/// While the camera is lost, the scene hears of it so often.
const INTERRUPT_EVERY: Duration = Duration::from_secs(1);

/// No frame is under way for longer.
const LONGEST_WAY: TimeDelta = TimeDelta::minutes(1);

/// What the camera's health says while its rules are suspended.
const SUSPENDED: &str = "the picture is covered, blurred, frozen or turned away: the rules are suspended";

/// What it says while the camera shows a view that nobody has confirmed.
const ADOPTED: &str = "the camera shows another view than the confirmed one: zones may lie elsewhere, and nothing is \
                       measured over ground; calibrate it anew, or confirm the view by another `view` number";

/// Where messages and pictures go.
pub trait Delivery: Send + Sync {
    /// Takes messages; returns when they are safe. What cannot be taken is the receiver's to count and report.
    fn push(&self, messages: Vec<Message>);
    /// Keeps an event's picture and returns its name, or nothing when it could not be kept.
    fn keep(&self, camera: &CameraId, jpeg: &[u8], taken_at: DateTime<Utc>) -> Option<String>;
    /// Takes a camera's newest still.
    fn newest(&self, camera: &CameraId, jpeg: Vec<u8>, taken_at: DateTime<Utc>);
}

/// What a camera's thread needs.
pub struct Setup {
    /// The camera.
    pub camera: CameraConfig,
    /// Its analysis.
    pub analysis: Analysis,
    /// The version of the configuration in force.
    pub config: Arc<AtomicU64>,
    /// See [`Facts::track_base`].
    pub track_base: u64,
    /// When the source counts as broken.
    pub source: SourceSettings,
    /// Where the views of cameras are kept; `None` keeps none.
    pub views: Option<PathBuf>,
    /// How often the newest still goes out.
    pub picture_every: Duration,
    /// Where messages and pictures go.
    pub delivery: Arc<dyn Delivery>,
    /// The camera's meters.
    pub meter: Arc<Meter>,
    /// Ends the thread.
    pub stop: CancellationToken,
}

/// How a pass over the source ended.
enum Pass {
    Stopped,
    Ended,
    Failed(String),
}

/// A camera at work.
pub struct Pipeline {
    ground: Option<Ground>,
    setup: Setup,
    presence: Presence,
    stages: Stages,
    begun: Instant,
    usable_since: Option<Duration>,
    /// Whether this pass gave a frame, usable or not: a file that gave none is not looped.
    played: bool,
    next_picture: Duration,
    next_interrupt: Duration,
    /// Up to when something was said of the camera: no frame is before that, also one that was under way for long.
    told_until: DateTime<Utc>,
}

impl Pipeline {
    /// A camera that is ready to run.
    #[must_use]
    pub fn new(setup: Setup) -> Pipeline {
        Pipeline {
            ground: ground_of(&setup.camera),
            presence: Presence::new(setup.source.lost_after, Duration::ZERO),
            setup,
            stages: Stages::default(),
            begun: clock::instant(),
            usable_since: None,
            played: false,
            next_picture: Duration::ZERO,
            next_interrupt: Duration::ZERO,
            told_until: DateTime::UNIX_EPOCH,
        }
    }

    /// Runs until it is stopped; then everything active has ended and the last windows are out.
    pub fn run(mut self) {
        let camera = self.setup.camera.id.clone();
        // Only now: whoever had the camera before has written by now what it knew.
        if let Some(dir) = &self.setup.views {
            let store = ViewStore::new(dir, &self.setup.camera);
            self.setup.analysis.keep_views_in(store, &self.setup.camera);
        }
        let mut backoff = Backoff::default();
        while !self.setup.stop.is_cancelled() {
            self.usable_since = None;
            self.played = false;
            let end = self.pass();
            let healthy = self.usable_since.is_some_and(|since| self.elapsed() - since >= HEALTHY_AFTER);
            let played = self.played;
            if healthy {
                backoff.reset();
            }
            let reason = match end {
                Pass::Stopped => break,
                Pass::Ended if self.setup.camera.repeat && played => {
                    // The picture jumps to the beginning: nobody goes on from where they were.
                    self.interrupt();
                    continue;
                }
                Pass::Ended if self.setup.camera.url.starts_with("file:") => {
                    self.failed("the file has ended");
                    self.wait(None);
                    break;
                }
                Pass::Ended => "the stream ended".to_owned(),
                Pass::Failed(reason) => reason,
            };
            let wait = backoff.wait();
            tracing::warn!(%camera, reason, retry_in_s = wait.as_secs_f64(), "source broke");
            self.failed(&reason);
            self.wait(Some(wait));
            self.setup.meter.write(|readings| readings.restarts += 1);
        }
        let output = self.setup.analysis.finish(clock::now()).clone();
        self.deliver(&output, None);
        self.setup.meter.write(|readings| readings.online = false);
    }

    /// Opens the source and takes frames until it ends.
    fn pass(&mut self) -> Pass {
        let camera = &self.setup.camera;
        let spec = SourceSpec {
            url: camera.url.clone(),
            pacing: Pacing::Newest,
            fps: Some(camera.analysis_fps),
            masks: Masks::new(&camera.privacy_masks),
        };
        let stream = match Stream::open(&spec) {
            Ok(stream) => stream,
            Err(error) => return Pass::Failed(error.to_string()),
        };
        let mut last_frame = self.elapsed();
        let mut counted = 0;
        loop {
            if self.setup.stop.is_cancelled() {
                return Pass::Stopped;
            }
            let next = stream.next(PATIENCE);
            let decoded = stream.decoded();
            self.setup.meter.write(|readings| readings.frames_in += decoded - counted);
            counted = decoded;
            match next {
                Next::Frame(mut frame) => {
                    last_frame = self.elapsed();
                    self.played = true;
                    // A clock that was set back is another matter: nothing is under way for so long.
                    if self.told_until - frame.at < LONGEST_WAY {
                        frame.at = frame.at.max(self.told_until);
                    }
                    self.frame(&frame);
                }
                Next::Ended => return Pass::Ended,
                Next::Failed(error) => return Pass::Failed(error.to_string()),
                Next::Nothing => {
                    self.absent();
                    // At less than a frame in five seconds, waiting longer is not stalling.
                    let slow = Duration::from_secs_f64(2.0 / self.setup.camera.analysis_fps);
                    let limit = self.setup.source.stall_after.max(slow);
                    if self.elapsed() - last_frame > limit {
                        return Pass::Failed(format!("no frame for {} s", limit.as_secs_f64()));
                    }
                }
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let meter = self.setup.meter.clone();
        let mut size_changed = false;
        meter.write(|readings| {
            let size = (frame.width_px(), frame.height_px());
            size_changed = readings.width_px != 0 && (readings.width_px, readings.height_px) != size;
            (readings.width_px, readings.height_px) = size;
            readings.analysed += 1;
        });
        if size_changed {
            let (width_px, height_px) = (frame.width_px(), frame.height_px());
            tracing::info!(camera = %self.setup.camera.id, width_px, height_px, "the stream changed its size");
        }
        match self.setup.analysis.look(frame, &mut self.stages) {
            Ok(Findings { blank: Some(brightness), output, .. }) => {
                let output = output.clone();
                self.deliver(&output, Some(frame));
                // The source is there, and the scene knows what its picture is worth.
                self.next_interrupt = self.elapsed() + INTERRUPT_EVERY;
                self.unusable(&format!("the picture is blank (brightness {brightness:.0} of 255)"));
            }
            Ok(findings) => {
                let (output, looked) = (findings.output.clone(), findings.looked);
                meter.write(|readings| readings.looked += u64::from(looked));
                self.present(frame.at);
                let analysis = &self.setup.analysis;
                let note = if analysis.scene().is_suspended() {
                    Some(SUSPENDED)
                } else {
                    analysis.shows_adopted_view().then_some(ADOPTED)
                };
                if let Some(note) = note {
                    meter.write(|readings| readings.error = Some(note.to_owned()));
                }
                self.deliver(&output, Some(frame));
            }
            Err(error) => self.unusable(&error.to_string()),
        }
        // A blank picture is shown as well: the operator sees what the camera sees.
        if self.elapsed() >= self.next_picture {
            self.next_picture = self.elapsed() + self.setup.picture_every;
            let begun = clock::instant();
            match snapshot::still(frame) {
                Ok(jpeg) => self.setup.delivery.newest(&self.setup.camera.id, jpeg, frame.at),
                Err(error) => tracing::warn!(camera = %self.setup.camera.id, %error, "no still"),
            }
            self.stages.add("snapshot", clock::instant() - begun);
        }
        meter.add_stages(&mut self.stages);
    }

    /// A usable frame arrived.
    fn present(&mut self, at: DateTime<Utc>) {
        let now = self.elapsed();
        self.usable_since.get_or_insert(now);
        self.setup.meter.write(|readings| {
            readings.online = true;
            readings.error = None;
        });
        if self.presence.usable(now) == Some(Change::Back) {
            tracing::info!(camera = %self.setup.camera.id, "camera is back");
            let message = self.facts().camera_lost(Phase::End, at, Why::end(EndReason::ConditionEnded, []));
            self.setup.delivery.push(vec![message]);
        }
    }

    /// A frame arrived that shows nothing or cannot be analysed.
    fn unusable(&mut self, reason: &str) {
        let known = self.last_error();
        if known.as_deref() != Some(reason) {
            tracing::warn!(camera = %self.setup.camera.id, reason, "unusable frame");
        }
        self.setup.meter.write(|readings| readings.error = Some(reason.to_owned()));
        self.absent();
    }

    /// The pass failed.
    fn failed(&mut self, reason: &str) {
        self.setup.meter.write(|readings| readings.error = Some(reason.to_owned()));
        self.absent();
    }

    /// Time passes without a usable frame.
    fn absent(&mut self) {
        let now = self.elapsed();
        if self.presence.tick(now) == Some(Change::Lost) {
            let reason = self.last_error().unwrap_or_else(|| "no frame arrives".into());
            tracing::warn!(camera = %self.setup.camera.id, reason, "camera is lost");
            self.setup.meter.write(|readings| {
                readings.online = false;
                readings.error.get_or_insert_with(|| reason.clone());
            });
            let lost_after_s = self.setup.source.lost_after.as_secs_f64();
            let unseen = Fact::against(Measure::Unseen, lost_after_s, lost_after_s);
            let why = Why { facts: vec![unseen], ..Why::note(&reason) };
            let now = self.told_now();
            let message = self.facts().camera_lost(Phase::Start, now, why);
            self.setup.delivery.push(vec![message]);
        }
        if self.presence.is_lost() && now >= self.next_interrupt {
            self.interrupt();
        }
    }

    fn interrupt(&mut self) {
        self.next_interrupt = self.elapsed() + INTERRUPT_EVERY;
        let now = self.told_now();
        let output = self.setup.analysis.interrupt(now).clone();
        self.deliver(&output, None);
    }

    /// The time of something that is said without a frame.
    fn told_now(&mut self) -> DateTime<Utc> {
        self.told_until = clock::now();
        self.told_until
    }

    /// Waits until it is stopped, or for a time; the camera's absence goes on being told.
    fn wait(&mut self, time: Option<Duration>) {
        let until = time.map(|time| self.elapsed() + time);
        while !self.setup.stop.is_cancelled() && until.is_none_or(|until| self.elapsed() < until) {
            std::thread::sleep(PATIENCE);
            self.absent();
        }
    }

    /// Sends what the scene states; a start takes its picture along.
    fn deliver(&mut self, output: &Output, frame: Option<&Frame>) {
        let count = output.events.len() + output.observations.len() + output.trajectories.len();
        if count == 0 {
            return;
        }
        let mut messages = Vec::with_capacity(count);
        for event in &output.events {
            let picture = frame.filter(|_| event.phase == Phase::Start);
            let snapshot = picture.and_then(|frame| {
                let begun = clock::instant();
                let name = match snapshot::of_event(frame, event, output) {
                    Ok(jpeg) => self.setup.delivery.keep(&self.setup.camera.id, &jpeg, frame.at),
                    Err(error) => {
                        tracing::warn!(camera = %self.setup.camera.id, %error, "no snapshot");
                        None
                    }
                };
                self.stages.add("snapshot", clock::instant() - begun);
                name
            });
            messages.push(self.facts().event(event, snapshot));
        }
        let now = frame.map_or_else(clock::now, |frame| frame.at);
        messages.extend(output.observations.iter().map(|o| self.facts().observation(o, now)));
        messages.extend(output.trajectories.iter().map(|t| self.facts().trajectory(t)));
        self.setup.delivery.push(messages);
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            camera: &self.setup.camera,
            config: self.setup.config.load(Ordering::Relaxed),
            track_base: self.setup.track_base,
            model: self.setup.analysis.model(),
            // Where things are on the ground is not known on a view that nobody has confirmed.
            ground: self.ground.as_ref().filter(|_| !self.setup.analysis.shows_adopted_view()),
        }
    }

    fn last_error(&self) -> Option<String> {
        let mut error = None;
        self.setup.meter.write(|readings| error.clone_from(&readings.error));
        error
    }

    /// Time since the camera began, by the monotonic clock.
    fn elapsed(&self) -> Duration {
        clock::instant() - self.begun
    }
}
