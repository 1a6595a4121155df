//! Counts and measures in windows: crossings of tripwires by class and direction, speeds, headways and turning movements
//! of those who cross; number of road users in a zone, how long they stay, queues, and the flow over its area. Formulas
//! and sources are in `docs/observations.md`.
//!
//! Windows begin at whole multiples of their length, so those of all cameras coincide. Each says how many of its
//! seconds were really observed: frames that follow each other within a limit cover the time between them, anything
//! longer is a hole. A window of which nothing was observed gives no observation: a dead camera never reads as "no
//! traffic". What always holds: coverage is at most the window's length, and a share is at most 1.

mod figures;
mod lane;
mod passages;
mod passer;
mod report;
mod stay;
mod tripwire;
mod turns;
mod window;

use crate::geometry::Polygon;
use crate::rules::Sight;
use crate::{Ground, Time, Track};
use lane::{Lane, LaneState};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Direction, Quantity, RoadUserClass, Statistic, ZoneId};
use passages::Leader;
use stay::Stays;
use tripwire::Tripwire;
use turns::Turns;
use window::{ByClass, Window};

pub use passages::length_m;

/// Frames further apart than this, or than three analysis periods if that is longer, leave a hole in the coverage.
const LONGEST_GAP_S: f64 = 1.0;

/// One quantity at one tripwire or zone in one window. Its unit is [`Quantity::unit`].
#[derive(Debug, Clone, PartialEq)]
pub struct SceneObservation {
    /// What was measured.
    pub quantity: Quantity,
    /// The tripwire or zone.
    pub zone: ZoneId,
    /// The class counted; `None` for all together.
    pub class: Option<RoadUserClass>,
    /// The direction counted, at a tripwire.
    pub direction: Option<Direction>,
    /// The tripwire that was crossed next, of a turning movement.
    pub to_zone: Option<ZoneId>,
    /// Which figure of a distribution it is.
    pub statistic: Option<Statistic>,
    /// On how many measured values it rests.
    pub samples: Option<u32>,
    /// Half the width of the interval that holds the truth 95 times of 100.
    pub plus_minus: Option<f64>,
    /// Begin of the window.
    pub from: Time,
    /// End of the window, exclusive.
    pub to: Time,
    /// The measured value.
    pub value: f64,
    /// Seconds of the window that were really observed.
    pub coverage_s: f64,
}

/// Everything that is counted at one camera.
#[derive(Debug, Clone)]
pub struct Counts {
    window_s: u32,
    longest_gap_s: f64,
    wires: Vec<Tripwire>,
    /// Who crossed last, at each tripwire and by direction.
    leaders: Vec<[Option<Leader>; 2]>,
    turns: Turns,
    zones: Vec<Zone>,
    window: Option<Window>,
    last_frame: Option<Time>,
}

#[derive(Debug, Clone)]
struct Zone {
    id: ZoneId,
    outline: Polygon,
    /// Road users inside in the last frame, by class.
    inside: ByClass,
    stays: Stays,
    /// Its life as a lane, where it has a direction.
    lane: Option<Lane>,
}

impl Zone {
    fn state(&self) -> (ByClass, Option<&LaneState>) {
        (self.inside, self.lane.as_ref().map(|lane| &lane.state))
    }
}

impl Counts {
    /// The tripwires and zones of a configuration.
    #[must_use]
    pub fn new(camera: &CameraConfig) -> Self {
        let ground = camera.calibration.as_ref().and_then(Ground::new);
        let zone = |zone: &ngatu_protocol::camera::ZoneConfig| Zone {
            id: zone.id.clone(),
            outline: Polygon::new(zone.points.clone()),
            inside: ByClass::default(),
            stays: Stays::default(),
            lane: Lane::new(zone, ground.as_ref()),
        };
        Self {
            window_s: camera.window_s.max(1),
            longest_gap_s: LONGEST_GAP_S.max(3.0 / camera.analysis_fps.max(0.01)),
            wires: camera.tripwires.iter().map(|wire| Tripwire::new(wire, camera.detector)).collect(),
            leaders: vec![[None; 2]; camera.tripwires.len()],
            turns: Turns::default(),
            zones: camera.zones.iter().map(zone).collect(),
            window: None,
            last_frame: None,
        }
    }

