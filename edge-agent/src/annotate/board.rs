//! What the annotated video says in words: the events that run or have just ended, and what each tripwire counted.

use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Direction, Phase, Quantity, ZoneId};
use ngatu_scene::{Output, Scene, SceneEvent, Time};
use std::collections::BTreeMap;

/// An event that ended is shown for so long, seconds.
const SHOWN_AFTER_END_S: f64 = 3.0;

/// A line of text about an event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Banner {
    pub(super) text: String,
    /// Whether the event goes on.
    pub(super) runs: bool,
}

struct Shown {
    event: SceneEvent,
    ended: Option<Time>,
}

/// Counts and events up to now.
pub(super) struct Board {
    now: Time,
    first: Option<Time>,
    shown: Vec<Shown>,
    /// Crossings from a to b and from b to a in windows that ended.
    before: BTreeMap<ZoneId, [f64; 2]>,
    /// The same with the present window.
    counts: BTreeMap<ZoneId, [f64; 2]>,
}

impl Board {
    pub(super) fn new(camera: &CameraConfig) -> Board {
        let before: BTreeMap<_, _> =
            camera.tripwires.iter().map(|wire| (wire.id.clone(), [0.0; 2])).collect();
        Board { now: Time::default(), first: None, shown: Vec::new(), counts: before.clone(), before }
    }

    /// Takes what the scene states at `now`.
    pub(super) fn take(&mut self, now: Time, output: &Output, scene: &Scene) {
        self.now = now;
        self.first.get_or_insert(now);
        for event in &output.events {
            let same = |shown: &&mut Shown| {
                shown.ended.is_none() && shown.event.rule == event.rule && shown.event.track == event.track
            };
            match event.phase {
                Phase::Start => self.shown.push(Shown { event: event.clone(), ended: None }),
                Phase::End => self.shown.iter_mut().filter(same).for_each(|shown| shown.ended = Some(now)),
            }
        }
        self.shown.retain(|shown| shown.ended.is_none_or(|at| now.since_s(at) < SHOWN_AFTER_END_S));
        for observation in &output.observations {
            if let (Quantity::Count, None, Some(direction)) =
                (observation.quantity, observation.class, observation.direction)
            {
                let counts = self.before.entry(observation.zone.clone()).or_default();
                counts[direction as usize] += observation.value;
            }
        }
        self.counts.clone_from(&self.before);
        for (wire, running) in scene.counts().running() {
            let counts = self.counts.entry(wire.clone()).or_default();
            for direction in Direction::ALL {
                counts[*direction as usize] += f64::from(running[*direction as usize]);
            }
        }
    }

    pub(super) fn has_event(&self, zone: &ZoneId) -> bool {
        self.running().any(|shown| shown.event.zone.as_ref() == Some(zone))
    }

    pub(super) fn is_alarming(&self, track: u64) -> bool {
        self.running().any(|shown| shown.event.track == Some(track))
    }

    /// A tripwire's name and its crossings along the arrow and back.
    pub(super) fn wire_label(&self, wire: &ZoneId) -> String {
        let [there, back] = self.counts.get(wire).copied().unwrap_or_default();
        format!("{wire}: {there:.0} along, {back:.0} back")
    }

    /// Time since the first frame.
    pub(super) fn clock(&self) -> String {
        let seconds = self.first.map_or(0.0, |first| self.now.since_s(first));
        format!("{:02.0}:{:04.1}", (seconds / 60.0).floor(), seconds % 60.0)
    }

    /// The events, the newest first, several of one rule in one line.
    pub(super) fn banners(&self, suspended: bool) -> Vec<Banner> {
        let mut banners: Vec<(String, Banner)> = Vec::new();
        for shown in self.shown.iter().rev() {
            let event = &shown.event;
            let runs = shown.ended.is_none();
            let place = event.zone.as_ref().map_or(String::new(), |zone| format!(" {zone}"));
            let key = format!("{}{place}{runs}", event.kind);
            let more = banners.iter().filter(|(other, _)| other.starts_with(&key)).count();
            let who = event.track.map_or(String::new(), |track| format!(" #{track}"));
            let state = if runs {
                format!("{:.0} s", self.now.since_s(event.time).max(0.0))
            } else {
                "ended".to_owned()
            };
            if more == 0 {
                let text = format!("{}{place}{who} {state}", event.kind);
                banners.push((key, Banner { text, runs }));
            } else if let Some((_, banner)) = banners.iter_mut().find(|(other, _)| *other == key) {
                banner.text = format!("{}{place}{who} and more, {state}", event.kind);
            }
        }
        let mut banners: Vec<_> = banners.into_iter().map(|(_, banner)| banner).collect();
        banners.sort_by_key(|banner| !banner.runs);
        if suspended {
            banners.insert(0, Banner { text: "picture not as usual: rules suspended".into(), runs: true });
        }
        banners
    }

    fn running(&self) -> impl Iterator<Item = &Shown> {
        self.shown.iter().filter(|shown| shown.ended.is_none())
    }
}
