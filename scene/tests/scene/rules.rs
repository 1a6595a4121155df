//! Intrusion and loitering: one person, one start, one end.

use crate::story::{INTRUSION, LOITERING, camera, person, play, road_user};
use ngatu_protocol::{EndReason, Fact, Measure, RoadUserClass, Why};
use ngatu_scene::{Detection, Scene};

/// Walks to the right through the middle at 0.05 picture widths a second, from `x0`.
fn walker(t: f64, x0: f64) -> Vec<Detection> {
    vec![person(x0 + 0.05 * t, 0.5)]
}

#[test]
fn each_story_has_its_starts_and_ends() {
    type Story = fn(f64) -> Vec<Detection>;
    let inside: Story = |_| vec![person(0.7, 0.5)];
    let table: [(&str, &str, Story, f64, &[&str]); 11] = [
        ("nobody", INTRUSION, |_| vec![], 10.0, &[]),
        ("someone outside", INTRUSION, |_| vec![person(0.3, 0.5)], 10.0, &[]),
        ("someone inside until the end", INTRUSION, inside, 5.0, &["start@0.6", "end@5.0"]),
        (
            "someone walks in while another stays outside",
            INTRUSION,
            |t| vec![person(0.445 + 0.05 * t.min(2.0), 0.5), person(0.2, 0.5)],
            8.0,
            // Enters at 1.1 s; the tracker smooths, so it knows a moment later.
            &["start@1.8", "end@8.0"],
        ),
        (
            "someone who is inside for too short a time",
            INTRUSION,
            |t| if t < 0.3 { vec![person(0.7, 0.5)] } else { vec![] },
            10.0,
            &[],
        ),
        (
            "someone who trembles on the zone's edge",
            INTRUSION,
            |t| vec![person(if (t * 5.0).round() % 2.0 < 0.5 { 0.51 } else { 0.495 }, 0.5)],
            10.0,
            &["start@1.2", "end@10.0"],
        ),
        (
            "someone hidden for 2.4 s in the zone",
            INTRUSION,
            |t| if (3.0..5.4).contains(&t) { vec![] } else { vec![person(0.7, 0.5)] },
            9.0,
            &["start@0.6", "end@9.0"],
        ),
        (
            "someone who vanishes in the zone",
            INTRUSION,
            |t| if t < 3.0 { vec![person(0.7, 0.5)] } else { vec![] },
            20.0,
            // Last seen at 2.8 s; 3 s of tolerance.
            &["start@0.6", "end@5.8"],
        ),
        ("a loiterer", LOITERING, inside, 15.0, &["start@10.0", "end@15.0"]),
        ("someone who passes is no loiterer", LOITERING, |t| walker(t, 0.55), 9.0, &[]),
        (
            "a loiterer who steps out for 2.6 s; the leave is not counted",
            LOITERING,
            |t| vec![person(0.48 + ((t - 6.0).abs() - 1.0).clamp(0.0, 1.0) * 0.07, 0.5)],
            20.0,
            &["start@12.6", "end@20.0"],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, rule, story, until_s, wanted) in table {
        let told = play(&camera(rule), until_s, story).phases();
        if told != wanted {
            wrong.push(format!("{name}: {told:?}, wanted {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_event_names_rule_threshold_and_measured_value_and_ends_under_its_own_track() {
    let told = play(&camera(INTRUSION), 3.0, |_| vec![person(0.3, 0.5), person(0.7, 0.5)]);
    let [start, end] = told.events.as_slice() else { panic!("{:?}", told.events) };
    assert_eq!(start.why, Why::start([Fact::against(Measure::Dwell, 0.6, 0.5)]));
    assert_eq!(end.why, Why::end(EndReason::ObservationEnded, [Fact::against(Measure::Dwell, 2.8, 0.5)]));
    assert_eq!((start.track, end.track), (Some(2), Some(2)));
    let foot = start.picture.unwrap();
    assert!((foot.x - 0.7).abs() < 0.01 && (foot.y - 0.5).abs() < 0.01);
    assert!((start.confidence - 0.9).abs() < 0.01);
}

#[test]
fn only_the_classes_of_the_rule_matter() {
    let cars = format!("{INTRUSION}classes = [\"car\", \"truck\"]\n");
    let of = |class| play(&camera(&cars), 3.0, |_| vec![road_user(class, 0.7, 0.5)]).events.len();
    assert_eq!(of(RoadUserClass::Person), 0);
    assert_eq!(of(RoadUserClass::Car), 2);
}

#[test]
fn a_hold_time_of_nothing_fires_in_the_first_frame() {
    let now = format!("{INTRUSION}after_s = 0\n");
    assert_eq!(play(&camera(&now), 1.0, |_| vec![person(0.7, 0.5)]).phases(), ["start@0.0", "end@1.0"]);
}

#[test]
fn two_people_make_two_starts_and_two_ends() {
    let told = play(&camera(INTRUSION), 3.0, |_| vec![person(0.7, 0.3), person(0.8, 0.8)]);
    let mut tracks: Vec<_> = told.events.iter().map(|event| event.track).collect();
    tracks.sort_unstable();
    assert_eq!(tracks, [Some(1), Some(1), Some(2), Some(2)]);
}

#[test]
fn a_kind_that_is_not_built_is_refused_with_its_name() {
    let lost = camera(&INTRUSION.replace("intrusion", "camera_lost"));
    let error = Scene::new(&lost).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("camera_lost") && error.contains("not built"), "{error}");
    let error = Scene::new(&camera(&INTRUSION.replace("yard", "garden"))).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("garden"), "{error}");
}
