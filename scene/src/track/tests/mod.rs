//! The tracker on synthetic scenes; `tests/tests/tracking.rs` scores it on recorded ones.

mod riding;

use super::*;
use proptest::prelude::*;

const PERSON: RoadUserClass = RoadUserClass::Person;

fn person(left: f32, top: f32, score: f32) -> Detection {
    Detection { bbox: BoxPx { left, top, width: 30.0, height: 90.0 }, class: PERSON, score }
}

fn car(left: f32, score: f32) -> Detection {
    let bbox = BoxPx { left, top: 200.0, width: 80.0, height: 40.0 };
    Detection { bbox, class: RoadUserClass::Car, score }
}

/// Runs frames at `fps` and gives the ids reported in each.
fn ids(fps: f64, frames: &[Vec<Detection>]) -> Vec<Vec<u64>> {
    let mut tracker = Tracker::new();
    let mut now = Time::default();
    let mut all = Vec::new();
    for detections in frames {
        all.push(tracker.step(now, detections).iter().map(|track| track.id).collect());
        now = now.plus_s(1.0 / fps);
    }
    all
}

fn f(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap())
}

#[test]
fn a_strong_detection_is_a_track_at_once_and_a_middling_one_when_seen_again() {
    assert_eq!(ids(5.0, &[vec![person(100.0, 100.0, 0.9)]]), [[1]]);
    let middling = vec![vec![car(100.0, 0.33)]; 3];
    assert_eq!(ids(5.0, &middling), [vec![], vec![], vec![1]]);
}

#[test]
fn two_people_who_pass_each_other_keep_their_ids() {
    let at = |i| f(i) * 12.0;
    let frames: Vec<_> =
        (0..30).map(|i| vec![person(100.0 + at(i), 100.0, 0.8), person(460.0 - at(i), 110.0, 0.8)]).collect();
    for seen in ids(5.0, &frames) {
        assert_eq!(seen, [1, 2]);
    }
}

#[test]
fn a_fast_car_whose_boxes_do_not_touch_is_one_track_at_5_fps() {
    let frames: Vec<_> = (0..10).map(|i| vec![car(f(i) * 110.0, 0.7)]).collect();
    assert_eq!(ids(5.0, &frames).concat(), [1; 10]);
}

#[test]
fn someone_hidden_for_a_second_comes_back_as_the_same_track() {
    let at = |i: usize| vec![person(100.0 + 10.0 * f(i), 100.0, 0.8)];
    let frames: Vec<_> = (0..25).map(|i| if (10..15).contains(&i) { vec![] } else { at(i) }).collect();
    let seen = ids(5.0, &frames);
    assert_eq!(seen[10], [1], "it coasts for a while");
    assert!(seen[14].is_empty(), "and then it is not reported any more");
    assert_eq!(seen[15..].concat(), [1; 10]);
}

#[test]
fn weak_detections_continue_a_track_and_begin_none() {
    let score = |i: usize| if i == 0 || i == 3 { 0.9 } else { 0.3 };
    let frames: Vec<_> = (0..6).map(|i| vec![person(100.0 + 2.0 * f(i), 100.0, score(i))]).collect();
    assert_eq!(ids(10.0, &frames).concat(), [1; 6]);
    let weak: Vec<_> = (0..6).map(|i| vec![person(100.0 + 2.0 * f(i), 100.0, 0.3)]).collect();
    assert!(ids(10.0, &weak).concat().is_empty());
}

#[test]
fn a_worse_box_over_a_better_one_is_no_road_user_of_its_own_and_an_equal_one_is() {
    let beside = |score| vec![vec![person(100.0, 100.0, 0.9), person(112.0, 100.0, score)]; 20];
    assert_eq!(ids(5.0, &beside(0.6)).concat(), [1; 20]);
    assert_eq!(ids(5.0, &beside(0.9))[19], [1, 2], "two who walk close together");
}

#[test]
fn the_class_is_the_one_with_the_most_votes() {
    let mut tracker = Tracker::new();
    let mut now = Time::default();
    for i in 0..9 {
        let class = if i % 3 == 1 { RoadUserClass::Truck } else { RoadUserClass::Car };
        tracker.step(now, &[Detection { class, ..car(10.0 * f(i), 0.7) }]);
        now = now.plus_s(0.2);
    }
    assert_eq!(
        tracker.tracks().iter().map(|t| (t.id, t.class)).collect::<Vec<_>>(),
        [(1, RoadUserClass::Car)]
    );
}

#[test]
fn ids_go_on_after_a_reset_and_a_time_that_goes_back() {
    let mut tracker = Tracker::new();
    let one = [person(100.0, 100.0, 0.9)];
    assert_eq!(tracker.step(Time::from_seconds(100.0), &one)[0].id, 1);
    assert_eq!(tracker.step(Time::from_seconds(50.0), &one)[0].id, 2);
    tracker.reset();
    assert_eq!(tracker.step(Time::from_seconds(51.0), &one)[0].id, 3);
    assert_eq!(tracker.step(Time::from_seconds(5_000.0), &one)[0].id, 4);
}

