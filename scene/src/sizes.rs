//! Size classes: what kind of road user a nameless blob is, by its length, breadth and height over ground.
//!
//! The motion detector sees that something moves and not what it is. Before a calibrated camera its size says so: each of
//! a few reference bodies is placed on the ground where the blob is, turned the way the blob goes, and seen through the
//! camera; the body whose outline in the picture is most like the blob's gives the class. To compare outlines in the
//! picture and not sides on the ground leaves out nothing: from a mast a lorry hides the road behind it, so that its box
//! reaches over many more metres of ground than it is long. Every sight votes, and the track has the class with the
//! most votes. Pure, and apart from the tracker, which follows blobs as before.

use crate::{BoxPx, FrameSize, Time, Track};
use ngatu_protocol::camera::{CameraConfig, Detector, Pair};
use ngatu_protocol::{Homography, RoadUserClass};

/// Length, breadth and height of the reference bodies, metres: the simulator SUMO's defaults of the classes pedestrian
/// (whose length is that of a step here, 0.5 m, since a blob has legs), bicycle, motorcycle, passenger, delivery, truck,
/// bus and trailer. A two-wheeler is a motorcycle; what is as large as a delivery van or a bus is a truck.
const BODIES: [(RoadUserClass, [f64; 3]); 9] = [
    (RoadUserClass::Person, [0.5, 0.478, 1.719]),
    (RoadUserClass::Motorcycle, [1.6, 0.65, 1.7]),
    (RoadUserClass::Motorcycle, [2.2, 0.9, 1.5]),
    // A small car: the lower edge of the class.
    (RoadUserClass::Car, [3.7, 1.6, 1.5]),
    (RoadUserClass::Car, [5.0, 1.8, 1.5]),
    (RoadUserClass::Truck, [6.5, 2.16, 2.86]),
    (RoadUserClass::Truck, [7.1, 2.4, 2.4]),
    (RoadUserClass::Truck, [12.0, 2.5, 3.4]),
    (RoadUserClass::Truck, [16.5, 2.55, 4.0]),
];
/// Further from every reference body than this, as the distance of the logarithms of width and height, a blob is none of
/// them: half of somebody, a group, a shadow. One side may be wrong by a factor of 1.6.
const UNLIKE: f64 = 0.47;
/// A blob reaches beyond the road user by so much at each side, share of the longer side of the picture: the detector
/// compares blurred pictures of 320 pixels.
const MARGIN: f64 = 1.0 / 320.0;
/// Slower than this, nobody knows which way a blob is turned, m/s.
const LEAST_M_S: f64 = 0.5;
/// Whoever is faster than this does not walk, m/s: 25 km/h.
const FASTEST_WALK_M_S: f64 = 7.0;
/// So long a track that is not found keeps its votes, seconds; longer than the tracker looks for it.
const MEMORY_S: f64 = 30.0;
/// A box nearer to the picture's edge than this share of its width is cut off by it.
const EDGE: f64 = 0.005;
/// Focal lengths that are believed, in widths of the picture: lenses of 90° to 19°. Seen from straight above the points on
/// the ground say nothing of it, and it matters little.
const FOCAL: [f64; 2] = [0.5, 3.0];

/// The classes that a calibrated camera's motion detector can tell, by votes over each track.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    homography: Homography,
    lens: Option<(FrameSize, Lens)>,
    votes: Vec<Votes>,
}

#[derive(Debug, Clone, Copy)]
struct Votes {
    track: u64,
    last_seen: Time,
    /// By class; that of `object` is for none of the bodies.
    weights: [f64; RoadUserClass::ALL.len()],
}

impl Sizes {
    /// Of a camera whose detector gives no classes and that is calibrated; else there is nothing to do.
    pub(crate) fn new(camera: &CameraConfig) -> Option<Sizes> {
        let calibration = camera.calibration.as_ref().filter(|_| camera.detector == Detector::Motion)?;
        Some(Sizes { homography: calibration.homography()?, lens: None, votes: Vec::new() })
    }

