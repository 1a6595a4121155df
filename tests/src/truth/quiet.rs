//! Footage in which nothing happens that a rule is about: people walk where people walk. Rules of every kind watch places
//! where nobody goes, or wait for more than there is. Whatever they state is false. [`play`] does so with one place for as long
//! as one wants, [`play_clip`] with any clip of ordinary traffic and what is never ordinary.

use crate::truth::campus::{HEIGHT, WIDTH, footage};
use crate::truth::play::{Statement, camera, rule, take, zone};
use anyhow::bail;
use chrono::TimeDelta;
use edge_agent::analysis::Analysis;
use edge_agent::detect::Onnx;
use edge_agent::health::Stages;
use edge_agent::source::{Masks, Next, Pacing, SourceSpec, Stream};
use ngatu_protocol::camera::{CameraConfig, Detector, Need, RuleConfig, TripwireConfig, profile};
use ngatu_protocol::observation::Quantity;
use ngatu_protocol::{EventKind, RoadUserClass, RuleId};
use std::path::Path;
use std::time::Duration;

/// Analysed frames per second.
const FPS: f64 = 5.0;
/// A file that gives no frame for so long will not give one any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a rule stated though nothing happened, and what was counted meanwhile.
#[derive(Debug, Default)]
pub struct Quiet {
    /// Frames that were analysed.
    pub frames: u64,
    /// How long the footage was, all passes together, seconds.
    pub length_s: f64,
    /// False statements.
    pub statements: Vec<Statement>,
    /// Crossings of the tripwire: the camera was not blind.
    pub crossings: f64,
    /// Tracks of all frames together; the same.
    pub tracks: usize,
    /// Time spent in each stage.
    pub stages: Stages,
}

/// The camera with a rule of every kind that is built.
#[must_use]
pub fn quiet_camera() -> CameraConfig {
    #[allow(clippy::cast_precision_loss, reason = "sides of a picture")]
    let size = (WIDTH as f64, HEIGHT as f64);
    let mut camera = camera("campus", Detector::Onnx, FPS);
    let square = |(left, top, right, bottom): (f64, f64, f64, f64)| {
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    };
    let mut road = zone("road", &square((250.0, 215.0, 740.0, 350.0)), size);
    road.direction = Some([-1.0, 0.0]);
    camera.zones = vec![
        zone("lawn", &square((440.0, 465.0, 750.0, 540.0)), size),
        zone("verge", &square((5.0, 465.0, 140.0, 565.0)), size),
        road,
        zone("everywhere", &square((10.0, 100.0, 758.0, 566.0)), size),
    ];
    camera.tripwires = vec![TripwireConfig {
        id: crate::truth::play::zone_id("path"),
        points: [[0.5, 0.2], [0.5, 0.95]],
        classes: Vec::new(),
    }];
    // Rough, but enough for a pedestrian not to be a fast car.
    camera.calibration = serde_json::from_value(serde_json::json!({
        "picture": [[0.1, 0.95], [0.95, 0.95], [0.9, 0.4], [0.25, 0.4], [0.55, 0.6]],
        "ground_m": [[0.0, 0.0], [9.0, 0.0], [12.5, 13.0], [1.0, 13.0], [5.7, 6.5]]
    }))
    .ok();
    let mut name = 0;
    let mut watch = |zone: &str, kind: EventKind, after_s: f64| {
        name += 1;
        let id = RuleId::new(format!("{}-{name}", kind.as_str().replace('_', "-"))).ok();
        let need = profile(kind);
        let must = |need_of: fn(&ngatu_protocol::camera::Profile) -> Need| {
            need.as_ref().is_some_and(|profile| need_of(profile) == Need::Must)
        };
        let mut rule = RuleConfig { id, ..rule(kind, zone, after_s) };
        if need.is_some_and(|profile| profile.zone == Need::Never) {
            rule.zone = None;
        }
        rule.at_least =
            must(|profile| profile.at_least).then_some(if kind == EventKind::Crowd { 15 } else { 2 });
        rule.above_kmh = must(|profile| profile.above_kmh).then_some(30.0);
        camera.rules.push(rule);
    };
    for lawn in ["lawn", "verge"] {
        for kind in [EventKind::Intrusion, EventKind::PedestrianOnRoad, EventKind::ZoneLeft] {
            watch(lawn, kind, 0.5);
        }
        watch(lawn, EventKind::Loitering, 2.0);
    }
    watch("everywhere", EventKind::Loitering, 100.0);
    watch("everywhere", EventKind::Crowd, 1.0);
    for kind in [EventKind::AbandonedObject, EventKind::PersonDown] {
        watch("everywhere", kind, 5.0);
    }
    for (kind, after_s) in [
        (EventKind::WrongWay, 1.0),
        (EventKind::StoppedVehicle, 10.0),
        (EventKind::IllegalParking, 20.0),
        (EventKind::Speeding, 0.5),
        (EventKind::Congestion, 10.0),
        (EventKind::QueueTooLong, 5.0),
        (EventKind::CollisionSuspected, 2.0),
    ] {
        watch("road", kind, after_s);
    }
    for kind in [EventKind::SmokeOrFire, EventKind::CameraTampered, EventKind::CameraMoved] {
        watch("everywhere", kind, 3.0);
    }
    if camera.rules.iter().all(|rule| rule.kind != EventKind::Speeding || !rule.kind.is_built()) {
        camera.calibration = None;
    }
    camera.rules.retain(|rule| rule.kind.is_built());
    camera
}