    /// Takes what is seen at one moment, not before the last one, and appends the observations of windows that ended by
    /// then.
    pub(crate) fn step(&mut self, sight: &Sight<'_>, out: &mut Vec<SceneObservation>) {
        let now = sight.now;
        if self.last_frame.is_some_and(|last| now.since_s(last) > self.longest_gap_s) {
            self.forget_the_unseen();
        }
        if let Some(last) = self.last_frame {
            let lanes = self.zones.iter_mut().filter_map(|zone| zone.lane.as_mut());
            lanes.for_each(|lane| lane.arrive(sight, now.since_s(last)));
        }
        self.advance(now, out);
        self.last_frame = Some(now);
        let sizes = (self.wires.len(), self.zones.len());
        let window = self.window.get_or_insert_with(|| Window::at(now, self.window_s, sizes));
        for (i, wire) in self.wires.iter_mut().enumerate() {
            let counts = &mut window.counts()[i];
            wire.step(now, sight.frame, sight.tracks, counts);
            let crossed = std::mem::take(&mut counts.crossed);
            for crossed in &crossed {
                let (at, speed) = passages::moment(sight, wire.segment(), *crossed);
                let side = passages::index(crossed.direction);
                window.passages[i][side].take(*crossed, at, speed, &mut self.leaders[i][side]);
                self.turns.cross((i, crossed.track, crossed.class), now, &mut window.turns);
            }
        }
        self.turns.end_the_gone(now, sight.paths, &mut window.turns);
        for (zone, stays) in self.zones.iter_mut().zip(&mut window.stays) {
            zone.inside = ByClass::default();
            let is_inside = |track: &&Track| zone.outline.contains(sight.frame.foot(track.bbox));
            for track in sight.tracks.iter().filter(is_inside) {
                zone.inside[track.class as usize] += 1;
            }
            zone.stays.step(sight, &zone.outline, stays);
            if let Some(lane) = &mut zone.lane {
                lane.step(sight, &zone.outline);
            }
        }
    }

    /// Nothing is observed from the last frame on. Windows that ended by `now` are appended. May be called again and
    /// again while nothing is seen.
    pub fn interrupt(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        self.last_frame = None;
        if let Some(window) = &mut self.window {
            for (i, wire) in self.wires.iter_mut().enumerate() {
                let counts = &mut window.counts()[i];
                wire.end_all(counts);
                // Their paths are gone: who they were is known, how fast they were is not.
                for crossed in std::mem::take(&mut counts.crossed) {
                    self.turns.cross((i, crossed.track, crossed.class), now, &mut window.turns);
                }
            }
            self.turns.end_all(&mut window.turns);
        }
        self.forget_the_unseen();
        for zone in &mut self.zones {
            zone.inside = ByClass::default();
            if let Some(lane) = &mut zone.lane {
                lane.clear();
            }
        }
        self.advance(now, out);
    }

    /// Interrupts, and appends the present window though it has not ended.
    pub fn finish(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        self.interrupt(now, out);
        if let Some(mut window) = self.window.take() {
            self.write(&mut window, out);
        }
    }

    /// After a time that nobody watched: who comes next may follow somebody else, and who stayed may have left meanwhile.
    fn forget_the_unseen(&mut self) {
        self.leaders.fill([None; 2]);
        self.zones.iter_mut().for_each(|zone| zone.stays.end_all());
    }

    /// Moves to `now`: adds the time since the last frame to the windows that it belongs to.
    fn advance(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        let observed_from = self.last_frame.filter(|last| now.since_s(*last) <= self.longest_gap_s);
        let sizes = (self.wires.len(), self.zones.len());
        while let Some(mut window) = self.window.take() {
            if let Some(from) = observed_from {
                window.cover(from, now, self.zones.iter().map(Zone::state));
            }
            if now < window.to {
                self.window = Some(window);
                return;
            }
            self.write(&mut window, out);
            // After a hole, the next frame begins the next window.
            self.window = observed_from.map(|_| Window::at(window.to, self.window_s, sizes));
        }
    }

    /// What was counted in the present window so far: each tripwire with its crossings from a to b and from b to a.
    pub fn running(&self) -> impl Iterator<Item = (&ZoneId, [u32; 2])> {
        let count = |index: usize, direction| {
            let window = self.window.as_ref();
            window.map_or(0, |window| window.count(index, direction, None))
        };
        self.wires.iter().enumerate().map(move |(index, wire)| {
            (
                &wire.id,
                [
                    count(index, ngatu_protocol::Direction::AToB),
                    count(index, ngatu_protocol::Direction::BToA),
                ],
            )
        })
    }
}