    /// Gives each track the class that most of its sights speak for; `object` until one does.
    pub(crate) fn step(&mut self, now: Time, frame: FrameSize, tracks: &mut [Track]) {
        if self.lens.as_ref().is_none_or(|(size, _)| *size != frame) {
            self.lens = Some((frame, Lens::new(&self.homography, frame)));
        }
        self.votes.retain(|votes| now.since_s(votes.last_seen) <= MEMORY_S);
        for track in tracks {
            let known = self.votes.iter().position(|votes| votes.track == track.id);
            let known = known.unwrap_or_else(|| {
                let weights = [0.0; RoadUserClass::ALL.len()];
                self.votes.push(Votes { track: track.id, last_seen: now, weights });
                self.votes.len() - 1
            });
            let votes = &mut self.votes[known];
            votes.last_seen = now;
            let whole = track.seen && !is_cut(track.detected, frame);
            if let Some((_, lens)) = self.lens.as_ref().filter(|_| whole)
                && let Some(class) = lens.classify(track, &self.homography)
            {
                // A margin of a pixel is less of a near road user than of a far one.
                let side = f64::from(track.detected.width.min(track.detected.height));
                votes.weights[class as usize] += side / f64::from(frame.height_px.max(1));
            }
            track.class = votes.class();
        }
    }

    /// Nobody is followed any more.
    pub(crate) fn clear(&mut self) {
        self.votes.clear();
    }
}

impl Votes {
    fn class(&self) -> RoadUserClass {
        let mut best = RoadUserClass::Object;
        for class in RoadUserClass::ALL {
            if self.weights[*class as usize] > self.weights[best as usize] {
                best = *class;
            }
        }
        best
    }
}

/// Whether a box touches an edge of the picture, beyond which it may go on.
fn is_cut(bbox: BoxPx, frame: FrameSize) -> bool {
    let (width, height) = (f64::from(frame.width_px), f64::from(frame.height_px));
    let [left, top, right, bottom] = edges(bbox);
    let near = EDGE * width;
    left <= near || top <= near || right >= width - near || bottom >= height - near
}

/// Left, top, right and bottom.
fn edges(bbox: BoxPx) -> [f64; 4] {
    [bbox.left, bbox.top, bbox.left + bbox.width, bbox.top + bbox.height].map(f64::from)
}

/// A camera as a whole, heights included: what the mapping of the flat ground says of a lens with square pixels whose axis
/// goes through the middle of the picture (Zhang, A Flexible New Technique for Camera Calibration, 2000, section 3).
#[derive(Debug, Clone, PartialEq)]
struct Lens {
    /// From ground metres and height, homogeneous, to pixels: a 3×4 matrix.
    camera: [[f64; 4]; 3],
    size_px: Pair,
    margin_px: f64,
}

