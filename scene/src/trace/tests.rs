use super::*;
use crate::Time;

const FRAME: FrameSize = FrameSize { width_px: 1000, height_px: 500 };

fn track(id: u64, x: f32, y: f32) -> Track {
    let bbox = BoxPx { left: x - 20.0, top: y - 100.0, width: 40.0, height: 100.0 };
    Track {
        id,
        bbox,
        detected: bbox,
        class: RoadUserClass::Person,
        score: 0.8,
        seen: true,
        velocity_px_s: [0.0; 2],
        first_seen: Time::default(),
        first_bbox: bbox,
    }
}

/// Follows one road user, 5 times a second, whose foot is at `at` pixels, or who is not there.
fn followed(until_s: f64, at: impl Fn(f64) -> Option<[f32; 2]>) -> Vec<Trajectory> {
    let (mut traces, mut out, mut now) = (Traces::default(), Vec::new(), Time::default());
    while now < Time::from_seconds(until_s) {
        let track = at(now.as_seconds()).map(|[x, y]| track(7, x, y));
        traces.step(now, FRAME, track.as_slice(), &mut out);
        now = now.plus_s(0.2);
    }
    traces.end_all(&mut out);
    out
}

fn real(value: f64) -> f32 {
    #[allow(clippy::cast_possible_truncation, reason = "a test's pixels")]
    let value = value as f32;
    value
}

/// Where the replay has the foot point, and whether it is seen.
fn replayed(trajectories: &[Trajectory], at_s: f64) -> Option<([f32; 2], bool)> {
    let near = |step: &Step| (step.now.as_seconds() - at_s).abs() < 1e-3;
    let step = replay(trajectories, 5.0).find(near)?;
    step.tracks.first().map(|track| (track.bbox.foot(), track.seen))
}

#[test]
fn whoever_walks_straight_is_two_points_and_whoever_turns_or_waits_is_more() {
    let straight = followed(10.0, |t| Some([real(100.0 + 50.0 * t), 300.0]));
    assert_eq!(straight.iter().map(|t| t.points.len()).collect::<Vec<_>>(), [2]);
    let turned =
        followed(10.0, |t| Some([real(100.0 + 50.0 * t.min(5.0)), real(200.0 + 20.0 * (t - 5.0).max(0.0))]));
    assert_eq!(turned[0].points.len(), 3);
    // On a straight line in space, but not in time.
    let waited = followed(15.0, |t| Some([real(100.0 + 50.0 * (t.min(5.0) + (t - 10.0).max(0.0))), 300.0]));
    assert_eq!(waited[0].points.len(), 4);
    let times: Vec<_> = waited[0].points.iter().map(|point| point.at.as_seconds()).collect();
    assert!((times[1] - 5.0).abs() < 0.3 && (times[2] - 10.0).abs() < 0.3, "{times:?}");
}

#[test]
fn no_sample_is_farther_from_the_replay_than_a_tenth_of_the_box_height() {
    let way = |t: f64| [real(500.0 + 300.0 * (t * 0.7).sin()), real(250.0 + 100.0 * (t * 1.1).cos())];
    let trajectories = followed(60.0, |t| Some(way(t)));
    let samples = 300.0;
    let points: usize = trajectories.iter().map(|t| t.points.len()).sum();
    assert!(points < 150, "{points} points of {samples} samples");
    for i in 0..300_u32 {
        let t = f64::from(i) * 0.2;
        let ([x, y], seen) = replayed(&trajectories, t).unwrap();
        let [wanted_x, wanted_y] = way(t);
        assert!(
            seen && (x - wanted_x).hypot(y - wanted_y) <= 10.5,
            "{t}: {x} {y}, wanted {wanted_x} {wanted_y}"
        );
    }
}

