//! One blob where two or more road users are: a motion detector sees what differs from the background, and what touches
//! in the picture is one piece. Such a blob is divided among the tracks that were expected in it, so that each goes on:
//! when two vehicles pass closely, and when they run into each other and stay.
//!
//! The pieces have the tracks' own sizes, and together they reach to all four edges of the blob: who was expected
//! farthest to the left is at its left edge, and so on. Between the edges a track is where it was expected. Nobody drives
//! through another: two on one line keep the order in which they were last seen, even if they were expected beyond each
//! other.

use crate::{BoxPx, Detection};
use ngatu_protocol::RoadUserClass;

/// A track belongs to the blob that holds at least this share of its expected box.
const INSIDE: f32 = 0.35;
/// The blob is larger than each of the tracks by at least this factor: otherwise one of them hides the other, or both
/// are one road user.
const LARGER: f32 = 1.3;
/// The pieces fill at least this share of the blob: two that touch with a corner fill half of the box around them.
const FILLED: f32 = 0.42;
/// A piece lies at most so many of its own sides from where it was expected …
const OFF_SIDES: f32 = 0.75;
/// … and reaches the blob's edges when stretched by no more than this share of its sides.
const STRETCHED: f32 = 0.35;
/// Two are on one line when their boxes share this part of the narrower one's breadth across it.
const ONE_LINE: f32 = 0.6;

/// A track as it is expected in this frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    id: u64,
    bbox: BoxPx,
    /// Where it was last seen.
    last: BoxPx,
    /// The blob that it lies in, by number; none yet.
    blob: usize,
}

impl Expected {
    /// The track `id`, expected and last seen there.
    pub(super) fn new(id: u64, bbox: BoxPx, last: BoxPx) -> Self {
        Self { id, bbox, last, blob: usize::MAX }
    }
}

/// Detections of which some are pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) detections: Vec<Detection>,
    /// For each detection the track whose piece it is; 0 for a whole one.
    pub(super) owners: Vec<u64>,
}

impl Parts {
    fn push(&mut self, detection: Detection, owner: u64) {
        self.detections.push(detection);
        self.owners.push(owner);
    }

    pub(super) fn clear(&mut self) {
        self.detections.clear();
        self.owners.clear();
    }
}

/// Copies the detections to `parts` with each blob divided that holds several of the expected tracks; false, and
/// nothing to look at, when there is no such blob.
pub(super) fn split(detections: &[Detection], tracks: &mut [Expected], parts: &mut Parts) -> bool {
    parts.clear();
    if tracks.len() < 2 {
        return false;
    }
    let is_blob = |detection: &Detection| detection.class == RoadUserClass::Object && detection.is_usable();
    for track in tracks.iter_mut() {
        let mut most = INSIDE;
        for (number, blob) in detections.iter().enumerate().filter(|(_, detection)| is_blob(detection)) {
            let share = shared(track.bbox, blob.bbox) / track.bbox.area().max(f32::MIN_POSITIVE);
            if share > most {
                (most, track.blob) = (share, number);
            }
        }
    }
    tracks.sort_unstable_by_key(|track| track.blob);
    let mut divided = false;
    for (number, blob) in detections.iter().enumerate() {
        let from = tracks.partition_point(|track| track.blob < number);
        let to = tracks.partition_point(|track| track.blob <= number);
        let before = parts.owners.len();
        if divide(blob, &tracks[from..to], parts) {
            divided = true;
        } else {
            parts.detections.truncate(before);
            parts.owners.truncate(before);
            parts.push(*blob, 0);
        }
    }
    divided
}

/// Adds the pieces of a blob, one for each track, if it can be divided.
fn divide(blob: &Detection, tracks: &[Expected], parts: &mut Parts) -> bool {
    let largest = tracks.iter().map(|track| track.bbox.area()).fold(0.0, f32::max);
    if tracks.len() < 2 || blob.bbox.area() < LARGER * largest {
        return false;
    }
    let whole = blob.bbox;
    let (across, down) = (|b: BoxPx| (b.left, b.width), |b: BoxPx| (b.top, b.height));
    let Some((left, right)) = ends(tracks, whole, (&across, &down)) else { return false };
    let Some((top, bottom)) = ends(tracks, whole, (&down, &across)) else { return false };
    let mut filled = 0.0;
    for (number, track) in tracks.iter().enumerate() {
        let at = |end| number == end;
        let (x, width) =
            place((track.bbox.left, track.bbox.width), (whole.left, whole.width), (at(left), at(right)));
        let (y, height) =
            place((track.bbox.top, track.bbox.height), (whole.top, whole.height), (at(top), at(bottom)));
        let bbox = BoxPx { left: x, top: y, width, height };
        filled += bbox.area();
        parts.push(Detection { bbox, ..*blob }, track.id);
    }
    filled >= FILLED * whole.area()
}