impl Lens {
    fn new(homography: &Homography, frame: FrameSize) -> Lens {
        let (width, height) = (f64::from(frame.width_px), f64::from(frame.height_px));
        let m = homography.matrix();
        // Pixels from the middle of the picture.
        let row = |k: usize, side: f64| [0, 1, 2].map(|j| side * (m[k][j] - m[2][j] / 2.0));
        let a = [row(0, width), row(1, height), m[2]];
        let column = |j: usize| [a[0][j], a[1][j], a[2][j]];
        let (x, y) = (column(0), column(1));
        // The ground's axes are as long as each other and at right angles: two equations for 1 / f².
        let flat = |p: [f64; 3], q: [f64; 3]| p[0] * q[0] + p[1] * q[1];
        let across = [2.0 * flat(x, y), flat(x, x) - flat(y, y)];
        let along = [2.0 * x[2] * y[2], x[2] * x[2] - y[2] * y[2]];
        let dot = |p: [f64; 2], q: [f64; 2]| p[0] * q[0] + p[1] * q[1];
        let squared = -dot(across, along) / dot(along, along);
        let focal = if squared > 0.0 { squared.sqrt() } else { width };
        let focal = focal.clamp(FOCAL[0] * width, FOCAL[1] * width);
        let unit = |p: [f64; 3]| [p[0] / focal, p[1] / focal, p[2]];
        let (x, y, shift) = (unit(x), unit(y), unit(column(2)));
        let length = |p: [f64; 3]| (p[0] * p[0] + p[1] * p[1] + p[2] * p[2]).sqrt();
        let scale = f64::midpoint(length(x), length(y));
        let up = [
            (x[1] * y[2] - x[2] * y[1]) / scale,
            (x[2] * y[0] - x[0] * y[2]) / scale,
            (x[0] * y[1] - x[1] * y[0]) / scale,
        ];
        // The camera is above the ground, so what is higher is nearer to it.
        let above = -(up[0] * shift[0] + up[1] * shift[1] + up[2] * shift[2]);
        let up = up.map(|value| value * above.signum());
        let up = [up[0] * focal, up[1] * focal, up[2]];
        let full = |k: usize, middle: f64| {
            let line = [a[k][0], a[k][1], up[k], a[k][2]];
            let last = [a[2][0], a[2][1], up[2], a[2][2]];
            [0, 1, 2, 3].map(|j| line[j] + middle * last[j])
        };
        let camera = [full(0, width / 2.0), full(1, height / 2.0), [a[2][0], a[2][1], up[2], a[2][2]]];
        Lens { camera, size_px: [width, height], margin_px: MARGIN * width.max(height) }
    }

    /// Where a point so many metres above the ground is seen, pixels; `None` behind the camera.
    fn project(&self, [x, y]: Pair, up_m: f64) -> Option<Pair> {
        let row = |k: usize| {
            let m = &self.camera[k];
            m[0] * x + m[1] * y + m[2] * up_m + m[3]
        };
        let depth = row(2);
        (depth > 1e-9).then(|| [row(0) / depth, row(1) / depth])
    }

    /// A small step in the picture, pixels, as metres on the ground at a place.
    fn metres_of(&self, step_px: Pair, at_m: Pair) -> Option<Pair> {
        let small = 0.01;
        let [here, right, ahead] = [[0.0, 0.0], [small, 0.0], [0.0, small]]
            .map(|[x, y]| self.project([at_m[0] + x, at_m[1] + y], 0.0));
        let (here, right, ahead) = (here?, right?, ahead?);
        let column = |to: Pair| [(to[0] - here[0]) / small, (to[1] - here[1]) / small];
        let ([a, c], [b, d]) = (column(right), column(ahead));
        let determinant = a * d - b * c;
        (determinant.abs() > 1e-9).then(|| {
            [(d * step_px[0] - b * step_px[1]) / determinant, (a * step_px[1] - c * step_px[0]) / determinant]
        })
    }

    /// The upright box around a body whose ground area has its middle here, pixels.
    fn outline(&self, at_m: Pair, heading: Pair, [length, breadth, height]: [f64; 3]) -> Option<[f64; 4]> {
        let mut box_px = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for corner in 0..8 {
            let side = |bit: u32| if corner >> bit & 1 == 0 { -0.5 } else { 0.5 };
            let (along, across) = (side(0) * length, side(1) * breadth);
            let x = at_m[0] + along * heading[0] + across * heading[1];
            let y = at_m[1] + along * heading[1] - across * heading[0];
            let [u, v] = self.project([x, y], (side(2) + 0.5) * height)?;
            box_px = [box_px[0].min(u), box_px[1].min(v), box_px[2].max(u), box_px[3].max(v)];
        }
        Some(box_px)
    }