/// Plays the footage again and again for so long.
///
/// # Errors
/// When the footage is missing or an analysis fails.
pub fn play(network: &Onnx, length_s: f64) -> anyhow::Result<Quiet> {
    let camera = quiet_camera();
    let mut analysis = Analysis::new(&camera, Some(network))?;
    let mut quiet = Quiet::default();
    while quiet.length_s < length_s {
        pass(&footage(), &mut analysis, &mut quiet)?;
    }
    Ok(quiet)
}

/// Plays a clip once more, after what was played of it so far.
fn pass(clip: &Path, analysis: &mut Analysis, quiet: &mut Quiet) -> anyhow::Result<()> {
    let stream = Stream::open(&SourceSpec {
        url: format!("file://{}", clip.display()),
        pacing: Pacing::Exhaustive,
        fps: Some(FPS),
        masks: Masks::new(&[]),
    })?;
    let begin = crate::truth::play::moment(0.0);
    let pass = begin + TimeDelta::milliseconds(millis(quiet.length_s));
    loop {
        match stream.next(PATIENCE) {
            Next::Frame(mut frame) => {
                frame.at = pass + (frame.at - chrono::DateTime::UNIX_EPOCH);
                let output = analysis.look(&frame, &mut quiet.stages)?.output;
                quiet.frames += 1;
                #[allow(clippy::cast_precision_loss, reason = "minutes")]
                let at_s = (frame.at - begin).num_milliseconds() as f64 / 1000.0;
                quiet.length_s = at_s + 1.0 / FPS;
                quiet.tracks += output.tracks.len();
                take(output, &mut quiet.statements);
                let counts = output.observations.iter().filter(|seen| seen.quantity == Quantity::Count);
                quiet.crossings += counts.map(|seen| seen.value).sum::<f64>();
            }
            Next::Ended => return Ok(()),
            Next::Failed(error) => return Err(error.into()),
            Next::Nothing => bail!("no frame for {} s", PATIENCE.as_secs()),
        }
    }
}

/// A camera in front of ordinary traffic, with rules about what is never ordinary.
fn ordinary_camera(detector: Detector) -> CameraConfig {
    let mut camera = camera("street", detector, FPS);
    let whole = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)];
    camera.zones = vec![zone("everywhere", &whole, (1.0, 1.0))];
    let mut watch = |kind: EventKind, after_s: f64, change: fn(&mut RuleConfig)| {
        let mut rule = rule(kind, "everywhere", after_s);
        if profile(kind).is_some_and(|profile| profile.zone == Need::Never) {
            rule.zone = None;
        }
        change(&mut rule);
        camera.rules.push(rule);
    };
    watch(EventKind::CameraTampered, 3.0, |_| ());
    watch(EventKind::CameraMoved, 3.0, |_| ());
    // Longer than a red light, and more than a full bus stop.
    watch(EventKind::AbandonedObject, 100.0, |_| ());
    watch(EventKind::Loitering, 100.0, |rule| rule.classes = vec![RoadUserClass::Person]);
    watch(EventKind::Crowd, 2.0, |rule| rule.at_least = Some(25));
    if detector == Detector::Onnx {
        watch(EventKind::PersonDown, 5.0, |_| ());
    } else {
        // Without a calibration all that moves is an object there.
        for rule in camera.rules.iter_mut().filter(|rule| !rule.classes.is_empty() || rule.at_least.is_some())
        {
            rule.classes = vec![RoadUserClass::Object];
        }
    }
    camera
}

/// Plays a clip of ordinary traffic once, before a camera that knew nothing of the place.
///
/// # Errors
/// When the clip cannot be read or an analysis fails.
pub fn play_clip(clip: &Path, network: Option<&Onnx>) -> anyhow::Result<Quiet> {
    let detector = if network.is_some() { Detector::Onnx } else { Detector::Motion };
    let mut analysis = Analysis::new(&ordinary_camera(detector), network)?;
    let mut quiet = Quiet::default();
    pass(&clip.canonicalize()?, &mut analysis, &mut quiet)?;
    Ok(quiet)
}

fn millis(seconds: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "minutes")]
    let millis = (seconds * 1000.0).round() as i64;
    millis
}
