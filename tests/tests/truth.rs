//! Every kind of rule on scenes whose truth is known, a few of each; `make bench` plays many. And footage in which
//! nothing happens, once.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

use ngatu_tests::bench::smoke;
use ngatu_tests::skip::skipped;
use ngatu_tests::truth::{Family, Played, play, quiet, sizes, speed};

/// Plays a few scenes of each family; all of them must go as the truth says.
fn hold(families: &[&str]) {
    let network = play::network(1).unwrap().expect("no network: run `make setup`");
    let mut played = Played::default();
    for name in families {
        let family = Family::named(name).unwrap();
        played.join(family.play(0..family.quick, Some(&network)).unwrap());
    }
    for (kind, tally) in &played.score.0 {
        eprintln!("{kind}: {tally}");
    }
    for kind in &played.not_built {
        eprintln!("skipped: {kind} is not built in this version");
    }
    let bad: Vec<_> =
        played.score.0.iter().filter(|(_, tally)| !tally.is_good()).map(|(kind, _)| *kind).collect();
    assert!(bad.is_empty(), "{bad:?}\n{}", played.wrong.join("\n"));
}

#[test]
fn rules_about_where_people_are_state_what_truly_happens() {
    hold(&["visitors", "gathering"]);
}

#[test]
fn rules_about_how_vehicles_drive_and_stop_state_what_truly_happens() {
    hold(&["wrong-ways", "stops", "speeds"]);
}

#[test]
fn what_is_left_behind_or_parked_is_stated_and_nothing_else_that_stands() {
    hold(&["bags", "things", "bystanders", "parking"]);
}

#[test]
fn rules_about_dense_traffic_state_what_truly_happens() {
    hold(&["queues", "jams"]);
}

#[test]
fn rules_about_falls_and_collisions_state_what_truly_happens() {
    hold(&["falls", "stoops", "collisions", "close-calls"]);
}

#[test]
fn rules_about_the_camera_itself_state_what_truly_happens() {
    hold(&["lens"]);
}

#[test]
fn no_rule_states_anything_while_nothing_happens() {
    let network = play::network(1).unwrap().expect("no network: run `make setup`");
    let quiet = quiet::play(&network, 60.0).unwrap();
    eprintln!("{} frames, {} s, {} crossings", quiet.frames, quiet.length_s, quiet.crossings);
    assert!(quiet.statements.is_empty(), "{:#?}", quiet.statements);
    assert!(quiet.crossings > 5.0 && quiet.frames > 300, "it saw nothing: {quiet:?}");
}

#[test]
fn no_rule_states_what_is_never_ordinary_over_clips_of_ordinary_traffic() {
    let clips = smoke::clips();
    assert!(!clips.is_empty(), "no footage: run `make setup`");
    if clips.len() < 2 {
        skipped("clips of ordinary traffic: ../shared/data is missing");
    }
    let mut wrong = Vec::new();
    for clip in clips {
        let quiet = quiet::play_clip(&clip, None).unwrap();
        eprintln!(
            "{}: {:.0} s, {} tracks in {} frames",
            clip.display(),
            quiet.length_s,
            quiet.tracks,
            quiet.frames
        );
        assert!(quiet.tracks > 0, "it saw nothing: {}", clip.display());
        wrong.extend(quiet.statements.into_iter().map(|stated| (clip.clone(), stated)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn speeds_on_a_calibrated_road_are_right_and_so_is_what_is_said_of_their_error() {
    let measured = speed::play(0..4).unwrap();
    for one in &measured {
        eprintln!("{one:?}");
    }
    let (right, holds) = (
        speed::share(&measured, |one| one.error() <= speed::WITHIN),
        speed::share(&measured, speed::Measured::holds),
    );
    assert!(right >= 0.95 && holds >= speed::HOLDS, "{right} within 10 %, {holds} inside the interval");
}

#[test]
fn nine_of_ten_vehicles_before_a_calibrated_motion_detector_get_the_class_of_their_size() {
    let taken = sizes::play(0..8).unwrap();
    for one in &taken {
        eprintln!("{one:?}");
    }
    let right = sizes::right(&taken);
    assert!(right >= sizes::RIGHT, "{right} of {} vehicles have their class", taken.len());
}
