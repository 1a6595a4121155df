//! Counts and measures in windows: crossings of tripwires by class and direction, mean number of road users in a zone,
//! share of the time that a zone was occupied.
//!
//! Windows begin at whole multiples of their length, so those of all cameras coincide. Each says how many of its
//! seconds were really observed: frames that follow each other within a limit cover the time between them, anything
//! longer is a hole. A window of which nothing was observed gives no observation: a dead camera never reads as "no
//! traffic". What always holds: coverage is at most the window's length, and a share is at most 1.

mod tripwire;
mod window;

use crate::geometry::Polygon;
use crate::{FrameSize, Time, Track};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Direction, Quantity, RoadUserClass, ZoneId};
use tripwire::Tripwire;
use window::Window;

/// Frames further apart than this, or than three analysis periods if that is longer, leave a hole in the coverage.
const LONGEST_GAP_S: f64 = 1.0;

/// One quantity at one tripwire or zone in one window. Its unit is always `1`.
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
    /// Begin of the window.
    pub from: Time,
    /// End of the window, exclusive.
    pub to: Time,
    /// The measured value, unit 1.
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
    zones: Vec<Zone>,
    window: Option<Window>,
    last_frame: Option<Time>,
}

#[derive(Debug, Clone)]
struct Zone {
    id: ZoneId,
    outline: Polygon,
    /// Road users inside in the last frame.
    inside: u32,
}

impl Counts {
    /// The tripwires and zones of a configuration.
    #[must_use]
    pub fn new(camera: &CameraConfig) -> Self {
        let zone = |zone: &ngatu_protocol::camera::ZoneConfig| Zone {
            id: zone.id.clone(),
            outline: Polygon::new(zone.points.clone()),
            inside: 0,
        };
        Self {
            window_s: camera.window_s.max(1),
            longest_gap_s: LONGEST_GAP_S.max(3.0 / camera.analysis_fps.max(0.01)),
            wires: camera.tripwires.iter().map(Tripwire::new).collect(),
            zones: camera.zones.iter().map(zone).collect(),
            window: None,
            last_frame: None,
        }
    }

    /// Takes the tracks of the frame at `now`, not before the last frame, and appends the observations of windows that
    /// ended by then.
    pub fn step(&mut self, now: Time, frame: FrameSize, tracks: &[Track], out: &mut Vec<SceneObservation>) {
        self.advance(now, out);
        self.last_frame = Some(now);
        let window = self.window.get_or_insert_with(|| Window::at(now, self.window_s));
        let counts = window.counts_of(self.wires.len());
        for (wire, counts) in self.wires.iter_mut().zip(counts) {
            wire.step(now, frame, tracks, counts);
            counts.crossed.clear();
        }
        for zone in &mut self.zones {
            let inside = tracks.iter().filter(|track| zone.outline.contains(frame.foot(track.bbox)));
            zone.inside = u32::try_from(inside.count()).unwrap_or(u32::MAX);
        }
    }

    /// Nothing is observed from the last frame on. Windows that ended by `now` are appended. May be called again and
    /// again while nothing is seen.
    pub fn interrupt(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        self.last_frame = None;
        if let Some(window) = &mut self.window {
            let counts = window.counts_of(self.wires.len());
            for (wire, counts) in self.wires.iter_mut().zip(counts) {
                wire.end_all(counts);
            }
        }
        self.zones.iter_mut().for_each(|zone| zone.inside = 0);
        self.advance(now, out);
    }

    /// Interrupts, and appends the present window though it has not ended.
    pub fn finish(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        self.interrupt(now, out);
        if let Some(window) = self.window.take() {
            self.write(&window, out);
        }
    }

    /// Moves to `now`: adds the time since the last frame to the windows that it belongs to.
    fn advance(&mut self, now: Time, out: &mut Vec<SceneObservation>) {
        let observed_from = self.last_frame.filter(|last| now.since_s(*last) <= self.longest_gap_s);
        while let Some(mut window) = self.window.take() {
            if let Some(from) = observed_from {
                window.cover(from, now, self.zones.iter().map(|zone| zone.inside));
            }
            if now < window.to {
                self.window = Some(window);
                return;
            }
            self.write(&window, out);
            // After a hole, the next frame begins the next window.
            self.window = observed_from.map(|_| Window::at(window.to, self.window_s));
        }
    }

    fn write(&self, window: &Window, out: &mut Vec<SceneObservation>) {
        let crossed = |wire: usize, direction, class| window.count(wire, direction, class);
        let anything = (0..self.wires.len())
            .any(|wire| Direction::ALL.iter().any(|direction| crossed(wire, *direction, None) > 0));
        if window.coverage_s <= 0.0 && !anything {
            return;
        }
        let mut push = |quantity, zone: &ZoneId, (direction, class), value| {
            out.push(SceneObservation {
                quantity,
                zone: zone.clone(),
                class,
                direction,
                from: window.from,
                to: window.to,
                value,
                coverage_s: window.coverage_s,
            });
        };
        for (index, wire) in self.wires.iter().enumerate() {
            for direction in Direction::ALL {
                let all = crossed(index, *direction, None);
                push(Quantity::Count, &wire.id, (Some(*direction), None), f64::from(all));
                for class in RoadUserClass::ALL {
                    let count = crossed(index, *direction, Some(*class));
                    if count > 0 {
                        push(Quantity::Count, &wire.id, (Some(*direction), Some(*class)), f64::from(count));
                    }
                }
            }
        }
        if window.coverage_s > 0.0 {
            for (zone, (mean, share)) in self.zones.iter().zip(window.zones(self.zones.len())) {
                push(Quantity::ZoneCount, &zone.id, (None, None), mean);
                push(Quantity::Occupancy, &zone.id, (None, None), share);
            }
        }
    }
}
