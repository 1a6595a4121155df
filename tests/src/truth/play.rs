//! A scene is a picture that moves, a camera's configuration, and what truly happens. It is played through the edge's own
//! analysis without a clock: gate, network, tracker and rules see it as they see a camera.

use crate::stack::process::repository;
use crate::truth::canvas::Canvas;
use anyhow::Context;
use chrono::{DateTime, TimeDelta};
use edge_agent::analysis::{Analysis, moment_of};
use edge_agent::detect::Onnx;
use edge_agent::health::Stages;
use edge_agent::source::Frame;
use gstreamer as gst;
use ngatu_protocol::camera::{CameraConfig, Detector, Pair, RuleConfig, ZoneConfig};
use ngatu_protocol::{EventKind, Phase, RuleId, ZoneId};
use ngatu_scene::Output;
use std::fmt::Write;

/// What a camera sees.
pub trait Picture {
    /// Width and height, pixels.
    fn size(&self) -> (u32, u32);
    /// The picture at a second of the scene; `number` counts the frames, for the noise.
    fn paint(&self, at_s: f64, number: u64) -> Canvas;
}

/// Something that truly happens and that a rule has to state.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueEvent {
    /// What.
    pub kind: EventKind,
    /// Which rule has to state it.
    pub rule: RuleId,
    /// How long the rule waits, seconds.
    pub hold_s: f64,
    /// When the condition begins, second of the scene.
    pub from_s: f64,
    /// When it ends.
    pub to_s: f64,
}

/// A scene with its truth.
pub struct Scene {
    /// What people call it.
    pub name: String,
    /// The camera; its rules are those that are scored.
    pub camera: CameraConfig,
    /// What it sees.
    pub picture: Box<dyn Picture>,
    /// How long it takes, seconds.
    pub length_s: f64,
    /// What truly happens.
    pub truths: Vec<TrueEvent>,
}

/// What a rule stated.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What.
    pub kind: EventKind,
    /// Which rule.
    pub rule: RuleId,
    /// Of whom.
    pub track: Option<u64>,
    /// When it started, second of the scene.
    pub at_s: f64,
    /// When it ended.
    pub ended_s: Option<f64>,
    /// Speed, km/h.
    pub speed_kmh: Option<f64>,
}

/// A camera without zones and rules.
#[must_use]
pub fn camera(name: &str, detector: Detector, fps: f64) -> CameraConfig {
    let text = format!("id = \"{name}\"\nname = \"{name}\"\nurl = \"file:///{name}\"");
    let camera: CameraConfig = toml::from_str(&text).expect("a literal with the caller's plain name");
    CameraConfig { detector, analysis_fps: fps, window_s: 5, ..camera }
}

/// A zone with corners in pixels of a picture of this size.
#[must_use]
pub fn zone(id: &str, corners: &[(f64, f64)], (width, height): (f64, f64)) -> ZoneConfig {
    let corner =
        |(x, y): &(f64, f64)| -> Pair { [(x / width).clamp(0.0, 1.0), (y / height).clamp(0.0, 1.0)] };
    ZoneConfig { id: zone_id(id), points: corners.iter().map(corner).collect(), direction: None }
}

/// A zone's name.
#[must_use]
pub fn zone_id(id: &str) -> ZoneId {
    ZoneId::new(id).expect("made of plain letters and digits")
}

/// A rule of a kind about a zone that waits for so long.
#[must_use]
pub fn rule(kind: EventKind, zone: &str, after_s: f64) -> RuleConfig {
    RuleConfig { after_s: Some(after_s), ..RuleConfig::new(kind, Some(zone_id(zone))) }
}

impl Scene {
    /// Says that `rule` has to state something between two moments.
    pub fn expect(&mut self, rule: &RuleConfig, (from_s, to_s): (f64, f64)) {
        let truth = TrueEvent { kind: rule.kind, rule: rule.rule_id(), hold_s: rule.hold_s(), from_s, to_s };
        self.truths.push(truth);
    }

    /// The scene without the rules and truths of kinds that this version cannot state; which kinds those are.
    #[must_use]
    pub fn built(mut self) -> (Scene, Vec<EventKind>) {
        let missing: Vec<_> =
            self.camera.rules.iter().map(|rule| rule.kind).filter(|kind| !kind.is_built()).collect();
        self.camera.rules.retain(|rule| rule.kind.is_built());
        self.truths.retain(|truth| truth.kind.is_built());
        (self, missing)
    }