#[test]
fn a_car_that_is_parked_for_a_day_comes_in_small_pieces_and_takes_no_more_memory() {
    let (mut traces, mut out, mut now) = (Traces::default(), Vec::new(), Time::default());
    while now < Time::from_seconds(86_400.0) {
        let tremble = if (now.as_micros() / 200_000) % 3 == 0 { 4.0 } else { 0.0 };
        traces.step(now, FRAME, &[track(7, 400.0 + tremble, 300.0)], &mut out);
        let trace = &traces.traces[&7];
        assert!(trace.window.len() < WINDOW && trace.kept.len() < PIECE_POINTS);
        now = now.plus_s(0.2);
    }
    traces.end_all(&mut out);
    assert_eq!(out.len(), 288);
    assert!(out.iter().all(|piece| piece.track == 7 && piece.points.len() == 2));
    assert!(out.windows(2).all(|pair| pair[0].goes_on && pair[0].to() == pair[1].from()));
    assert!(!out.last().unwrap().goes_on);
    let steps: Vec<_> = replay(&out[..3], 1.0).collect();
    // The last piece says that it goes on, so its last moment belongs to another.
    let whole = &steps[..steps.len() - 1];
    assert!(whole.iter().all(|step| step.tracks.len() == 1), "the pieces are one track again");
}

#[test]
fn wild_boxes_stay_within_the_limits_of_the_wire() {
    let mut number = 7_u32;
    let mut random = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        real(f64::from(number >> 16))
    };
    let (mut traces, mut out) = (Traces::default(), Vec::new());
    for i in 0..3000_u32 {
        let mut wild = track(7, random() % 3000.0 - 1000.0, random() % 3000.0 - 1000.0);
        wild.bbox.height = 1.0 + random() % 4000.0;
        wild.seen = random() % 10.0 > 0.5;
        traces.step(Time::from_seconds(f64::from(i) * 0.2), FRAME, &[wild], &mut out);
    }
    traces.end_all(&mut out);
    assert!(out.len() > 10);
    for trajectory in &out {
        let read = ngatu_protocol::track::unpack(&trajectory.packed().points);
        assert_eq!(read.map(|points| points.len()), Ok(trajectory.points.len()));
    }
}

#[test]
fn the_time_in_which_it_was_lost_is_not_invented() {
    let trajectories =
        followed(12.0, |t| (!(4.1..7.0).contains(&t)).then_some([real(100.0 + 50.0 * t), 300.0]));
    let [trajectory] = trajectories.as_slice() else { panic!("{trajectories:?}") };
    assert_eq!(trajectory.points.iter().filter(|point| point.unseen).count(), 1);
    assert_eq!(replayed(&trajectories, 3.0).map(|at| at.1), Some(true));
    assert_eq!(replayed(&trajectories, 5.0).map(|at| at.1), Some(false), "expected here for a moment");
    assert_eq!(replayed(&trajectories, 6.6), None, "and then nowhere");
    assert_eq!(replayed(&trajectories, 8.0).map(|at| at.1), Some(true));
    // One frame without it is no loss.
    let short = followed(8.0, |t| (!(4.1..4.3).contains(&t)).then_some([real(100.0 + 50.0 * t), 300.0]));
    assert_eq!(short[0].points.len(), 2);
}

#[test]
fn whoever_was_there_for_a_blink_is_not_worth_keeping() {
    assert_eq!(followed(0.5, |_| Some([300.0, 300.0])), []);
    assert_eq!(followed(5.0, |t| (t < 0.7).then_some([300.0, 300.0])).len(), 1);
}

#[test]
fn hours_without_anybody_are_left_out_of_a_replay() {
    let mut trajectories = followed(5.0, |_| Some([300.0, 300.0]));
    let mut later = trajectories[0].clone();
    later.points.iter_mut().for_each(|point| point.at = point.at.plus_s(36_000.0));
    trajectories.push(later);
    let steps: Vec<_> = replay(&trajectories, 5.0).collect();
    assert!((300..400).contains(&steps.len()), "{}", steps.len());
    assert!(steps.windows(2).all(|pair| pair[0].now < pair[1].now));
    for odd in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
        assert!(replay(&trajectories, odd).count() > 1, "{odd}");
    }
}
