//! One observation window and its sums.

use super::lane::{LaneState, LaneSums};
use super::passages::Passages;
use super::stay::Finished;
use super::tripwire::WireCounts;
use super::turns::Completed;
use crate::Time;
use ngatu_protocol::{Direction, RoadUserClass};

const CLASSES: usize = RoadUserClass::ALL.len();

/// Number of road users by class.
pub(super) type ByClass = [u32; CLASSES];

/// Sums over the part of a window that was seen so far.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) coverage_s: f64,
    wires: Vec<WireCounts>,
    zones: Vec<ZoneSums>,
    /// Of each tripwire, by direction.
    pub(super) passages: Vec<[Passages; 2]>,
    pub(super) turns: Completed,
    /// Of each zone.
    pub(super) stays: Vec<Finished>,
    pub(super) lanes: Vec<LaneSums>,
}

#[derive(Debug, Clone, Copy, Default)]
struct ZoneSums {
    /// ∫ number inside dt, over the observed time, by class.
    user_s: [f64; CLASSES],
    /// Time with somebody of a class inside, and with anybody.
    occupied_by_s: [f64; CLASSES],
    occupied_s: f64,
}

impl Window {
    /// The window that holds `now`.
    pub(super) fn at(now: Time, length_s: u32, (wires, zones): (usize, usize)) -> Self {
        let from = now.floor_to(length_s);
        let to = from.plus_s(f64::from(length_s));
        Self {
            from,
            to,
            coverage_s: 0.0,
            wires: vec![WireCounts::default(); wires],
            zones: vec![ZoneSums::default(); zones],
            passages: vec![<[Passages; 2]>::default(); wires],
            turns: Completed::new(),
            stays: vec![Finished::default(); zones],
            lanes: vec![LaneSums::default(); zones],
        }
    }

    /// Adds the time between two frames, as far as it lies in the window; `zones` says of each zone how many road users
    /// were inside during it, and what its lane showed.
    pub(super) fn cover<'a>(
        &mut self,
        from: Time,
        to: Time,
        zones: impl Iterator<Item = (ByClass, Option<&'a LaneState>)>,
    ) {
        let seconds = to.min(self.to).since_s(from.max(self.from)).max(0.0);
        self.coverage_s = (self.coverage_s + seconds).min(self.to.since_s(self.from));
        for ((inside, lane), (sums, lanes)) in zones.zip(self.zones.iter_mut().zip(&mut self.lanes)) {
            for class in (0..CLASSES).filter(|class| inside[*class] > 0) {
                sums.user_s[class] += f64::from(inside[class]) * seconds;
                sums.occupied_by_s[class] += seconds;
            }
            sums.occupied_s += if inside.iter().any(|number| *number > 0) { seconds } else { 0.0 };
            if let Some(lane) = lane {
                lanes.add(lane, seconds);
            }
        }
    }

    /// The sums of the tripwires.
    pub(super) fn counts(&mut self) -> &mut [WireCounts] {
        &mut self.wires
    }

    /// Crossings of a tripwire in a direction, of one class or of all.
    pub(super) fn count(&self, wire: usize, direction: Direction, class: Option<RoadUserClass>) -> u32 {
        self.wires.get(wire).map_or(0, |counts| counts.get(direction, class))
    }

    /// Mean number inside and share of the time occupied, of one class or of all. Only meaningful with coverage.
    pub(super) fn zone(&self, zone: usize, class: Option<RoadUserClass>) -> (f64, f64) {
        let covered_s = self.coverage_s.max(f64::MIN_POSITIVE);
        let sums = self.zones.get(zone).copied().unwrap_or_default();
        let (user_s, occupied_s) = class.map_or_else(
            || (sums.user_s.iter().sum(), sums.occupied_s),
            |class| (sums.user_s[class as usize], sums.occupied_by_s[class as usize]),
        );
        (user_s / covered_s, (occupied_s / covered_s).min(1.0))
    }
}