    /// Plays it.
    ///
    /// # Errors
    /// When the configuration is refused or a frame cannot be looked at.
    pub fn play(&self, network: Option<&Onnx>) -> anyhow::Result<Vec<Statement>> {
        self.play_and(network, |_, _| {})
    }

    /// Plays it; `watch` sees each frame's second and what the analysis found in it.
    ///
    /// # Errors
    /// When the configuration is refused or a frame cannot be looked at.
    pub fn play_and(
        &self,
        network: Option<&Onnx>,
        mut watch: impl FnMut(f64, &Output),
    ) -> anyhow::Result<Vec<Statement>> {
        gst::init()?;
        let mut analysis =
            Analysis::new(&self.camera, network).with_context(|| format!("scene {}", self.name))?;
        let (mut stages, mut statements) = (Stages::default(), Vec::new());
        let mut at_s = 0.0;
        for number in 0_u64.. {
            #[allow(clippy::cast_precision_loss, reason = "a scene has few frames")]
            let next_s = number as f64 / self.camera.analysis_fps;
            if next_s > self.length_s {
                break;
            }
            at_s = next_s;
            let canvas = self.picture.paint(at_s, number);
            let frame = Frame::of_planes(self.picture.size(), canvas.planes, moment(at_s), number)?;
            let findings = analysis.look(&frame, &mut stages)?;
            watch(at_s, findings.output);
            take(findings.output, &mut statements);
        }
        take(analysis.finish(moment(at_s)), &mut statements);
        Ok(statements)
    }

    /// What happened beside what should have, for a failed test's message.
    #[must_use]
    pub fn account(&self, statements: &[Statement]) -> String {
        let mut out = format!("scene {}:\n", self.name);
        for truth in &self.truths {
            let due_s = truth.from_s + truth.hold_s;
            let _ = writeln!(
                out,
                "  true   {} {} {:.2}–{:.2} s, due at {due_s:.2}",
                truth.kind, truth.rule, truth.from_s, truth.to_s
            );
        }
        for s in statements {
            let _ = writeln!(
                out,
                "  stated {} {} at {:.2} s, ended {:?}, track {:?}",
                s.kind, s.rule, s.at_s, s.ended_s, s.track
            );
        }
        out
    }
}

/// The moment of a second of a scene; scenes begin long after the epoch, as live frames do.
pub(crate) fn moment(at_s: f64) -> DateTime<chrono::Utc> {
    #[allow(clippy::cast_possible_truncation, reason = "a scene takes minutes")]
    let micros = (at_s * 1e6).round() as i64;
    DateTime::UNIX_EPOCH + TimeDelta::hours(1000) + TimeDelta::microseconds(micros)
}

/// Adds what an output states.
pub fn take(output: &Output, statements: &mut Vec<Statement>) {
    for event in &output.events {
        #[allow(clippy::cast_precision_loss, reason = "a scene takes minutes")]
        let at_s = (moment_of(event.time) - moment(0.0)).num_milliseconds() as f64 / 1000.0;
        let same = |s: &&mut Statement| s.rule == event.rule && s.track == event.track && s.ended_s.is_none();
        match event.phase {
            Phase::Start => statements.push(Statement {
                kind: event.kind,
                rule: event.rule.clone(),
                track: event.track,
                at_s,
                ended_s: None,
                speed_kmh: event.speed_kmh,
            }),
            Phase::End => {
                if let Some(open) = statements.iter_mut().rev().find(same) {
                    open.ended_s = Some(at_s);
                }
            }
        }
    }
}

/// The network of the set-up, or nothing when it was not fetched.
///
/// # Errors
/// When it is there and cannot be loaded.
pub fn network(threads: usize) -> anyhow::Result<Option<Onnx>> {
    let setup = repository().join(".setup");
    let (runtime, model) = (setup.join("lib/libonnxruntime.so"), setup.join("model/nanodet-int8.onnx"));
    if !runtime.exists() || !model.exists() {
        return Ok(None);
    }
    Ok(Some(Onnx::start(&runtime, &model, threads)?))
}
