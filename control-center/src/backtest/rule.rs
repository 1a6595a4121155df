//! A camera's rule over stored tracks: the same code as at the edge, hour by hour. Pure.

use chrono::{DateTime, Utc};
use ngatu_protocol::camera::{CameraConfig, RuleConfig, ZoneConfig};
use ngatu_protocol::{EventData, EventKind, RuleId};
use ngatu_scene::trace::replay;
use ngatu_scene::{Scene, SceneError, SceneEvent, Time, Trajectory};

/// Moments a second that are played. Stored ways are simplified, so more would show nothing more.
const FPS: f64 = 2.0;

/// A rule that cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum RuleTestError {
    /// It is not about the ways of road users, and nothing else is stored.
    #[error("a back-test plays stored tracks, which show no {0}; `{1}` cannot be tried on them")]
    NotInTracks(&'static str, EventKind),
    /// The camera's configuration does not pass its checks with it.
    #[error(transparent)]
    Scene(#[from] SceneError),
}

/// What a kind is about that stored tracks do not show, if so.
const fn not_in_tracks(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::CameraTampered | EventKind::CameraMoved | EventKind::CameraLost => {
            Some("picture of the camera")
        }
        EventKind::SmokeOrFire => Some("smoke and no flames"),
        EventKind::AbandonedObject => Some("things that stand still"),
        _ => None,
    }
}

/// What is tried at a camera.
#[derive(Debug)]
pub struct RuleTest {
    scene: Scene,
    /// Of the piece before: those who were still there.
    staying: Vec<Trajectory>,
    events: Vec<(DateTime<Utc>, EventData)>,
    until: Option<Time>,
}

/// The moment of a scene's time that counts from the Unix epoch.
fn moment(time: Time) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.as_micros()).unwrap_or_default()
}

impl RuleTest {
    /// Prepares a camera with nothing but the rule, and the zone if it is a new one.
    ///
    /// # Errors
    /// When tracks say nothing of what the rule is about, or the camera's configuration does not pass its checks with it.
    pub fn new(
        camera: &CameraConfig,
        zone: Option<ZoneConfig>,
        rule: RuleConfig,
    ) -> Result<RuleTest, RuleTestError> {
        if let Some(what) = not_in_tracks(rule.kind) {
            return Err(RuleTestError::NotInTracks(what, rule.kind));
        }
        let mut camera = camera.clone();
        camera.rules = vec![rule];
        camera.tripwires.clear();
        camera.tracks = false;
        if let Some(zone) = zone {
            camera.zones.retain(|known| known.id != zone.id);
            camera.zones.push(zone);
        }
        Ok(RuleTest { scene: Scene::new(&camera)?, staying: Vec::new(), events: Vec::new(), until: None })
    }

    /// Plays the tracks that begin in the piece of time before `until`; pieces come in their order.
    pub fn play(&mut self, tracks: Vec<Trajectory>, until: Time) {
        let mut present = std::mem::take(&mut self.staying);
        present.extend(tracks);
        for step in replay(&present, FPS) {
            if step.now >= until {
                break;
            }
            // Who stayed was played until there already.
            if self.until.is_some_and(|before| step.now < before) {
                continue;
            }
            let output = self.scene.step_tracks(step.now, step.frame, &step.tracks);
            self.events.extend(output.events.iter().map(data));
        }
        present.retain(|trajectory| trajectory.to() >= until);
        (self.staying, self.until) = (present, Some(until));
    }

    /// What the rule has stated since the last call.
    pub fn events(&mut self) -> Vec<(DateTime<Utc>, EventData)> {
        std::mem::take(&mut self.events)
    }

    /// The end of all tracks: what still lasts ends.
    #[must_use]
    pub fn finish(mut self) -> Vec<(DateTime<Utc>, EventData)> {
        let last = self.staying.iter().map(Trajectory::to).max();
        if let Some(last) = last {
            self.play(Vec::new(), last.plus_s(1.0));
        }
        let until = self.until.unwrap_or_default();
        let output = self.scene.finish(until);
        self.events.extend(output.events.iter().map(data));
        self.events
    }
}

fn data(event: &SceneEvent) -> (DateTime<Utc>, EventData) {
    let data = EventData {
        kind: event.kind,
        rule: event.rule.clone(),
        zone: event.zone.clone(),
        track: event.track,
        class: event.class,
        phase: event.phase,
        confidence: event.confidence.clamp(0.0, 1.0),
        picture: event.picture,
        place: None,
        speed_kmh: event.speed_kmh,
        snapshot: None,
        model: None,
        config: 0,
        clock_error_ms: None,
        why: Some(event.why.clone()),
    };
    (moment(event.time), data)
}

/// The name under which the rule states its events.
#[must_use]
pub fn id_of(rule: &RuleConfig) -> RuleId {
    rule.rule_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ngatu_protocol::ZoneId;
    use ngatu_protocol::camera::{Need, profile};

    #[test]
    fn what_tracks_cannot_show_is_refused_and_every_other_kind_is_tried() {
        let text = "id = \"a\"\nname = \"a\"\nurl = \"file:///a\"\n\
                    calibration = { picture = [[0.1,0.9],[0.9,0.9],[0.6,0.1],[0.4,0.1]], ground_m = [[0,0],[7,0],[7,40],[0,40]] }\n\
                    [[zone]]\nid = \"yard\"\npoints = [[0.2,0.3],[0.8,0.3],[0.8,0.8]]\ndirection = [0.0, 1.0]\n";
        let camera: CameraConfig = toml::from_str(text).unwrap();
        let mut refused = Vec::new();
        for kind in EventKind::BUILT_RULES.iter().copied() {
            let needs = profile(kind).unwrap();
            let zone = (needs.zone != Need::Never).then(|| ZoneId::new("yard").unwrap());
            let mut rule = RuleConfig::new(kind, zone);
            rule.at_least = (needs.at_least == Need::Must).then_some(3);
            rule.above_kmh = (needs.above_kmh == Need::Must).then_some(90.0);
            match RuleTest::new(&camera, None, rule) {
                Ok(_) => {}
                Err(RuleTestError::NotInTracks(..)) => refused.push(kind),
                Err(other) => panic!("{kind}: {other}"),
            }
        }
        refused.sort_by_key(|kind| kind.as_str());
        let wanted = [
            EventKind::AbandonedObject,
            EventKind::CameraMoved,
            EventKind::CameraTampered,
            EventKind::SmokeOrFire,
        ];
        assert_eq!(refused, wanted);
        let error = RuleTest::new(&camera, None, RuleConfig::new(EventKind::SmokeOrFire, None)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a back-test plays stored tracks, which show no smoke and no flames; `smoke_or_fire` cannot be tried on them"
        );
    }
}
