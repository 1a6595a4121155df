//! What stands, what leaves, and what only looks as if: drawn, with times that nobody waits for.

use super::*;
use opencv::core::{CV_8U, Scalar};

const SIZE: (i32, i32) = (90, 160);
const STEP_S: f64 = 0.2;

fn fill(picture: &mut Mat, rect: Rect, brightness: f64) {
    imgproc::rectangle(picture, rect, Scalar::all(brightness), imgproc::FILLED, imgproc::LINE_8, 0).unwrap();
}

/// An empty street: a carriageway with a line, a pavement, some grain.
fn street() -> Mat {
    let mut picture = Mat::new_rows_cols_with_default(SIZE.0, SIZE.1, CV_8U, Scalar::all(110.0)).unwrap();
    fill(&mut picture, Rect::new(0, 0, 160, 20), 140.0);
    fill(&mut picture, Rect::new(0, 70, 160, 2), 180.0);
    for (i, pixel) in picture.data_typed_mut::<u8>().unwrap().iter_mut().enumerate() {
        *pixel += u8::try_from(i.wrapping_mul(2_654_435_761) >> 7 & 7).unwrap();
    }
    soft(&picture)
}

fn soft(picture: &Mat) -> Mat {
    let mut soft = Mat::default();
    imgproc::blur_def(picture, &mut soft, Size::new(3, 3)).unwrap();
    soft
}

/// A car with a windscreen and wheels.
fn car(picture: &mut Mat, x: i32) {
    fill(picture, Rect::new(x, 40, 34, 16), 210.0);
    fill(picture, Rect::new(x + 8, 42, 6, 12), 60.0);
    fill(picture, Rect::new(x, 54, 34, 3), 30.0);
}

/// Somebody upright.
fn person(picture: &mut Mat, x: i32) {
    fill(picture, Rect::new(x, 30, 8, 24), 35.0);
    fill(picture, Rect::new(x + 1, 34, 6, 8), 200.0);
}

fn bag(picture: &mut Mat, x: i32) {
    fill(picture, Rect::new(x, 46, 9, 8), 230.0);
    fill(picture, Rect::new(x + 2, 48, 5, 2), 70.0);
}

/// Plays a scene at five pictures a second and gives, for each, the things.
fn play(seconds: f64, mut draw: impl FnMut(f64, &mut Mat)) -> Vec<(f64, Vec<StillThing>)> {
    let (street, mut memory) = (street(), StillMemory::new());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours")]
    let steps = (seconds / STEP_S) as u32;
    let mut seen = Vec::new();
    for step in 0..steps {
        let now_s = f64::from(step) * STEP_S;
        let mut picture = street.clone();
        draw(now_s, &mut picture);
        memory.look(&soft(&picture), now_s).unwrap();
        seen.push((now_s, memory.things().collect()));
    }
    seen
}

fn at(seen: &[(f64, Vec<StillThing>)], at_s: f64) -> &[StillThing] {
    &seen.iter().rfind(|(now_s, _)| *now_s <= at_s).unwrap().1
}

fn scaled(picture: &Mat, factor: f64) -> Mat {
    let mut out = Mat::default();
    picture.convert_to(&mut out, CV_8U, factor, 0.0).unwrap();
    out
}

/// A car comes at 5 s, stands from 7 s on, and leaves at `leaves_s`.
fn visit(now_s: f64, leaves_s: f64, picture: &mut Mat) {
    let x = match now_s {
        t if t < leaves_s => -40.0 + 50.0 * (t - 5.0).clamp(0.0, 2.0),
        t => 60.0 + 50.0 * (t - leaves_s),
    };
    #[allow(clippy::cast_possible_truncation, reason = "a few hundred pixels")]
    car(picture, x as i32);
}

#[test]
fn a_car_that_stops_is_one_thing_for_an_hour_and_none_a_second_after_it_left() {
    let seen = play(3620.0, |t, picture| visit(t, 3600.0, picture));
    let first = at(&seen, 9.0);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!((first[0].since_s - 7.0).abs() <= 0.5, "{first:?}");
    for (now_s, things) in seen.iter().filter(|(t, _)| (9.0..3600.0).contains(t)) {
        assert_eq!(things.len(), 1, "at {now_s}");
        assert_eq!(things[0].number, first[0].number, "at {now_s}");
    }
    for (now_s, things) in seen.iter().filter(|(t, _)| *t > 3601.6) {
        assert!(things.is_empty(), "at {now_s}: {things:?}");
    }
}

#[test]
fn what_stood_there_from_the_first_picture_leaves_no_thing() {
    let seen = play(60.0, |t, picture| visit(t + 100.0, 110.0, picture));
    assert!(
        seen.iter().all(|(_, things)| things.is_empty()),
        "{:?}",
        seen.iter().find(|(_, t)| !t.is_empty())
    );
}

