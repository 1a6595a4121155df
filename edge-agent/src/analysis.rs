//! From frames to facts for one camera: motion gate, network, scene. `run` and `analyze` share it, so what is seen
//! offline is what is seen live.

use crate::clock;
use crate::detect::{Again, DetectError, Due, Motion, MotionGate, Onnx, OnnxHandle, Watchfulness};
use crate::health::Stages;
use crate::source::{Frame, Masks};
use crate::view::{ViewMeter, ViewStore};
use chrono::{DateTime, Utc};
use ngatu_protocol::EventKind;
use ngatu_protocol::camera::{CameraConfig, Detector};
use ngatu_scene::{Detection, FrameSize, Look, Output, Scene, SceneError, Thing, Time};

/// Why a camera's analysis cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The scene refused the configuration.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// The gate could not be made.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The camera wants the network and it was not loaded.
    #[error("the camera wants the network, which is not loaded")]
    NoNetwork,
}

/// What one frame gave.
pub struct Findings<'a> {
    /// Tracks, events and observations; empty when the frame did not reach the scene.
    pub output: &'a Output,
    /// Mean brightness of a picture that shows nothing at all.
    pub blank: Option<f64>,
    /// Whether the network looked.
    pub looked: bool,
    /// Whether the scene was told of road users; if not, they are where they were.
    pub told: bool,
}

/// The analysis of one camera.
pub struct Analysis {
    gate: MotionGate,
    view: ViewMeter,
    network: Option<(OnnxHandle, Due)>,
    /// Who may lie, where a rule asks for it.
    again: Option<Again>,
    scene: Scene,
    /// How many views were adopted when the picture was last looked at.
    adopted: u32,
    /// What stands still, where a rule asks for things.
    things: Option<Vec<Thing>>,
    nothing: Output,
    tracked: bool,
}

