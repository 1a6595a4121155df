//! The observations of a window that ended. What has no meaning is not said: no mean of nothing, no class that was not
//! there, no speed without a calibration.

use super::figures::Values;
use super::passages::{SLOWEST_KMH, index};
use super::window::Window;
use super::{Counts, SceneObservation};
use ngatu_protocol::{Direction, Quantity, RoadUserClass, Statistic, ZoneId};

const DISTRIBUTION: [Statistic; 4] = [Statistic::Mean, Statistic::P15, Statistic::P50, Statistic::P85];
/// From so many values on, percentiles are said.
const FEWEST_FOR_PERCENTILES: u32 = 5;
const HOUR_S: f64 = 3600.0;

/// Writes the observations of one window.
struct Report<'a> {
    window: &'a Window,
    out: &'a mut Vec<SceneObservation>,
}

impl Report<'_> {
    fn push(&mut self, quantity: Quantity, zone: &ZoneId, value: f64) -> &mut SceneObservation {
        self.out.push(SceneObservation {
            quantity,
            zone: zone.clone(),
            class: None,
            direction: None,
            to_zone: None,
            statistic: None,
            samples: None,
            plus_minus: None,
            from: self.window.from,
            to: self.window.to,
            value,
            coverage_s: self.window.coverage_s,
        });
        self.out.last_mut().expect("it was just pushed")
    }

    fn distribution(
        &mut self,
        (quantity, zone): (Quantity, &ZoneId),
        values: &mut Values,
        wanted: &[Statistic],
    ) {
        let samples = values.samples();
        let percentiles = samples >= FEWEST_FOR_PERCENTILES;
        for statistic in wanted.iter().filter(|statistic| percentiles || **statistic == Statistic::Mean) {
            if let Some(value) = values.figure(*statistic) {
                let observation = self.push(quantity, zone, value);
                observation.statistic = Some(*statistic);
                observation.samples = Some(samples);
            }
        }
    }
}

/// All classes together, then each.
fn all_and_each() -> impl Iterator<Item = Option<RoadUserClass>> {
    std::iter::once(None).chain(RoadUserClass::ALL.iter().copied().map(Some))
}

impl Counts {
    /// Appends the observations of a window; none when nothing was observed.
    pub(super) fn write(&self, window: &mut Window, out: &mut Vec<SceneObservation>) {
        let crossed =
            |wire: usize| Direction::ALL.iter().any(|direction| window.count(wire, *direction, None) > 0);
        let anything = (0..self.wires.len()).any(crossed) || !window.turns.is_empty();
        if window.coverage_s <= 0.0 && !anything {
            return;
        }
        let mut passages = std::mem::take(&mut window.passages);
        let mut stays = std::mem::take(&mut window.stays);
        let turns = std::mem::take(&mut window.turns);
        let mut report = Report { window, out };
        for (i, (wire, passages)) in self.wires.iter().zip(&mut passages).enumerate() {
            for direction in Direction::ALL {
                let begin = report.out.len();
                report.crossings(i, &wire.id, *direction);
                let passages = &mut passages[index(*direction)];
                report.distribution((Quantity::Headway, &wire.id), &mut passages.headways_s, &DISTRIBUTION);
                report.distribution((Quantity::Gap, &wire.id), &mut passages.gaps_s, &DISTRIBUTION);
                for class in all_and_each() {
                    let speeds = class.map_or(&passages.speeds, |class| &passages.by_class[class as usize]);
                    let means = [
                        (Quantity::TimeMeanSpeed, speeds.kmh.mean()),
                        (Quantity::SpaceMeanSpeed, speeds.kmh.harmonic_mean(SLOWEST_KMH)),
                    ];
                    for (quantity, mean) in means {
                        let Some(mean) = mean else { continue };
                        let observation = report.push(quantity, &wire.id, mean);
                        observation.class = class;
                        observation.samples = Some(speeds.kmh.samples());
                        observation.plus_minus = speeds.plus_minus();
                    }
                }
                report.out[begin..]
                    .iter_mut()
                    .for_each(|observation| observation.direction = Some(*direction));
            }
        }
        for ((from, to, class), n) in turns {
            let observation = report.push(Quantity::Turning, &self.wires[from].id, f64::from(n));
            observation.class = Some(class);
            observation.to_zone = to.map(|to| self.wires[to].id.clone());
        }
        if report.window.coverage_s > 0.0 {
            for (i, (zone, stays)) in self.zones.iter().zip(&mut stays).enumerate() {
                for class in all_and_each() {
                    let (mean, share) = report.window.zone(i, class);
                    if class.is_none() || share > 0.0 {
                        report.push(Quantity::ZoneCount, &zone.id, mean).class = class;
                        report.push(Quantity::Occupancy, &zone.id, share).class = class;
                    }
                }
                if let Some(lane) = &zone.lane {
                    report.lane(lane, i, &zone.id);
                }
                let wanted = [Statistic::Mean, Statistic::P85];
                report.distribution((Quantity::Dwell, &zone.id), &mut stays.all_s, &wanted);
                for class in RoadUserClass::ALL {
                    let begin = report.out.len();
                    let values = &mut stays.by_class_s[*class as usize];
                    report.distribution((Quantity::Dwell, &zone.id), values, &wanted);
                    report.out[begin..].iter_mut().for_each(|observation| observation.class = Some(*class));
                }
            }
        }
    }
}

impl Report<'_> {
    /// Counts and flows: q = N·3600/T, T being what was really observed.
    fn crossings(&mut self, wire: usize, id: &ZoneId, direction: Direction) {
        for class in all_and_each() {
            let n = self.window.count(wire, direction, class);
            if n == 0 && class.is_some() {
                continue;
            }
            self.push(Quantity::Count, id, f64::from(n)).class = class;
            let covered_s = self.window.coverage_s;
            // A count of 0 says it all.
            if n > 0 && covered_s >= 1.0 {
                self.push(Quantity::Flow, id, f64::from(n) * HOUR_S / covered_s).class = class;
            }
        }
    }

    /// Queue, and Edie's flow, density and speed where the lane is calibrated.
    fn lane(&mut self, lane: &super::lane::Lane, zone: usize, id: &ZoneId) {
        let Some(sums) = self.window.lanes.get(zone).copied() else { return };
        let covered_s = self.window.coverage_s;
        let mut queue = |quantity, class, (mean, max): (f64, f64)| {
            // The mean of a queue that never changed may round above it.
            for (statistic, value) in [(Statistic::Mean, mean.min(max)), (Statistic::Max, max)] {
                let observation = self.push(quantity, id, value);
                (observation.class, observation.statistic) = (class, Some(statistic));
            }
        };
        for class in all_and_each() {
            let (mean, max) = sums.queue(class, covered_s);
            if class.is_none() || max > 0.0 {
                queue(Quantity::QueueCount, class, (mean, max));
            }
        }
        if lane.is_metric() {
            queue(Quantity::QueueLength, None, sums.queue_m(covered_s));
        }
        for class in all_and_each() {
            let Some(stream) = lane.stream(&sums, class, self.window.coverage_s) else { continue };
            self.push(Quantity::Flow, id, stream.flow_per_h).class = class;
            self.push(Quantity::Density, id, stream.density_per_km).class = class;
            let speed = self.push(Quantity::SpaceMeanSpeed, id, stream.speed_kmh);
            speed.class = class;
            speed.plus_minus = Some(stream.speed_plus_minus_kmh);
        }
    }
}