    /// The class of what is seen: of the body that it is most like, `object` when of none. `None` when it cannot be told.
    fn classify(&self, track: &Track, homography: &Homography) -> Option<RoadUserClass> {
        let [left, top, right, bottom] = edges(track.detected);
        let (left, top) = (left + self.margin_px, top + self.margin_px);
        let (right, bottom) = (right - self.margin_px, bottom - self.margin_px);
        let (width, height) = ((right - left).max(1.0), (bottom - top).max(1.0));
        let middle = [f64::midpoint(left, right), f64::midpoint(top, bottom)];
        let foot_m = homography.ground_of([middle[0] / self.size_px[0], bottom / self.size_px[1]])?;
        let velocity = self.metres_of(track.velocity_px_s.map(f64::from), foot_m)?;
        let m_s = velocity[0].hypot(velocity[1]);
        if m_s < LEAST_M_S {
            return None;
        }
        let heading = velocity.map(|value| value / m_s);
        let mut best = (UNLIKE, RoadUserClass::Object);
        for (class, body) in BODIES {
            if class == RoadUserClass::Person && m_s > FASTEST_WALK_M_S {
                continue;
            }
            let Some(seen) = self.like(middle, foot_m, (heading, body)) else { continue };
            let [wide, high] = [seen[2] - seen[0], seen[3] - seen[1]];
            let unlike = (width / wide).ln().hypot((height / high).ln());
            if unlike < best.0 {
                best = (unlike, class);
            }
        }
        Some(best.1)
    }

