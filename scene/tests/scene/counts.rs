//! Tripwires and windows.

use crate::story::{FRAME, Told, camera, person, play, road_user};
use ngatu_protocol::{Quantity, RoadUserClass};
use ngatu_scene::{Detection, Scene, Time};

#[test]
fn each_path_is_counted_once_and_in_its_direction() {
    type Path = fn(f64) -> (f64, f64);
    // The wire is looked along from above to below: its left is the picture's right.
    let table: [(&str, Path, (f64, f64)); 9] = [
        ("to the picture's right", |t| (0.3 + 0.05 * t, 0.5), (0.0, 1.0)),
        ("to the picture's left", |t| (0.7 - 0.05 * t, 0.5), (1.0, 0.0)),
        ("there and back", |t| (if t < 4.0 { 0.4 + 0.05 * t } else { 0.8 - 0.05 * t }, 0.5), (1.0, 1.0)),
        ("stops before the line", |t| ((0.3 + 0.05 * t).min(0.48), 0.5), (0.0, 0.0)),
        ("trembles on the line", |t| (0.5 + 0.008 * (t * 7.0).sin(), 0.5), (0.0, 0.0)),
        (
            "comes, trembles on the line and goes on",
            |t| match t {
                t if t < 2.0 => (0.4 + 0.05 * t, 0.5),
                t if t < 6.0 => (0.5 + 0.008 * ((t - 2.0) * 7.0).sin(), 0.5),
                t => (0.5 + 0.05 * (t - 6.0), 0.5),
            },
            (0.0, 1.0),
        ),
        ("passes above the wire", |t| (0.3 + 0.05 * t, 0.15), (0.0, 0.0)),
        (
            "goes round the end and back through it",
            |t| match t {
                t if t < 2.0 => (0.4 + 0.1 * t, 0.15),
                t if t < 4.0 => (0.6, 0.15 + 0.15 * (t - 2.0)),
                t => (0.6 - 0.05 * (t - 4.0), 0.45),
            },
            (1.0, 0.0),
        ),
        ("along the wire", |t| (0.45, 0.2 + 0.05 * t), (0.0, 0.0)),
    ];
    let mut wrong = Vec::new();
    for (name, path, wanted) in table {
        let told = play(&camera(""), 9.0, |t| {
            let (x, y) = path(t);
            vec![person(x, y)]
        });
        let counts = told.counts();
        if format!("{counts:?}") != format!("{wanted:?}") {
            wrong.push(format!("{name}: {counts:?}, wanted {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn classes_are_counted_apart_and_together() {
    let told = play(&camera(""), 9.0, |t| {
        let car = (t > 1.0).then(|| road_user(RoadUserClass::Car, 0.2 + 0.08 * t, 0.7));
        let mut all = vec![person(0.3 + 0.05 * t, 0.4)];
        all.extend(car);
        all
    });
    let mut counts: Vec<_> = told
        .observations
        .iter()
        .filter(|o| o.quantity == Quantity::Count && o.value > 0.0)
        .map(|o| (o.class.map(RoadUserClass::as_str), o.value))
        .collect();
    counts.sort_by_key(|(class, _)| *class);
    assert_eq!(counts, [(None, 2.0), (Some("car"), 1.0), (Some("person"), 1.0)]);
}

fn rows(told: &Told, quantity: Quantity) -> Vec<String> {
    let wanted = |o: &&ngatu_scene::SceneObservation| {
        o.quantity == quantity && o.class.is_none() && o.direction.is_none_or(|d| d.as_str() == "a_to_b")
    };
    let row = |o: &ngatu_scene::SceneObservation| {
        let (from, to) = (o.from.as_seconds(), o.to.as_seconds());
        format!("{from}..{to} {:.2} of {:.1} s", o.value, o.coverage_s)
    };
    told.observations.iter().filter(wanted).map(row).collect()
}

#[test]
fn windows_are_whole_multiples_of_their_length_and_say_what_was_covered() {
    let mut scene = Scene::new(&camera("")).unwrap();
    let mut told = Told::default();
    let mut run = |from_s: f64, to_s: f64, detections: &[Detection]| {
        let mut now = Time::from_seconds(from_s);
        while now < Time::from_seconds(to_s) {
            told.take(scene.step(now, FRAME, detections));
            now = now.plus_s(0.2);
        }
    };
    // The epoch of a live camera is far away; windows still begin at full tens.
    run(1_000_006.0, 1_000_015.0, &[person(0.7, 0.5)]);
    run(1_000_018.0, 1_000_020.2, &[]);
    // An hour of nothing: no rows for it.
    run(1_003_624.0, 1_003_630.2, &[person(0.7, 0.5), person(0.8, 0.5)]);
    told.take(scene.finish(Time::from_seconds(1_003_631.0)));
    assert_eq!(
        rows(&told, Quantity::ZoneCount),
        [
            "1000000..1000010 1.00 of 4.0 s",
            "1000010..1000020 0.71 of 6.8 s",
            "1003620..1003630 2.00 of 6.0 s",
        ]
    );
    assert_eq!(
        rows(&told, Quantity::Occupancy)[1..],
        ["1000010..1000020 0.71 of 6.8 s", "1003620..1003630 1.00 of 6.0 s",]
    );
    assert_eq!(rows(&told, Quantity::Count).len(), 3, "no traffic is a count of 0 where it was observed");
}

#[test]
fn a_lost_source_gives_out_its_window_while_nothing_comes() {
    let mut scene = Scene::new(&camera("")).unwrap();
    let mut told = Told::default();
    for i in 0..10 {
        told.take(scene.step(Time::from_seconds(0.2 * f64::from(i)), FRAME, &[person(0.7, 0.5)]));
    }
    for second in 3..30 {
        told.take(scene.interrupt(Time::from_seconds(f64::from(second))));
    }
    assert_eq!(rows(&told, Quantity::ZoneCount), ["0..10 1.00 of 1.8 s"]);
}
