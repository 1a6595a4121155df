//! One camera's scene: the only place that knows tracker, rules and counts.

use crate::count::Counts;
use crate::paths::Paths;
use crate::rules::{Rules, Sight};
use crate::sizes::Sizes;
use crate::things::{Thing, Things};
use crate::trace::{Traces, Trajectory};
use crate::view::{View, Watch};
use crate::{BoxPx, Detection, FrameSize, Time, Track, Tracker};
use ngatu_protocol::camera::{CameraConfig, ConfigError};
use ngatu_protocol::{EndReason, EventKind, RuleId, ZoneId};

use std::sync::Arc;

pub use crate::count::SceneObservation;
pub use crate::rules::SceneEvent;

/// Aspect ratios that differ by no more than this are the same view in another resolution.
const SAME_ASPECT: f64 = 0.02;

/// A configuration that no scene can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// The configuration's own checks failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Config(Vec<ConfigError>),
    /// A rule of a kind that this version cannot detect.
    #[error("rule {rule}: kind `{kind}` is not built in this version")]
    NotBuilt {
        /// The rule.
        rule: RuleId,
        /// Its kind.
        kind: EventKind,
    },
    /// A rule about a zone that is not there.
    #[error("rule {rule}: there is no zone `{}`", .zone.as_ref().map_or("", ZoneId::as_str))]
    NoSuchZone {
        /// The rule.
        rule: RuleId,
        /// The zone that it names.
        zone: Option<ZoneId>,
    },
}

/// What one step found. Its memory is used again by the next step.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// The road users in the frame, in pixels of the frame.
    pub tracks: Vec<Track>,
    /// Things that stand still, as tracks of class `object`, where somebody looks for such; pixels of the frame.
    pub things: Vec<Track>,
    /// What the rules state.
    pub events: Vec<SceneEvent>,
    /// Windows that ended.
    pub observations: Vec<SceneObservation>,
    /// The ways of road users that have gone, or the first parts of ways that have grown long; none when the camera's
    /// `tracks` is off.
    pub trajectories: Vec<Trajectory>,
}

/// What was found in one frame.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// What the detector found, in pixels of the frame.
    pub detections: &'a [Detection],
    /// What stands still; `None` where nobody looks for things, and then they are sought among the tracks of class
    /// `object`.
    pub things: Option<&'a [Thing]>,
    /// Where something stood until this frame.
    pub left: &'a [BoxPx],
    /// What is known of the picture itself.
    pub view: &'a View,
}

/// Tracker, rules and counts of one camera.
#[derive(Debug, Clone)]
pub struct Scene {
    tracker: Tracker,
    /// Of a calibrated camera whose detector gives no classes.
    sizes: Option<Sizes>,
    paths: Paths,
    rules: Rules,
    counts: Counts,
    traces: Option<Traces>,
    things: Things,
    watch: Watch,
    camera: Arc<CameraConfig>,
    /// Whether what rests on the calibration is left out: the picture shows a view that nobody has confirmed.
    uncalibrated: bool,
    frame: Option<FrameSize>,
    last: Option<Time>,
    output: Output,
}

impl Scene {
    /// The scene of a camera.
    ///
    /// # Errors
    /// When the configuration fails its checks or asks for a kind of rule that is not built.
    pub fn new(camera: &CameraConfig) -> Result<Self, SceneError> {
        let errors = camera.check();
        if !errors.is_empty() {
            return Err(SceneError::Config(errors));
        }
        Ok(Self {
            tracker: Tracker::new(),
            sizes: Sizes::new(camera),
            paths: Paths::new(camera),
            rules: Rules::new(camera)?,
            counts: Counts::new(camera),
            traces: camera.tracks.then(Traces::default),
            things: Things::default(),
            watch: Watch::default(),
            camera: Arc::new(camera.clone()),
            uncalibrated: false,
            frame: None,
            last: None,
            output: Output::default(),
        })
    }