#[test]
fn a_track_survives_a_rescaling_of_the_picture() {
    let mut tracker = Tracker::new();
    for i in 0..5 {
        tracker.step(Time::from_seconds(0.2 * f64::from(f(i))), &[person(100.0 + 10.0 * f(i), 100.0, 0.9)]);
    }
    tracker.rescale(2.0, 2.0);
    let bbox = person(150.0, 100.0, 0.9).bbox.scaled(2.0, 2.0);
    let tracks = tracker.step(Time::from_seconds(1.0), &[Detection { bbox, ..person(0.0, 0.0, 0.9) }]);
    assert_eq!(tracks.iter().map(|t| (t.id, t.seen)).collect::<Vec<_>>(), [(1, true)]);
}

fn any_number() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -100.0f32..700.0,
        1 => prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(0.0), Just(-1.0), Just(1e30), Just(f32::MIN_POSITIVE)],
    ]
}

fn any_detection() -> impl Strategy<Value = Detection> {
    (any_number(), any_number(), any_number(), any_number(), any_number(), 0..RoadUserClass::ALL.len())
        .prop_map(|(left, top, width, height, score, class)| Detection {
            bbox: BoxPx { left, top, width, height },
            class: RoadUserClass::ALL[class],
            score: score / 500.0,
        })
}

proptest! {
    #[test]
    fn any_detections_at_any_time_give_usable_boxes_and_each_id_once(
        frames in prop::collection::vec((-5i64..40, prop::collection::vec(any_detection(), 0..8)), 1..40)
    ) {
        let mut tracker = Tracker::new();
        let mut now = Time::default();
        for (step, detections) in frames {
            now = Time::from_micros(now.as_micros() + step * 50_000);
            let tracks = tracker.step(now, &detections);
            let mut seen: Vec<_> = tracks.iter().map(|track| track.id).collect();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), tracks.len());
            for track in tracks {
                prop_assert!(track.bbox.is_usable(), "{:?}", track);
                prop_assert!((0.0..=1.0).contains(&track.score));
                prop_assert!(track.id > 0);
            }
        }
    }
}

/// People who come, go, stand and overlap, with doubles and weak boxes, at 10 frames a second.
fn busy(frame: usize) -> Vec<Detection> {
    let mut all = Vec::new();
    for i in 0..12 {
        let way = f(frame) * (f(i) - 6.0);
        let score = [0.9, 0.7, 0.56, 0.4][(frame * 7 + i * 3) % 4];
        if !(frame + 5 * i).is_multiple_of(9) {
            all.push(person(300.0 + way + 20.0 * f(i), 60.0 + 40.0 * f(i), score));
        }
        if (frame + i).is_multiple_of(5) {
            all.push(person(310.0 + way + 20.0 * f(i), 70.0 + 40.0 * f(i), score * 0.9));
        }
    }
    all
}

#[test]
fn empty_frames_in_between_change_no_id() {
    let (mut plain, mut with_gaps) = (Tracker::new(), Tracker::new());
    for frame in 0..120 {
        let at = |part: f64| Time::from_seconds(0.1 * (f64::from(f(frame)) + part));
        plain.step(at(0.0), &busy(frame));
        with_gaps.step(at(0.0), &busy(frame));
        let seen = |tracker: &Tracker| -> Vec<_> {
            tracker.tracks().iter().filter(|t| t.seen).map(|t| (t.id, t.bbox.left.round())).collect()
        };
        assert_eq!(seen(&plain), seen(&with_gaps), "frame {frame}");
        with_gaps.step(at(0.3), &[]);
        with_gaps.step(at(0.6), &[]);
    }
    assert!(plain.last_id >= 12);
}

#[test]
fn a_picture_of_twice_or_half_the_size_gives_the_same_ids() {
    let (mut one, mut other) = (Tracker::new(), Tracker::new());
    for scale in [0.5, 2.0] {
        for frame in 0..60 {
            let now = Time::from_seconds(0.1 * f64::from(f(frame)));
            let scaled: Vec<_> = busy(frame)
                .into_iter()
                .map(|d| Detection { bbox: d.bbox.scaled(scale, scale), ..d })
                .collect();
            let wanted: Vec<_> = one.step(now, &busy(frame)).iter().map(|t| t.id).collect();
            let found: Vec<_> = other.step(now, &scaled).iter().map(|t| t.id).collect();
            assert_eq!(found, wanted, "frame {frame}, scale {scale}");
        }
    }
}

#[test]
fn a_frame_allocates_nothing_once_the_memory_has_grown() {
    let mut tracker = Tracker::new();
    let mut now = Time::default();
    let mut grown = None;
    for frame in 0..300 {
        tracker.step(now, &busy(frame % 100));
        now = now.plus_s(0.1);
        if frame >= 200 {
            let capacity = tracker.capacity();
            assert_eq!(*grown.get_or_insert(capacity), capacity, "frame {frame}");
        }
    }
}

impl Tracker {
    /// Elements that all its vectors have room for.
    fn capacity(&self) -> usize {
        let work = &self.work;
        let own = self.states.capacity() + self.reported.capacity();
        let lists = work.grades.capacity() + work.pairs.capacity();
        let taken = work.track_taken.capacity() + work.detection_taken.capacity();
        own + lists + taken + work.order.capacity() + work.assignment.capacity()
    }
}
