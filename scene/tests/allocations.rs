//! The tracker's hot path asks for no memory once it has grown. A program of its own, since its allocator counts.

use ngatu_protocol::RoadUserClass;
use ngatu_scene::{BoxPx, Detection, Time, Tracker};

/// Frames after which the scene begins anew.
const CYCLE: u16 = 100;

fn seen(class: RoadUserClass, [left, top, width, height]: [f32; 4], score: f32) -> Detection {
    Detection { bbox: BoxPx { left, top, width, height }, class, score }
}

/// Everything that the tracker has a part for, in one frame: people who come, go and hide each other, doubles, weak boxes,
/// riders with what they ride, and a motion detector's blobs that merge and part.
fn busy(frame: u16) -> Vec<Detection> {
    let mut all = Vec::new();
    let f = f32::from(frame);
    for i in 0..12_u16 {
        let n = f32::from(i);
        let (left, top) = (300.0 + f * (n - 6.0) + 20.0 * n, 60.0 + 40.0 * n);
        let score = [0.9, 0.7, 0.56, 0.4][usize::from((frame * 7 + i * 3) % 4)];
        if !(frame + 5 * i).is_multiple_of(9) {
            all.push(seen(RoadUserClass::Person, [left, top, 30.0, 90.0], score));
        }
        if (frame + i).is_multiple_of(5) {
            all.push(seen(RoadUserClass::Person, [left + 10.0, top + 10.0, 30.0, 90.0], score * 0.9));
        }
    }
    for i in 0..4_u16 {
        let (left, top) = (f32::from(i) * 150.0 + 5.0 * f, 700.0);
        all.push(seen(RoadUserClass::Motorcycle, [left, top, 60.0, 45.0], 0.8));
        all.push(seen(RoadUserClass::Person, [left + 15.0, top - 35.0, 28.0, 62.0], 0.8));
    }
    // Two blobs run into each other, are one for a while, and part again.
    let (one, other) = (100.0 + 4.0 * f, 500.0 - 4.0 * f);
    if (other - one).abs() < 40.0 {
        let left = one.min(other);
        all.push(seen(RoadUserClass::Object, [left, 900.0, (other - one).abs() + 40.0, 20.0], 0.9));
    } else {
        all.push(seen(RoadUserClass::Object, [one, 900.0, 40.0, 20.0], 0.9));
        all.push(seen(RoadUserClass::Object, [other, 900.0, 40.0, 20.0], 0.9));
    }
    all
}

#[test]
fn a_frame_asks_for_no_memory_once_the_tracker_has_grown() {
    let frames: Vec<_> = (0..CYCLE).map(busy).collect();
    let mut tracker = Tracker::new();
    let mut now = Time::default();
    let mut tracks = 0;
    for cycle in 0..4 {
        for (number, detections) in frames.iter().enumerate() {
            let asked = allocation_counter::measure(|| {
                tracks += tracker.step(now, detections).len();
            });
            // Three rounds of everything: what will ever be needed is there.
            assert!(cycle < 3 || asked.count_total == 0, "frame {number} of cycle {cycle}: {asked:?}");
            now = now.plus_s(0.1);
        }
    }
    assert!(tracks > 4 * usize::from(CYCLE) * 12, "{tracks} tracks: it did nothing");
    // The counter counts.
    assert!(allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8; 100]))).count_total == 1);
}
