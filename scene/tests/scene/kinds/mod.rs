//! Each kind of rule in stories: what starts when, and what is none. Every story is also told by bad detectors; of all that
//! is due they let find 95 of 100, with 5 false.

use crate::noise::noisy;
use crate::story::{FPS, camera, play, sized};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Phase, RoadUserClass};
use ngatu_scene::Detection;

/// A calibration of a picture that is looked at from straight above and 100 m wide and high.
macro_rules! calibrated {
    ($rule:literal) => {
        concat!(
            $rule,
            "\n[calibration]\npicture = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]]\n",
            "ground_m = [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [50.0, 50.0]]\n"
        )
    };
}

mod collisions;
mod people;
mod reasons;
mod things;
mod traffic;
mod vehicles;

/// How long after the truth and the hold time a start may come, seconds; told by a bad detector.
const LATE_S: f64 = 1.0;
/// How long before: a bad detector's box may be where the road user comes a moment later.
const EARLY_S: f64 = 0.4;
/// So many bad detectors tell each story.
const SEEDS: u64 = 20;

struct Story {
    name: &'static str,
    rule: &'static str,
    at: fn(f64) -> Vec<Detection>,
    until_s: f64,
    /// What a perfect detector makes of it.
    wanted: &'static [&'static str],
    /// When the condition has held for the rule's hold time, in truth.
    due_s: &'static [f64],
}

fn rule(kind: &str) -> CameraConfig {
    camera(&format!("[[rule]]\nzone = \"yard\"\n{kind}\n"))
}

/// A person of 100 px who lies along the picture.
fn lying(x: f64, y: f64) -> Detection {
    sized(RoadUserClass::Person, (x, y), (100.0, 40.0))
}

/// Tells all stories; the errors of all of them together.
fn tell(stories: &[Story]) {
    let (mut wrong, mut odd) = (Vec::new(), Vec::new());
    let (mut due, mut found, mut false_starts) = (0, 0, 0);
    for story in stories {
        let camera = rule(story.rule);
        let clean = play(&camera, story.until_s, story.at).phases();
        if clean != story.wanted {
            wrong.push(format!("{}: {clean:?}, wanted {:?}", story.name, story.wanted));
        }
        for seed in 0..SEEDS {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a step's number")]
            let told =
                play(&camera, story.until_s, |t| noisy(seed, (t * FPS).round() as u64, &(story.at)(t)));
            let starts = told.events.iter().filter(|event| event.phase == Phase::Start);
            let mut starts: Vec<f64> = starts.map(|event| event.time.as_seconds()).collect();
            let wanted = story.due_s.len();
            due += wanted;
            let mut missed = 0;
            for due_s in story.due_s {
                let fits = |at: &f64| (due_s - EARLY_S..=due_s + LATE_S).contains(at);
                match starts.iter().position(fits) {
                    Some(i) => drop(starts.remove(i)),
                    None => missed += 1,
                }
            }
            found += wanted - missed;
            false_starts += starts.len();
            if missed > 0 || !starts.is_empty() {
                let all = told.phases();
                odd.push(format!("{}, detector {seed}: {all:?}, due {:?}", story.name, story.due_s));
            }
        }
    }
    let sum = format!("{found} of {due}, {false_starts} false");
    assert!(wrong.is_empty(), "{}\n{}", sum, wrong.join("\n"));
    let holds = 100 * found >= 95 * due && 100 * false_starts <= 5 * due;
    assert!(holds, "{sum}\n{}", odd.join("\n"));
}
