//! What holds whatever happens in front of the camera.

use crate::story::{Told, camera, sized};
use ngatu_protocol::camera::{Need, profile};
use ngatu_protocol::{EventKind, Phase, Quantity, RoadUserClass};
use ngatu_scene::{Detection, FrameSize, Scene, SceneEvent, Time};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What happens in one step: how long after the last one, what is done, who is seen.
#[derive(Debug, Clone)]
struct Step {
    after_ms: i64,
    frame: FrameSize,
    lost: bool,
    seen: Vec<Detection>,
}

fn any_detection() -> impl Strategy<Value = Detection> {
    (
        0..RoadUserClass::ALL.len(),
        (-0.1f64..1.1, 0.0f64..1.1),
        prop_oneof![3 => Just((40.0f32, 100.0f32)), 1 => (5.0f32..300.0, 5.0f32..300.0)],
        prop_oneof![9 => 0.1f32..1.0, 1 => Just(f32::NAN)],
    )
        .prop_map(|(class, place, size, score)| Detection {
            score,
            ..sized(RoadUserClass::ALL[class], place, size)
        })
}

/// A rule of each kind that needs tracks and no calibration, easily met.
fn each_kind() -> String {
    let about_tracks = EventKind::BUILT_RULES.iter().filter(|kind| {
        profile(**kind).is_some_and(|profile| profile.zone == Need::Must && !profile.calibrated)
    });
    let rule = |kind: &EventKind| {
        let many = profile(*kind).is_some_and(|profile| profile.at_least == Need::Must);
        let at_least = if many { "at_least = 2" } else { "" };
        format!("[[rule]]\nkind = \"{kind}\"\nzone = \"yard\"\nafter_s = 0.4\nclear_s = 0.4\n{at_least}\n")
    };
    about_tracks.map(rule).collect()
}

fn any_step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![20 => 0i64..400, 2 => 0i64..9_000, 1 => -3_000i64..0];
    let size = prop_oneof![20 => Just((1000, 1000)), 1 => Just((500, 500)), 1 => Just((640, 360)), 1 => Just((0, 0))];
    let lost = prop_oneof![15 => Just(false), 1 => Just(true)];
    (after, size, lost, prop::collection::vec(any_detection(), 0..5))
        .prop_map(|(after_ms, (w, h), lost, seen)| Step { after_ms, frame: FrameSize::new(w, h), lost, seen })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn starts_have_one_end_counts_have_a_crossing_and_coverage_fits_the_window(
        steps in prop::collection::vec(any_step(), 1..120), lingering in prop::collection::vec(any_detection(), 0..3)
    ) {
        let mut scene = Scene::new(&camera(&each_kind())).unwrap();
        let mut told = Told::default();
        let mut now = Time::default();
        let mut seen_tracks = 0.0;
        for step in &steps {
            now = Time::from_micros(now.as_micros() + step.after_ms * 1000);
            let mut seen = step.seen.clone();
            seen.extend_from_slice(&lingering);
            let output = if step.lost { scene.interrupt(now) } else { scene.step(now, step.frame, &seen) };
            seen_tracks += f64::from(u32::try_from(output.tracks.len()).unwrap());
            told.take(output);
        }
        told.take(scene.finish(now));
        check_events(&told.events)?;
        // A crossing needs a step of a track, so there are no more of them than of those.
        let (a, b) = told.counts();
        prop_assert!(a + b <= seen_tracks, "{a} + {b} crossings in {seen_tracks} steps of tracks");
        for o in &told.observations {
            let length_s = o.to.since_s(o.from);
            prop_assert!((0.0..=length_s).contains(&o.coverage_s), "{:?}", o);
            prop_assert!(o.value.is_finite() && o.value >= 0.0);
            prop_assert!((length_s - 10.0).abs() < 1e-9 && o.from == o.from.floor_to(10));
            if o.quantity == Quantity::Occupancy {
                prop_assert!(o.value <= 1.0);
            }
        }
    }
}

fn check_events(events: &[SceneEvent]) -> Result<(), TestCaseError> {
    let mut open: BTreeMap<(String, Option<u64>), Time> = BTreeMap::new();
    for event in events {
        let key = (event.rule.to_string(), event.track);
        prop_assert!(
            (0.0..=1.0).contains(&event.confidence)
                && event.picture.is_none_or(|point| point.check("picture").is_ok())
        );
        prop_assert!(event.why.check().is_ok());
        match event.phase {
            Phase::Start => prop_assert!(open.insert(key, event.time).is_none(), "two starts: {:?}", event),
            Phase::End => {
                let started = open.remove(&key);
                prop_assert!(started.is_some_and(|t| t <= event.time), "{started:?} then {:?}", event);
            }
        }
    }
    prop_assert!(open.is_empty(), "finish leaves nothing active: {:?}", open);
    Ok(())
}