/// Start and length of a box along one axis.
type Side<'a> = &'a dyn Fn(BoxPx) -> (f32, f32);

/// Which of the tracks are at the lower and at the upper end of the blob along one axis: those that have to be moved
/// and stretched least. `None` when somebody would have to be moved too far.
fn ends(tracks: &[Expected], whole: BoxPx, (side, other): (Side, Side)) -> Option<(usize, usize)> {
    let mut best = (f32::INFINITY, (0, 0));
    for low in 0..tracks.len() {
        for high in 0..tracks.len() {
            let passed = |track: &Expected| {
                is_before(track, &tracks[low], (side, other))
                    || is_before(&tracks[high], track, (side, other))
            };
            if tracks.iter().any(passed) {
                continue;
            }
            let mut cost = 0.0_f32;
            for (number, track) in tracks.iter().enumerate() {
                let own = side(track.bbox);
                let (from, length) = place(own, side(whole), (number == low, number == high));
                let off = (from + length / 2.0 - own.0 - own.1 / 2.0).abs() / own.1.max(1.0);
                let stretched = (length / own.1.max(1.0) - 1.0).abs();
                if off > OFF_SIDES || stretched > STRETCHED {
                    cost = f32::INFINITY;
                }
                cost += off * off + stretched * stretched;
            }
            if cost < best.0 {
                best = (cost, (low, high));
            }
        }
    }
    best.0.is_finite().then_some(best.1)
}

/// Whether one was last seen on the other's line along this axis, before it: clear of it, and so much on one line that
/// they cannot have passed each other since.
fn is_before(one: &Expected, other: &Expected, (side, cross): (Side, Side)) -> bool {
    let ((a, a_length), (b, b_length)) = (side(one.last), side(other.last));
    let ((c, c_length), (d, d_length)) = (cross(one.last), cross(other.last));
    let on_one_line = (c + c_length).min(d + d_length) - c.max(d);
    on_one_line > ONE_LINE * c_length.min(d_length)
        && a + a_length / 2.0 < b
        && a + a_length < b + b_length / 2.0
}

/// Start and length of a piece along one axis: at the ends that are its own, and within the blob otherwise.
fn place(own: (f32, f32), whole: (f32, f32), (low, high): (bool, bool)) -> (f32, f32) {
    let length = own.1.min(whole.1);
    let last = whole.0 + whole.1 - length;
    match (low, high) {
        (true, true) => whole,
        (true, false) => (whole.0, length),
        (false, true) => (last, length),
        (false, false) => (own.0.clamp(whole.0, last.max(whole.0)), length),
    }
}