    /// Takes the detections of the frame at `now`, in pixels of a frame of this size.
    ///
    /// When the resolution changes and the aspect ratio does not, tracks and all that is active go on. When the aspect
    /// ratio changes too, it is another view: everything active ends, as in [`Scene::interrupt`]. The same when `now`
    /// is before the last frame (a looped file, a clock set back): what was active ends at the last frame's time and
    /// its window is given out as far as it was seen.
    pub fn step(&mut self, now: Time, frame: FrameSize, detections: &[Detection]) -> &Output {
        self.step_with(now, frame, (detections, &View::default()))
    }

    /// As [`Scene::step`], with what is known of the picture itself. While the picture is not what it usually is
    /// (covered, blinded, blurred, frozen, turned away), only the rules about the camera go on: all others end, no road
    /// user is followed, and the time is not covered by any observation.
    ///
    /// On a view that was adopted and that nobody has confirmed ([`View::adopted`]) the camera counts as not calibrated: no
    /// speed over ground is measured or counted, and what asks for one is not stated.
    pub fn step_with(
        &mut self,
        now: Time,
        frame: FrameSize,
        (detections, view): (&[Detection], &View),
    ) -> &Output {
        self.look(now, frame, &Look { detections, things: None, left: &[], view })
    }

    /// As [`Scene::step_with`], with the things that stand still, where somebody looks for such.
    pub fn look(&mut self, now: Time, frame: FrameSize, look: &Look<'_>) -> &Output {
        let Look { detections, things, view, .. } = *look;
        self.clear();
        self.come_to(now);
        self.fit(now, frame);
        self.trust_calibration(now, view.adopted == 0);
        if self.watch.step(now, view) {
            return self.suspended(now, view);
        }
        self.output.tracks.extend_from_slice(self.tracker.step(now, detections));
        if let Some(sizes) = self.sizes.as_mut().filter(|_| !self.uncalibrated) {
            sizes.step(now, frame, &mut self.output.tracks);
        }
        if let Some(things) = things {
            self.things.step(now, things, &mut self.tracker, &mut self.output.things);
        }
        if let Some(traces) = &mut self.traces {
            traces.step(now, frame, &self.output.tracks, &mut self.output.trajectories);
        }
        self.judge(now, frame, look);
        &self.output
    }

    /// Takes the tracks of a moment as they are, without following anybody: rules and counts over stored trajectories,
    /// see [`crate::trace::replay()`]. The scene must be one that takes nothing else.
    pub fn step_tracks(&mut self, now: Time, frame: FrameSize, tracks: &[Track]) -> &Output {
        self.clear();
        self.come_to(now);
        self.fit(now, frame);
        self.output.tracks.extend_from_slice(tracks);
        let view = View::default();
        self.judge(now, frame, &Look { detections: &[], things: None, left: &[], view: &view });
        &self.output
    }

    /// Rules and counts, for the tracks of this frame.
    fn judge(&mut self, now: Time, frame: FrameSize, look: &Look<'_>) {
        self.paths.step(now, frame, self.output.tracks.iter().chain(&self.output.things));
        let sight = Sight {
            now,
            frame,
            tracks: &self.output.tracks,
            things: look.things.map(|_| self.output.things.as_slice()),
            left: look.left,
            paths: &self.paths,
            view: look.view,
        };
        self.rules.step(&sight, &mut self.output.events);
        self.counts.step(&sight, &mut self.output.observations);
    }

    /// Takes a look at the picture itself in which nobody looked for road users: they are where they were.
    pub fn see(&mut self, now: Time, view: &View) -> &Output {
        self.clear();
        self.come_to(now);
        self.trust_calibration(now, view.adopted == 0);
        if self.watch.step(now, view) {
            return self.suspended(now, view);
        }
        let sight =
            Sight { now, frame: self.size(), tracks: &[], things: None, left: &[], paths: &self.paths, view };
        self.rules.see(&sight, &mut self.output.events);
        &self.output
    }