impl Analysis {
    /// The analysis of a camera; `network` is needed for `detector = "onnx"`.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn new(camera: &CameraConfig, network: Option<&Onnx>) -> Result<Analysis, AnalysisError> {
        let (watchfulness, network) = match (camera.detector, network) {
            (Detector::Motion, _) => (Watchfulness::DETECTOR, None),
            (Detector::Onnx, None) => return Err(AnalysisError::NoNetwork),
            (Detector::Onnx, Some(network)) => (Watchfulness::GATE, Some((network.handle(), Due::default()))),
        };
        let falls = camera.rules.iter().any(|rule| rule.kind == EventKind::PersonDown);
        let things = camera.rules.iter().any(|rule| rule.kind == EventKind::AbandonedObject);
        let smokes = camera.rules.iter().any(|rule| rule.kind == EventKind::SmokeOrFire);
        let gate = MotionGate::new(watchfulness, Masks::new(&camera.privacy_masks))?;
        // The motion detector must not lose what stands; before the network only things have to be remembered.
        let remembers = things || camera.detector == Detector::Motion;
        let gate = if remembers { gate.remembering() } else { gate };
        Ok(Analysis {
            view: ViewMeter::new(Masks::new(&camera.privacy_masks), smokes),
            again: network.as_ref().filter(|_| falls).map(|_| Again::default()),
            gate,
            things: things.then(Vec::new),
            network,
            scene: Scene::new(camera)?,
            adopted: 0,
            nothing: Output::default(),
            tracked: false,
        })
    }

    /// Goes on from the camera's views that are kept there, and keeps them there from now on.
    pub fn keep_views_in(&mut self, store: ViewStore, camera: &CameraConfig) {
        self.view.keep_in(store, &camera.id);
    }

    /// Whether the picture shows a view that was adopted and that nobody has confirmed.
    #[must_use]
    pub fn shows_adopted_view(&self) -> bool {
        self.view.adopted() > 0
    }

    /// What events name as their model: the network's own name, or `motion`.
    #[must_use]
    pub fn model(&self) -> &str {
        self.network.as_ref().map_or("motion", |(network, _)| network.name())
    }

    /// Looks at a frame. Adds the time that each stage took to `stages`.
    ///
    /// # Errors
    /// When the frame is broken or the inference failed; the next frame may do.
    pub fn look(&mut self, frame: &Frame, stages: &mut Stages) -> Result<Findings<'_>, DetectError> {
        let now = time_of(frame.at);
        let begun = clock::instant();
        let measured = self.view.look(frame, now.as_seconds())?;
        if measured.is_some() {
            stages.add("view", clock::instant() - begun);
        }
        let before = self.adopted;
        let view = self.view.last();
        self.adopted = view.adopted;
        if before != self.adopted {
            // What stood still before another view says nothing of this one.
            self.gate.forget();
            self.gate.forget_things();
        }
        let begun = clock::instant();
        let motion = self.gate.look(frame, now.as_seconds())?;
        stages.add("motion", clock::instant() - begun);
        let blank = motion.blank;
        // A picture that shows nothing, or not what it should, is nothing to look for road users in.
        if blank.is_some() || self.scene.is_suspended() {
            self.tracked = false;
            self.again.iter_mut().for_each(Again::forget);
            if self.scene.is_suspended() {
                // A background learnt from a covered or turned picture would be full of movers when it is right again.
                self.gate.forget();
            }
            return Ok(Findings { output: self.scene.see(now, &view), blank, looked: false, told: true });
        }
        if let Some(things) = &mut self.things {
            // Without the network nobody says what is a road user.
            let nameless = self.network.is_none();
            let still = motion.still.iter().filter(|still| nameless || !still.is_road_user);
            things.clear();
            things.extend(still.map(|still| Thing {
                number: still.number,
                bbox: still.bbox,
                since: Time::from_seconds(still.since_s),
            }));
        }
        let left = motion.left.clone();
        let (detections, looked) = self.detect(frame, now, motion, stages)?;
        let Some(detections) = detections else {
            // Nothing moved, so the tracks are where they were, and the network was spared: no news of road users.
            let output = if measured.is_some() { self.scene.see(now, &view) } else { &self.nothing };
            return Ok(Findings { output, blank, looked, told: false });
        };
        let begun = clock::instant();
        let size = FrameSize::new(frame.width_px(), frame.height_px());
        let look = Look { detections: &detections, things: self.things.as_deref(), left: &left, view: &view };
        let output = self.scene.look(now, size, &look);
        stages.add("track", clock::instant() - begun);
        self.tracked = !output.tracks.is_empty();
        if let Some(again) = &mut self.again {
            again.note(now.as_seconds(), size, &output.tracks);
        }
        Ok(Findings { output, blank, looked, told: true })
    }

    /// The scene of the camera, to look at.
    #[must_use]
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The detections of a frame, `None` when nobody looked though there are tracks; and whether the network looked.
    fn detect(
        &mut self,
        frame: &Frame,
        now: Time,
        motion: Motion,
        stages: &mut Stages,
    ) -> Result<(Option<Vec<Detection>>, bool), DetectError> {
        let Some((network, due)) = &mut self.network else {
            return Ok((Some(motion.blobs), false));
        };
        if !due.is_due(now.as_seconds(), motion.moving, self.tracked) {
            return Ok(((!due.watches(now.as_seconds())).then(Vec::new), false));
        }
        let begun = clock::instant();
        let letterbox = network.prepare(frame)?;
        let prepared = clock::instant();
        stages.add("convert", prepared - begun);
        let mut detections = network.detect(letterbox)?;
        self.gate.confirm(&mut detections, frame)?;
        self.gate.explain(&detections, frame);
        stages.add("detect", clock::instant() - prepared);
        if let Some(again) = &mut self.again {
            let begun = clock::instant();
            if let Some(piece) = again.due(now.as_seconds()) {
                again.take(now.as_seconds(), &network.detect_turned(frame, piece)?);
                stages.add("again", clock::instant() - begun);
            }
            again.add(now.as_seconds(), &mut detections);
        }
        Ok((Some(detections), true))
    }

    /// The source is lost at `now`; call again about once a second while it is.
    pub fn interrupt(&mut self, now: DateTime<Utc>) -> &Output {
        self.tracked = false;
        self.again.iter_mut().for_each(Again::forget);
        self.scene.interrupt(time_of(now))
    }

    /// The analysis ends at `now`.
    pub fn finish(&mut self, now: DateTime<Utc>) -> &Output {
        self.view.save();
        self.scene.finish(time_of(now))
    }
}

/// The scene's time of a moment: microseconds since the Unix epoch.
#[must_use]
pub fn time_of(at: DateTime<Utc>) -> Time {
    Time::from_micros(at.timestamp_micros())
}

/// The moment of a scene's time.
#[must_use]
pub fn moment_of(time: Time) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.as_micros()).unwrap_or(DateTime::UNIX_EPOCH)
}
