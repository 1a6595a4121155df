//! What an event says of itself.

use super::{lying, rule};
use crate::story::{car, person, play, road_user, sized};
use ngatu_protocol::{Measure, RoadUserClass};
use ngatu_scene::Detection;

#[test]
fn an_event_says_what_was_measured() {
    type Case = (&'static str, fn(f64) -> Vec<Detection>, &'static [Measure]);
    let table: [Case; 6] = [
        (
            calibrated!("kind = \"speeding\"\nabove_kmh = 50"),
            |t| vec![sized(RoadUserClass::Car, (0.1 + 0.2 * t, 0.5), (36.0, 22.0))],
            &[Measure::Speed, Measure::Held],
        ),
        (
            calibrated!("kind = \"congestion\"\nbelow_kmh = 20\nat_least = 1\nafter_s = 2"),
            |_| vec![car(0.7, 0.5)],
            &[Measure::Vehicles, Measure::Speed, Measure::Held],
        ),
        ("kind = \"wrong_way\"", |t| vec![car(0.9 - 0.1 * t, 0.5)], &[Measure::Angle, Measure::Held]),
        ("kind = \"stopped_vehicle\"", |_| vec![car(0.7, 0.5)], &[Measure::Standing]),
        (
            "kind = \"congestion\"\nat_least = 1\nafter_s = 2",
            |_| vec![road_user(RoadUserClass::Truck, 0.7, 0.5)],
            &[Measure::Vehicles, Measure::PictureSpeed, Measure::Held],
        ),
        (
            "kind = \"person_down\"",
            |t| vec![if t < 4.0 { person(0.7, 0.5) } else { lying(0.7, 0.5) }],
            &[Measure::Aspect, Measure::Held],
        ),
    ];
    for (kind, story, wanted) in table {
        let told = play(&rule(kind), 12.0, story);
        let facts = told.events.first().map(|event| event.why.facts.clone()).unwrap_or_default();
        let measures: Vec<Measure> = facts.iter().map(|fact| fact.measure).collect();
        assert_eq!(measures, wanted, "{kind}");
        assert!(facts.iter().all(|fact| fact.threshold.is_some()), "{kind}: {facts:?}");
    }
}