    /// The outline of a body that is placed so that its middle in the picture is here.
    fn like(&self, middle: Pair, foot_m: Pair, (heading, body): (Pair, [f64; 3])) -> Option<[f64; 4]> {
        let mut at_m = foot_m;
        let mut seen = self.outline(at_m, heading, body)?;
        for _ in 0..3 {
            let off = [0, 1].map(|axis| middle[axis] - f64::midpoint(seen[axis], seen[axis + 2]));
            let step = self.metres_of(off, at_m)?;
            at_m = [at_m[0] + step[0], at_m[1] + step[1]];
            seen = self.outline(at_m, heading, body)?;
        }
        Some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: FrameSize = FrameSize { width_px: 1280, height_px: 720 };

    /// A camera of focal length 1100 pixels, 7 m above the road and 2 m to its left, panned and tilted.
    fn truly([x, y, z]: [f64; 3]) -> Pair {
        let (pan, tilt, focal_px): (f64, f64, f64) = (0.12, 0.24, 1100.0);
        let (x, z) = (x + 2.0, z - 7.0);
        let (right, ahead) = (x * pan.cos() - y * pan.sin(), x * pan.sin() + y * pan.cos());
        let (depth, down) = (ahead * tilt.cos() - z * tilt.sin(), -z * tilt.cos() - ahead * tilt.sin());
        [640.0 + focal_px * right / depth, 360.0 + focal_px * down / depth]
    }

    fn camera(detector: &str) -> CameraConfig {
        let ground_m = [[0.0, 15.0], [7.0, 15.0], [7.0, 40.0], [0.0, 40.0]];
        let picture = ground_m.map(|[x, y]| {
            let [u, v] = truly([x, y, 0.0]);
            [u / 1280.0, v / 720.0]
        });
        let text = format!(
            "id = \"a\"\nname = \"a\"\nurl = \"file:///a\"\ndetector = \"{detector}\"\n\
             calibration = {{ picture = {picture:?}, ground_m = {ground_m:?} }}"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn heights_are_seen_where_a_camera_with_that_flat_ground_sees_them() {
        let config = camera("motion").calibration.unwrap();
        let lens = Lens::new(&config.homography().unwrap(), FRAME);
        for point in [[1.0, 16.0, 0.0], [1.0, 16.0, 1.7], [6.0, 39.0, 3.4], [3.0, 25.0, 4.0]] {
            let [x, y, z] = point;
            let (seen, wanted) = (lens.project([x, y], z).unwrap(), truly(point));
            assert!(
                (seen[0] - wanted[0]).hypot(seen[1] - wanted[1]) < 0.1,
                "{point:?}: {seen:?}, {wanted:?}"
            );
        }
    }

    /// The track of a body that drives away at 8 m/s or, when it is a person, walks across at 1.4 m/s.
    fn track(body: [f64; 3], y: f64, walks: bool) -> Track {
        let [length, breadth, height] = body;
        let (along, across) = if walks { (breadth, length) } else { (length, breadth) };
        let mut b = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for (i, j, k) in (0..8).map(|n| (n & 1, (n >> 1) & 1, n >> 2)) {
            let place = [
                3.0 + across * (f64::from(i) - 0.5),
                y + along * (f64::from(j) - 0.5),
                height * f64::from(k),
            ];
            let [u, v] = truly(place);
            b = [b[0].min(u), b[1].min(v), b[2].max(u), b[3].max(v)];
        }
        let margin = MARGIN * 1280.0;
        let (here, then) =
            (truly([3.0, y, 0.0]), truly(if walks { [3.15, y, 0.0] } else { [3.0, y + 0.8, 0.0] }));
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        let px = |value: f64| value as f32;
        let bbox = BoxPx {
            left: px(b[0] - margin),
            top: px(b[1] - margin),
            width: px(b[2] - b[0] + 2.0 * margin),
            height: px(b[3] - b[1] + 2.0 * margin),
        };
        Track {
            id: 1,
            bbox,
            detected: bbox,
            class: RoadUserClass::Object,
            score: 0.9,
            seen: true,
            velocity_px_s: [0, 1].map(|axis| px((then[axis] - here[axis]) * 10.0)),
            first_seen: Time::from_seconds(0.0),
            first_bbox: bbox,
        }
    }

    fn class_of(track: Track) -> RoadUserClass {
        let mut sizes = Sizes::new(&camera("motion")).unwrap();
        let mut tracks = [track];
        sizes.step(Time::from_seconds(1.0), FRAME, &mut tracks);
        tracks[0].class
    }

    #[test]
    fn a_body_has_the_class_of_its_size_near_and_far() {
        use RoadUserClass::{Car, Motorcycle, Person, Truck};
        for y in [22.0, 28.0, 38.0] {
            for (class, body) in [
                (Person, [0.5, 0.45, 1.6]),
                (Person, [0.6, 0.5, 1.85]),
                (Motorcycle, [1.9, 0.7, 1.6]),
                (Car, [3.9, 1.7, 1.5]),
                (Car, [4.7, 1.85, 1.45]),
                (Truck, [6.5, 2.2, 2.6]),
                (Truck, [9.5, 2.5, 3.6]),
                (Truck, [12.0, 2.5, 3.2]),
            ] {
                assert_eq!(class_of(track(body, y, class == Person)), class, "{body:?} at {y} m");
            }
        }
    }

    #[test]
    fn what_is_like_nobody_or_cut_off_or_stands_from_the_start_stays_an_object() {
        let object = RoadUserClass::Object;
        assert_eq!(class_of(track([0.3, 0.3, 0.3], 20.0, true)), object, "a bag that blows along");
        assert_eq!(class_of(track([8.0, 8.0, 8.0], 30.0, false)), object, "a shadow");
        let mut cut = track([4.4, 1.8, 1.5], 20.0, false);
        cut.detected.left = 0.0;
        assert_eq!(class_of(cut), object);
        let standing = Track { velocity_px_s: [0.0; 2], ..track([4.4, 1.8, 1.5], 20.0, false) };
        assert_eq!(class_of(standing), object);
        assert!(Sizes::new(&camera("onnx")).is_none(), "the network knows better");
    }

    #[test]
    fn what_was_told_on_the_way_holds_while_it_stands() {
        let mut sizes = Sizes::new(&camera("motion")).unwrap();
        let drives = track([4.4, 1.8, 1.5], 20.0, false);
        let stands = Track { velocity_px_s: [0.0; 2], ..drives };
        for (second, track) in [(1.0, drives), (2.0, stands), (60.0, stands)] {
            let mut tracks = [track];
            sizes.step(Time::from_seconds(second), FRAME, &mut tracks);
            let wanted = if second < 10.0 { RoadUserClass::Car } else { RoadUserClass::Object };
            assert_eq!(tracks[0].class, wanted, "at {second} s");
        }
    }
}