/// Area that two boxes share, square pixels.
fn shared(a: BoxPx, b: BoxPx) -> f32 {
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    x.max(0.0) * y.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bbox([left, top, width, height]: [f32; 4]) -> BoxPx {
        BoxPx { left, top, width, height }
    }

    fn parts(class: RoadUserClass, blobs: &[[f32; 4]], tracks: &[[f32; 4]]) -> Option<Vec<[f32; 4]>> {
        let detections: Vec<_> =
            blobs.iter().map(|b| Detection { bbox: bbox(*b), class, score: 0.9 }).collect();
        let mut tracks: Vec<_> =
            (1..).zip(tracks).map(|(id, b)| Expected::new(id, bbox(*b), bbox(*b))).collect();
        let mut parts = Parts::default();
        split(&detections, &mut tracks, &mut parts).then(|| {
            let mut found: Vec<_> = parts
                .detections
                .iter()
                .map(|p| [p.bbox.left, p.bbox.top, p.bbox.width, p.bbox.height])
                .collect();
            found.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            found
        })
    }

    #[test]
    fn a_blob_of_two_road_users_becomes_two_boxes_and_one_of_one_stays() {
        let object = RoadUserClass::Object;
        type Boxes = &'static [[f32; 4]];
        let table: [(&str, Boxes, Boxes, Option<Boxes>); 8] = [
            (
                "two that ran into each other head on: both were expected farther ahead",
                &[[100.0, 100.0, 84.0, 20.0]],
                &[[115.0, 100.0, 40.0, 20.0], [132.0, 100.0, 40.0, 20.0]],
                Some(&[[100.0, 100.0, 40.0, 20.0], [144.0, 100.0, 40.0, 20.0]]),
            ),
            (
                "one from the left into another that comes from below",
                &[[100.0, 90.0, 62.0, 45.0]],
                &[[110.0, 100.0, 40.0, 20.0], [142.0, 92.0, 20.0, 42.0]],
                Some(&[[100.0, 100.0, 40.0, 20.0], [142.0, 90.0, 20.0, 45.0]]),
            ),
            (
                "one overtakes the other",
                &[[100.0, 100.0, 60.0, 42.0]],
                &[[101.0, 101.0, 40.0, 20.0], [119.0, 121.0, 40.0, 20.0]],
                Some(&[[100.0, 100.0, 40.0, 20.0], [120.0, 122.0, 40.0, 20.0]]),
            ),
            (
                "three in a row",
                &[[100.0, 100.0, 130.0, 20.0]],
                &[[102.0, 100.0, 40.0, 20.0], [145.0, 100.0, 40.0, 20.0], [189.0, 100.0, 40.0, 20.0]],
                Some(&[[100.0, 100.0, 40.0, 20.0], [145.0, 100.0, 40.0, 20.0], [190.0, 100.0, 40.0, 20.0]]),
            ),
            (
                "one hides the other",
                &[[100.0, 100.0, 44.0, 22.0]],
                &[[100.0, 100.0, 40.0, 20.0], [110.0, 100.0, 40.0, 20.0]],
                None,
            ),
            ("only one was expected", &[[100.0, 100.0, 84.0, 20.0]], &[[100.0, 100.0, 40.0, 20.0]], None),
            (
                "the blob is far more than both",
                &[[100.0, 100.0, 300.0, 100.0]],
                &[[115.0, 140.0, 40.0, 20.0], [160.0, 140.0, 40.0, 20.0]],
                None,
            ),
            (
                "each has its own blob",
                &[[100.0, 100.0, 40.0, 20.0], [144.0, 100.0, 40.0, 20.0]],
                &[[101.0, 100.0, 40.0, 20.0], [143.0, 100.0, 40.0, 20.0]],
                None,
            ),
        ];
        for (name, blobs, tracks, wanted) in table {
            assert_eq!(parts(object, blobs, tracks).as_deref(), wanted, "{name}");
            assert_eq!(parts(RoadUserClass::Car, blobs, tracks), None, "a network tells them apart: {name}");
        }
    }

    #[test]
    fn two_on_one_line_keep_their_order_and_two_side_by_side_need_not() {
        let whole = |height| Detection {
            bbox: bbox([100.0, 100.0, 84.0, height]),
            class: RoadUserClass::Object,
            score: 0.9,
        };
        // Head on, at 20 m/s together and 5 frames a second: each is expected where the other one is.
        let table =
            [("on one line", 20.0, 100.0, [100.0, 144.0]), ("side by side", 42.0, 122.0, [144.0, 100.0])];
        for (name, height, top, wanted) in table {
            let mut tracks = [
                Expected::new(1, bbox([124.0, 100.0, 40.0, 20.0]), bbox([85.0, 100.0, 40.0, 20.0])),
                Expected::new(2, bbox([116.0, top, 40.0, 20.0]), bbox([150.0, top, 40.0, 20.0])),
            ];
            let mut parts = Parts::default();
            assert!(split(&[whole(height)], &mut tracks, &mut parts), "{name}");
            let lefts: Vec<_> = parts.detections.iter().map(|part| part.bbox.left).collect();
            assert_eq!((lefts.as_slice(), parts.owners.as_slice()), (&wanted[..], &[1, 2][..]), "{name}");
        }
    }

    #[test]
    fn a_detection_beside_a_divided_blob_stays_as_it_is() {
        let blobs = [[10.0, 10.0, 30.0, 30.0], [100.0, 100.0, 84.0, 20.0]];
        let found =
            parts(RoadUserClass::Object, &blobs, &[[105.0, 100.0, 40.0, 20.0], [142.0, 100.0, 40.0, 20.0]]);
        assert_eq!(found.map(|found| (found.len(), found[0])), Some((3, blobs[0])));
    }
}
