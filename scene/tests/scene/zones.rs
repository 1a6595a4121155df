//! Whom a rule concerns and when: hours, sizes, cool-down, leaving a zone, crowds.

use crate::story::{FPS, FRAME, INTRUSION, Told, camera, person, play};
use ngatu_protocol::{EndReason, Fact, Measure};
use ngatu_scene::{Detection, Scene, Time};

const CROWD: &str =
    "[[rule]]\nkind = \"crowd\"\nzone = \"yard\"\nat_least = 3\nafter_s = 2.0\nclear_s = 1.0\n";

fn people(n: u8) -> Vec<Detection> {
    (0..n).map(|i| person(0.55 + 0.06 * f64::from(i), 0.5)).collect()
}

#[test]
fn whoever_belongs_inside_and_goes_out_is_reported_until_they_come_back() {
    let rule = "[[rule]]\nkind = \"zone_left\"\nzone = \"yard\"\n";
    // Inside for 4 s, 6 s outside, back inside.
    let told = play(&camera(rule), 20.0, |t| {
        let x = if t < 6.0 { 0.8 - 0.07 * t } else { (0.38 + 0.07 * (t - 8.0)).clamp(0.38, 0.8) };
        vec![person(x, 0.5)]
    });
    let phases = told.phases();
    assert_eq!(phases.len(), 2, "{phases:?}");
    let (start, end) = (told.events[0].time.as_seconds(), told.events[1].time.as_seconds());
    assert!((5.2..=6.4).contains(&start) && (11.0..=13.0).contains(&end), "{phases:?}");
    assert_eq!(told.events[1].why.ended, Some(EndReason::Left));
}

#[test]
fn whoever_was_never_inside_did_not_leave() {
    let rule = "[[rule]]\nkind = \"zone_left\"\nzone = \"yard\"\n";
    assert!(play(&camera(rule), 10.0, |_| vec![person(0.2, 0.5)]).events.is_empty());
    // Only touched the edge on the way past.
    let brush = |t: f64| vec![person(0.47 + 0.05 * (1.0 - (t - 5.0).abs()).max(0.0), 0.1 + 0.07 * t)];
    assert!(play(&camera(rule), 10.0, brush).events.is_empty());
}

#[test]
fn a_crowd_starts_when_it_has_lasted_and_one_hidden_head_does_not_end_it() {
    let told = play(&camera(CROWD), 20.0, |t| match t {
        t if t < 4.0 => people(2),
        t if t < 12.0 => people(if (t * 5.0).round() % 10.0 < 1.0 { 2 } else { 4 }),
        _ => people(1),
    });
    let phases = told.phases();
    assert_eq!(phases.len(), 2, "{phases:?}");
    assert_eq!(told.events[0].why.facts[0].measure, Measure::People);
    assert_eq!(told.events[0].why.facts[1], Fact::against(Measure::Held, 2.0, 2.0));
    assert_eq!((told.events[0].track, told.events[1].why.ended), (None, Some(EndReason::ConditionEnded)));
}

#[test]
fn one_hidden_head_ends_no_crowd_however_small_and_two_do() {
    for least in 2..8_u8 {
        let rule = CROWD.replace("at_least = 3", &format!("at_least = {least}"));
        let left = |away: u8| {
            let told = play(&camera(&rule), 20.0, |t| people(if t < 6.0 { least } else { least - away }));
            told.events[1].time.as_seconds()
        };
        assert!(left(1) > 19.0, "of {least}, one is hidden for long");
        assert!(left(2) < 10.0, "of {least}, two left");
    }
    // Where one is enough, nobody is none.
    let one =
        play(&camera(&CROWD.replace("at_least = 3", "at_least = 1")), 20.0, |t| people(u8::from(t < 6.0)));
    assert!(one.events[1].time.as_seconds() < 10.0, "{:?}", one.phases());
}

#[test]
fn outside_its_hours_a_rule_is_silent_and_what_was_active_ends() {
    // The story's clock begins at the Unix epoch: a Thursday, 07:00 in Viet Nam.
    let rule = |from: &str, to: &str| {
        format!("{INTRUSION}[[rule.schedule]]\ndays = [\"thu\"]\nfrom = \"{from}\"\nto = \"{to}\"\n")
    };
    let stay = |_: f64| vec![person(0.7, 0.5)];
    assert_eq!(play(&camera(&rule("08:00", "17:00")), 5.0, stay).phases(), Vec::<String>::new());
    assert_eq!(play(&camera(&rule("22:00", "06:00")), 5.0, stay).phases(), Vec::<String>::new());
    let told = play(&camera(&rule("06:00", "07:01")), 62.0, stay);
    assert_eq!(told.phases(), ["start@0.6", "end@60.0"]);
    assert_eq!(told.events[1].why.ended, Some(EndReason::ScheduleEnded));
}

#[test]
fn nothing_new_starts_while_a_rule_cools_down() {
    let rule = format!("{INTRUSION}cooldown_s = 8\n");
    // Inside for two seconds, outside for two, again and again.
    let story = |t: f64| vec![person(if t.rem_euclid(4.0) < 2.0 { 0.52 } else { 0.46 }, 0.5)];
    let all = play(&camera(INTRUSION), 20.0, story).phases();
    let calm = play(&camera(&rule), 20.0, story).phases();
    assert_eq!((all.len(), calm.len()), (10, 4), "{all:?} {calm:?}");
}

#[test]
fn a_lost_source_is_no_end_that_a_rule_cools_down_from() {
    let rule = format!("{INTRUSION}cooldown_s = 600\n");
    let mut scene = Scene::new(&camera(&rule)).unwrap();
    let mut told = Told::default();
    for i in 0..100_u32 {
        let now = Time::from_seconds(f64::from(i) / FPS);
        // Six seconds without the source while the intruder stands there.
        let lost = (30..60).contains(&i);
        told.take(if lost { scene.interrupt(now) } else { scene.step(now, FRAME, &[person(0.7, 0.5)]) });
    }
    assert_eq!(told.phases()[..2], ["start@0.6", "end@6.0"]);
    assert_eq!(told.phases().len(), 3, "the intruder is stated again: {:?}", told.phases());
}

#[test]
fn what_is_too_small_in_the_picture_is_left_alone() {
    let of = |least: &str| {
        play(&camera(&format!("{INTRUSION}min_height = {least}\n")), 3.0, |_| vec![person(0.7, 0.5)])
            .events
            .len()
    };
    assert_eq!((of("0.09"), of("0.2")), (2, 0));
}
