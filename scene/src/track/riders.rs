//! Riders: a detector finds two boxes where one road user is, the person and the two-wheeler below. They are followed
//! apart and reported as one, of the two-wheeler's class, so that nobody is counted twice.
//!
//! A person sits on a two-wheeler when its box is above or within the other, ends within it, and is as wide as a rider
//! may be. The two are one when they go on like that for [`RIDE_S`] and move alike, or at once when the person appears
//! on a two-wheeler that moves: where should it have come from? A person who walks past a parked motorcycle moves and it
//! does not; one who stands behind it does not move, and a ride begins only in motion. It goes on at a red light, and
//! ends when the two were apart for as long. Between frames in which the detector finds the two-wheeler, its rider
//! carries it along.

use super::state::State;
use crate::{BoxPx, Time};
use ngatu_protocol::RoadUserClass;

/// How long a person and a two-wheeler must go together before they are one, and apart before they are two, seconds.
const RIDE_S: f32 = 0.35;
/// Slowest start of a ride, scales of the two-wheeler per second: a third of a walk.
const SLOWEST: f32 = 0.25;
/// Largest difference of the two velocities at the start, as a share of the larger one.
const LARGEST_DIFFERENCE: f32 = 0.5;

/// Longest time for which a two-wheeler is carried along without a detection of it, seconds.
const CARRY_S: f32 = 3.0;

/// On which two-wheeler a person rides.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ride {
    /// The two-wheeler's id; 0 for none.
    pub(super) on: u64,
    /// Whether they are one road user.
    pub(super) joined: bool,
    /// How long they are together, 0..=[`RIDE_S`].
    together_s: f32,
    /// The two-wheeler's box as seen from the person's: shift of left and top, and sides, in widths and heights.
    place: [f32; 4],
}

impl Ride {
    /// Where the two-wheeler is, when the person is here.
    fn carried(&self, person: BoxPx) -> BoxPx {
        let [left, top, width, height] = self.place;
        BoxPx {
            left: person.left + left * person.width,
            top: person.top + top * person.height,
            width: width * person.width,
            height: height * person.height,
        }
    }
}

/// Whether boxes like these are a rider and what is ridden.
///
/// In heights of the two-wheeler H, width W: the person begins no lower than 0.25 H below its upper edge (a detector
/// draws a box around both now and then), ends between 0.2 H and 1.1 H below that, is 0.6 to 3 H high, no wider than the
/// longer side by a quarter, and has its middle within the two-wheeler's middle two thirds. That holds from the side
/// (W > H) and from ahead (W < H).
pub(super) fn sits_on(person: BoxPx, wheels: BoxPx) -> bool {
    let height = wheels.height;
    let above = wheels.top - person.top;
    let ends = person.top + person.height - wheels.top;
    let off = (person.center()[0] - wheels.center()[0]).abs();
    above >= -0.25 * height
        && (0.2 * height..=1.1 * height).contains(&ends)
        && (0.6 * height..=3.0 * height).contains(&person.height)
        && person.width <= 1.25 * wheels.width.max(height)
        && off <= wheels.width / 3.0
}

/// Finds who rides on what, after the detections of the frame at `now` were given out, and carries two-wheelers along
/// that were not seen.
pub(super) fn join(states: &mut [State], now: Time, dt_s: f32) {
    if !states.iter().any(is_two_wheeler) {
        states.iter_mut().for_each(|state| state.ride = Ride::default());
        return;
    }
    for i in 0..states.len() {
        if states[i].id != 0 && states[i].class() == RoadUserClass::Person {
            step(states, i, dt_s);
        } else {
            states[i].ride = Ride::default();
        }
    }
    for i in 0..states.len() {
        let (ride, seen, person) = (states[i].ride, states[i].lost_s <= 0.0, states[i].last);
        let is_lost =
            |state: &&mut State| state.id == ride.on && state.lost_s > 0.0 && state.weak_s(now) <= CARRY_S;
        if ride.joined
            && seen
            && let Some(wheels) = states.iter_mut().find(is_lost)
        {
            wheels.carry(ride.carried(person), now);
        }
    }
}

