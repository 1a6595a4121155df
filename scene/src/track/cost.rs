//! What it costs to say that a detection is a certain track: 1 − buffered overlap, difference in size, turning round,
//! time lost, another class.

use super::settings::Settings;
use super::state::State;
use crate::geometry::buffered_iou;
use crate::{BoxPx, Detection};
use ngatu_protocol::RoadUserClass;

/// Cost of the pair, 0 for a perfect one; infinite when it is out of the question.
pub(super) fn cost(
    track: &State,
    expected: BoxPx,
    margin: f32,
    detection: &Detection,
    settings: &Settings,
) -> f32 {
    let bbox = detection.bbox;
    let overlap = buffered_iou(expected, bbox, margin);
    // The other parts are never negative, so most pairs end here.
    if overlap <= 0.0 || 1.0 - overlap >= settings.limit {
        return f32::INFINITY;
    }
    let size = (bbox.height / expected.height).ln().abs() + 0.5 * (bbox.width / expected.width).ln().abs();
    1.0 - overlap
        + settings.cost_size * size
        + settings.cost_direction * turn(track, bbox)
        + settings.cost_lost * track.lost_s
        + class_cost(track.class(), detection.class, settings)
}

/// How much the way from the last sight to the detection turns from the track's way, 0 ahead to 1 backwards, weighted
/// by how sure both ways are: by their length in scales.
fn turn(track: &State, bbox: BoxPx) -> f32 {
    let ([x0, y0], [x1, y1]) = (track.last.center(), bbox.center());
    let (dx, dy) = (x1 - x0, y1 - y0);
    let [vx, vy] = track.velocity();
    let (moved, speed) = (dx.hypot(dy), vx.hypot(vy));
    let scale = track.scale();
    if moved <= 0.0 || speed <= 0.0 {
        return 0.0;
    }
    let back = (1.0 - (dx * vx + dy * vy) / (moved * speed)) / 2.0;
    let sure = (moved / (0.3 * scale)).min(1.0) * (speed / (0.3 * scale)).min(1.0);
    back * sure
}

fn class_cost(a: RoadUserClass, b: RoadUserClass, settings: &Settings) -> f32 {
    if a == b || a == RoadUserClass::Object || b == RoadUserClass::Object {
        0.0
    } else if group(a) == group(b) {
        settings.cost_class
    } else {
        settings.cost_group
    }
}

/// Whether two boxes of these classes can be the same road user twice.
pub(super) fn alike(a: RoadUserClass, b: RoadUserClass) -> bool {
    group(a) == group(b) || a == RoadUserClass::Object || b == RoadUserClass::Object
}

/// Classes that detectors mix up share a group.
fn group(class: RoadUserClass) -> u8 {
    match class {
        RoadUserClass::Person => 0,
        RoadUserClass::Bicycle | RoadUserClass::Motorcycle => 1,
        RoadUserClass::Car | RoadUserClass::Bus | RoadUserClass::Truck => 2,
        RoadUserClass::Object => 3,
    }
}