#[test]
fn what_only_the_light_does_is_no_thing_and_harms_none() {
    type Light = (&'static str, fn(f64, &mut Mat));
    let lights: [Light; 4] = [
        ("the exposure jumps", |t, picture| {
            *picture = scaled(picture, if (20.0..40.0).contains(&t) { 0.7 } else { 1.0 });
        }),
        ("the exposure drifts", |t, picture| *picture = scaled(picture, 1.0 - 0.35 * (t / 60.0))),
        ("a cloud's shadow comes over half of it", |t, picture| {
            for x in 0..160 {
                let dark = 0.3 * ((t - 15.0) / 10.0 - f64::from(x) / 80.0).clamp(0.0, 1.0);
                let mut column = Mat::roi_mut(picture, Rect::new(x, 0, 1, 90)).unwrap();
                scaled(&column.clone_pointee(), 1.0 - dark).copy_to(&mut column).unwrap();
            }
        }),
        ("the picture is covered for a while", |t, picture| {
            if (20.0..40.0).contains(&t) {
                fill(picture, Rect::new(0, 0, 160, 90), 40.0);
                fill(picture, Rect::new(30, 10, 60, 60), 55.0);
            }
        }),
    ];
    for (what, light) in lights {
        let empty = play(60.0, light);
        let wrong = empty.iter().find(|(_, things)| !things.is_empty());
        assert!(wrong.is_none(), "{what}: {wrong:?}");
        let parked = play(60.0, |t, picture| {
            visit(t, 1000.0, picture);
            light(t, picture);
        });
        let (early, late) = (at(&parked, 10.0), at(&parked, 59.0));
        assert_eq!((early.len(), late.len()), (1, 1), "{what}: {early:?} {late:?}");
        assert_eq!(early[0].number, late[0].number, "{what}");
    }
}

#[test]
fn a_bag_is_a_thing_of_its_own_when_its_owner_goes() {
    for stays_s in [1.0, 20.0] {
        let goes_s = 8.0 + stays_s;
        let seen = play(50.0, |t, picture| {
            let x = 10.0 + 20.0 * (t - 4.0).clamp(0.0, 3.5) - 20.0 * (t - goes_s).clamp(0.0, 6.0);
            if t >= 7.8 {
                bag(picture, 90);
            }
            #[allow(clippy::cast_possible_truncation, reason = "a few hundred pixels")]
            if t >= 4.0 {
                person(picture, x as i32);
            }
        });
        let late = at(&seen, goes_s + 2.0);
        assert_eq!(late.len(), 1, "stays {stays_s} s: {late:?}");
        assert!(late[0].bbox.width < 16.0 && late[0].bbox.left > 80.0, "stays {stays_s} s: {late:?}");
        let number = late[0].number;
        let after = seen.iter().filter(|(t, _)| *t > goes_s + 2.0);
        assert!(after.clone().all(|(_, things)| things.iter().any(|thing| thing.number == number)));
    }
}

#[test]
fn what_passes_in_front_of_a_parked_car_takes_nothing_away() {
    let seen = play(60.0, |t, picture| {
        visit(t, 1000.0, picture);
        for (begin_s, width) in [(20.0, 60), (30.0, 8), (40.0, 90)] {
            #[allow(clippy::cast_possible_truncation, reason = "a few hundred pixels")]
            let x = (-90.0 + 40.0 * (t - begin_s)) as i32;
            fill(picture, Rect::new(x, 25, width, 36), 80.0);
            fill(picture, Rect::new(x + 2, 30, width - 4, 6), 190.0);
        }
    });
    let number = at(&seen, 10.0)[0].number;
    for (now_s, things) in seen.iter().filter(|(t, _)| *t > 10.0) {
        assert!(things.iter().any(|thing| thing.number == number), "at {now_s}: {things:?}");
    }
    assert_eq!(at(&seen, 59.0).len(), 1);
}

#[test]
fn after_half_a_day_a_thing_is_part_of_the_place_and_its_leaving_is_none() {
    let leaves_s = LONGEST_S + 30.0;
    let (street, mut memory) = (street(), StillMemory::new());
    let mut now_s = 0.0;
    let mut most = 0;
    while now_s < leaves_s + 30.0 {
        let mut picture = street.clone();
        visit(now_s, leaves_s, &mut picture);
        memory.look(&soft(&picture), now_s).unwrap();
        let count = memory.things().count();
        most = most.max(count);
        if now_s > LONGEST_S + 10.0 {
            assert_eq!(count, 0, "at {now_s}");
        }
        // Slowly while nothing happens.
        now_s += if (10.0..LONGEST_S - 10.0).contains(&now_s) { 10.0 } else { STEP_S };
    }
    assert_eq!(most, 1);
}

#[test]
fn no_more_things_are_remembered_than_the_bound() {
    let seen = play(80.0, |t, picture| {
        for n in 0..60 {
            if t > 5.0 + f64::from(n) {
                fill(picture, Rect::new(4 + 15 * (n % 10), 4 + 14 * (n / 10), 7, 7), 235.0);
            }
        }
    });
    let most = seen.iter().map(|(_, things)| things.len()).max().unwrap();
    assert_eq!(most, MOST_THINGS);
}

#[test]
#[ignore = "measures; cargo test -p edge-agent --release --lib still -- --ignored --nocapture"]
fn what_a_look_costs() {
    let mut street = Mat::default();
    imgproc::resize_def(&self::street(), &mut street, Size::new(320, 180)).unwrap();
    let mut parked = street.clone();
    for n in 0..8 {
        fill(&mut parked, Rect::new(4 + 39 * n, 40, 30, 16), 220.0);
    }
    let mut memory = StillMemory::new();
    for step in 0..40 {
        memory.look(if step < 20 { &street } else { &parked }, f64::from(step) * STEP_S).unwrap();
    }
    let begun = crate::clock::instant();
    for step in 40..1040 {
        memory.look(&parked, f64::from(step) * STEP_S).unwrap();
    }
    let took = crate::clock::instant() - begun;
    eprintln!("{} things, {:?} a look", memory.things().count(), took / 1000);
}