    /// What is counted in windows, to look at.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// What each track did in its recent past.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Whether the picture cannot be trusted, so that all but the rules about the camera is suspended.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.watch.is_suspended()
    }

    /// The source was lost: everything active ends, the time until the next frame is not covered. May be called again
    /// and again meanwhile, and should be, about once a second: windows that ended are given out.
    pub fn interrupt(&mut self, now: Time) -> &Output {
        self.clear();
        let now = self.last.map_or(now, |last| now.max(last));
        self.end_all(now, EndReason::SourceLost);
        self.counts.interrupt(now, &mut self.output.observations);
        &self.output
    }

    /// The end: as [`Scene::interrupt`], and the present window is given out though it has not ended; its coverage says
    /// how much of it was seen.
    pub fn finish(&mut self, now: Time) -> &Output {
        self.clear();
        let now = self.last.map_or(now, |last| now.max(last));
        self.end_all(now, EndReason::ObservationEnded);
        self.counts.finish(now, &mut self.output.observations);
        &self.output
    }

    /// The picture cannot be trusted: nobody is followed and nothing is covered.
    fn suspended(&mut self, now: Time, view: &View) -> &Output {
        self.forget_all();
        let sight =
            Sight { now, frame: self.size(), tracks: &[], things: None, left: &[], paths: &self.paths, view };
        self.rules.suspend(&sight, &mut self.output.events);
        self.counts.interrupt(now, &mut self.output.observations);
        &self.output
    }

    /// The time moves on to `now`, or back: then all that is active ends.
    fn come_to(&mut self, now: Time) {
        if let Some(last) = self.last.filter(|last| now < *last) {
            self.end_all(last, EndReason::TimeWentBack);
            self.counts.finish(last, &mut self.output.observations);
        }
        self.last = Some(now);
    }

    /// The size of the last frame; before the first one any will do, since nobody was seen in it.
    fn size(&self) -> FrameSize {
        self.frame.unwrap_or(FrameSize::new(1, 1))
    }

    fn clear(&mut self) {
        self.output.tracks.clear();
        self.output.things.clear();
        self.output.events.clear();
        self.output.observations.clear();
        self.output.trajectories.clear();
    }

    fn end_all(&mut self, now: Time, reason: EndReason) {
        self.forget_all();
        self.watch.break_off();
        self.rules.end_all(now, reason, &mut self.output.events);
    }

    /// Nobody is followed any more.
    fn forget_all(&mut self) {
        self.tracker.reset();
        self.sizes.iter_mut().for_each(Sizes::clear);
        self.paths.clear();
        if let Some(traces) = &mut self.traces {
            traces.end_all(&mut self.output.trajectories);
        }
    }

    /// Whether the calibration fits what the picture shows. Nothing measured before goes on when that changes.
    fn trust_calibration(&mut self, now: Time, trusted: bool) {
        if self.uncalibrated != trusted || self.camera.calibration.is_none() {
            return;
        }
        self.uncalibrated = !trusted;
        let camera = if trusted {
            CameraConfig::clone(&self.camera)
        } else {
            CameraConfig { calibration: None, ..CameraConfig::clone(&self.camera) }
        };
        self.counts.finish(now, &mut self.output.observations);
        self.counts = Counts::new(&camera);
        self.forget_all();
        self.paths = Paths::new(&camera);
    }

    fn fit(&mut self, now: Time, frame: FrameSize) {
        let Some(before) = self.frame.replace(frame).filter(|before| *before != frame) else {
            return;
        };
        let x = f64::from(frame.width_px) / f64::from(before.width_px);
        let y = f64::from(frame.height_px) / f64::from(before.height_px);
        if (x / y - 1.0).abs() <= SAME_ASPECT {
            #[allow(clippy::cast_possible_truncation, reason = "a factor needs no more digits")]
            self.tracker.rescale(x as f32, y as f32);
        } else {
            self.end_all(now, EndReason::ViewChanged);
            self.counts.interrupt(now, &mut self.output.observations);
        }
    }
}