/// One frame in the life of the person `i`.
fn step(states: &mut [State], i: usize, dt_s: f32) {
    let person = &states[i];
    let mut ride = person.ride;
    if person.lost_s > 0.0 {
        return;
    }
    // The geometry first: it rules out nearly all, and asks least.
    let below =
        |state: &&State| state.lost_s <= 0.0 && sits_on(person.last, state.last) && is_two_wheeler(state);
    let off = |state: &State| (person.last.center()[0] - state.last.center()[0]).abs();
    let nearest = |a: &&State, b: &&State| off(a).total_cmp(&off(b));
    let wheels = match states.iter().find(|state| ride.on != 0 && state.id == ride.on) {
        Some(known) => Some(known),
        None => states.iter().filter(below).min_by(nearest),
    };
    let Some(wheels) = wheels else {
        states[i].ride = Ride::default();
        return;
    };
    ride.on = wheels.id;
    if wheels.lost_s <= 0.0 {
        let appeared = person.followed_s() <= 0.0 && speed(wheels) >= SLOWEST * wheels.scale();
        let as_one = ride.joined || appeared || move_alike(person, wheels);
        let together = as_one && sits_on(person.last, wheels.last);
        let change_s = match (together, appeared) {
            (true, true) => RIDE_S,
            (true, false) => dt_s,
            (false, _) => -dt_s,
        };
        ride.together_s = (ride.together_s + change_s).clamp(0.0, RIDE_S);
        if together {
            let (p, w) = (person.last, wheels.last);
            ride.place = [
                (w.left - p.left) / p.width,
                (w.top - p.top) / p.height,
                w.width / p.width,
                w.height / p.height,
            ];
        }
        if ride.together_s <= 0.0 && !together {
            ride = Ride::default();
        } else {
            ride.joined = ride.joined || ride.together_s >= RIDE_S;
        }
    }
    states[i].ride = ride;
}

fn is_two_wheeler(state: &State) -> bool {
    state.id != 0 && matches!(state.class(), RoadUserClass::Bicycle | RoadUserClass::Motorcycle)
}

fn speed(state: &State) -> f32 {
    let [x, y] = state.velocity();
    x.hypot(y)
}

fn move_alike(person: &State, wheels: &State) -> bool {
    let ([px, py], [wx, wy]) = (person.velocity(), wheels.velocity());
    speed(person).min(speed(wheels)) >= SLOWEST * wheels.scale()
        && (px - wx).hypot(py - wy) <= LARGEST_DIFFERENCE * speed(person).max(speed(wheels))
}

/// The box around both.
pub(super) fn around(a: BoxPx, b: BoxPx) -> BoxPx {
    let (left, top) = (a.left.min(b.left), a.top.min(b.top));
    let right = (a.left + a.width).max(b.left + b.width);
    let bottom = (a.top + a.height).max(b.top + b.height);
    BoxPx { left, top, width: right - left, height: bottom - top }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bbox(left: f32, top: f32, width: f32, height: f32) -> BoxPx {
        BoxPx { left, top, width, height }
    }

    #[test]
    fn who_sits_on_a_two_wheeler_and_who_does_not() {
        let from_the_side = bbox(100.0, 100.0, 80.0, 50.0);
        let from_ahead = bbox(100.0, 100.0, 30.0, 60.0);
        let table = [
            ("a rider from the side", bbox(120.0, 60.0, 35.0, 75.0), from_the_side, true),
            ("a passenger behind the rider", bbox(105.0, 65.0, 35.0, 70.0), from_the_side, true),
            ("a rider from ahead", bbox(95.0, 60.0, 40.0, 80.0), from_ahead, true),
            ("someone who walks in front of it", bbox(120.0, 60.0, 35.0, 120.0), from_the_side, false),
            ("someone far behind it", bbox(120.0, 60.0, 20.0, 45.0), from_the_side, false),
            ("someone beside it", bbox(60.0, 50.0, 35.0, 90.0), from_the_side, false),
            (
                "a rider whose box the detector drew within the other",
                bbox(98.0, 105.0, 30.0, 50.0),
                from_ahead,
                true,
            ),
            ("someone who sits before it", bbox(125.0, 120.0, 20.0, 45.0), from_the_side, false),
            ("a giant at the camera", bbox(50.0, -200.0, 150.0, 340.0), from_the_side, false),
        ];
        for (name, person, wheels, wanted) in table {
            assert_eq!(sits_on(person, wheels), wanted, "{name}");
        }
    }
}
