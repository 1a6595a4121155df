//! One observation window and its sums.

use super::tripwire::WireCounts;
use crate::Time;
use ngatu_protocol::{Direction, RoadUserClass};

/// Sums over the part of a window that was seen so far.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) coverage_s: f64,
    wires: Vec<WireCounts>,
    zones: Vec<ZoneSums>,
}

#[derive(Debug, Clone, Copy, Default)]
struct ZoneSums {
    /// ∫ number inside dt, over the observed time.
    user_s: f64,
    occupied_s: f64,
}

impl Window {
    /// The window that holds `now`.
    pub(super) fn at(now: Time, length_s: u32) -> Self {
        let from = now.floor_to(length_s);
        let to = from.plus_s(f64::from(length_s));
        Self { from, to, coverage_s: 0.0, wires: Vec::new(), zones: Vec::new() }
    }

    /// Adds the time between two frames, as far as it lies in the window; `inside` is the number of road users in
    /// each zone during it.
    pub(super) fn cover(&mut self, from: Time, to: Time, inside: impl Iterator<Item = u32>) {
        let seconds = to.min(self.to).since_s(from.max(self.from)).max(0.0);
        self.coverage_s = (self.coverage_s + seconds).min(self.to.since_s(self.from));
        for (i, inside) in inside.enumerate() {
            if self.zones.len() <= i {
                self.zones.push(ZoneSums::default());
            }
            self.zones[i].user_s += f64::from(inside) * seconds;
            self.zones[i].occupied_s += if inside > 0 { seconds } else { 0.0 };
        }
    }

    /// The sums of `n` tripwires.
    pub(super) fn counts_of(&mut self, n: usize) -> &mut [WireCounts] {
        self.wires.resize(n, WireCounts::default());
        &mut self.wires
    }

    /// Crossings of a tripwire in a direction, of one class or of all.
    pub(super) fn count(&self, wire: usize, direction: Direction, class: Option<RoadUserClass>) -> u32 {
        self.wires.get(wire).map_or(0, |counts| counts.get(direction, class))
    }

    /// Mean number inside and share of the time occupied, for `n` zones. Only meaningful with coverage.
    pub(super) fn zones(&self, n: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
        let covered_s = self.coverage_s.max(f64::MIN_POSITIVE);
        (0..n).map(move |i| {
            let sums = self.zones.get(i).copied().unwrap_or_default();
            (sums.user_s / covered_s, (sums.occupied_s / covered_s).min(1.0))
        })
    }
}
