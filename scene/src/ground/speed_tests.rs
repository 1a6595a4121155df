//! Speeds of drawn vehicles whose truth is known: cuboids before a camera on a mast, their boxes trembling, their
//! calibration clicked by a hand that trembles too.

use super::matrix::tests::Random;
use crate::{BoxPx, Detection, FrameSize, Paths, Time, Tracker};
use ngatu_protocol::RoadUserClass;
use ngatu_protocol::camera::{CalibrationConfig, CameraConfig, Pair};

const FRAME: FrameSize = FrameSize { width_px: 1280, height_px: 720 };

/// A camera 7 m above the road's left side, looking along it (y) and a little to the right and down.
fn project([x, y, z]: [f64; 3]) -> Option<Pair> {
    let (pan, tilt, focal_px): (f64, f64, f64) = (0.12, 0.24, 1100.0);
    let (x, z) = (x + 2.0, z - 7.0);
    let (right, ahead) = (x * pan.cos() - y * pan.sin(), x * pan.sin() + y * pan.cos());
    let (depth, down) = (ahead * tilt.cos() - z * tilt.sin(), -z * tilt.cos() - ahead * tilt.sin());
    (depth > 1.0).then(|| [640.0 + focal_px * right / depth, 360.0 + focal_px * down / depth])
}

/// The box around a vehicle whose front middle touches the road at x, y: width, length, height in metres.
fn box_of(at: Pair, [width, length, height]: [f64; 3]) -> Option<BoxPx> {
    let mut corners = Vec::new();
    for (i, j, k) in (0..8).map(|n| (n & 1, (n >> 1) & 1, n >> 2)) {
        let x = at[0] + width * (f64::from(i) - 0.5);
        corners.push(project([x, at[1] + length * f64::from(j), 0.1 + (height - 0.1) * f64::from(k)])?);
    }
    let least = |axis: usize| corners.iter().map(|p| p[axis]).fold(f64::MAX, f64::min);
    let most = |axis: usize| corners.iter().map(|p| p[axis]).fold(f64::MIN, f64::max);
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    let bbox = BoxPx {
        left: least(0) as f32,
        top: least(1) as f32,
        width: (most(0) - least(0)) as f32,
        height: (most(1) - least(1)) as f32,
    };
    Some(bbox)
}

fn camera(random: &mut Random) -> CameraConfig {
    let mut camera: CameraConfig =
        toml::from_str("id = \"a\"\nname = \"a\"\nurl = \"file:///a\"").expect("it is a camera");
    let ground_m: Vec<Pair> =
        vec![[0.0, 15.0], [7.0, 15.0], [7.0, 30.0], [0.0, 30.0], [0.0, 60.0], [7.0, 60.0]];
    let error = 0.001;
    let click = |g: &Pair, random: &mut Random| {
        let [u, v] = project([g[0], g[1], 0.0]).expect("it is in front");
        [u / 1280.0 + error * random.normal(), v / 720.0 + error * random.normal()]
    };
    let picture = ground_m.iter().map(|g| click(g, random)).collect();
    let calibration =
        CalibrationConfig { picture, ground_m, picture_error: error, origin: None, north_deg: 0.0 };
    camera.calibration = Some(calibration);
    assert_eq!(camera.check(), []);
    camera
}

struct Run {
    fps: f64,
    jitter: f64,
    kmh: f64,
    toward: bool,
    x: f64,
    shape: ([f64; 3], RoadUserClass),
}

/// The speed that is stated when the vehicle is 30 m away, and its ±.
fn measure(run: &Run, random: &mut Random) -> Option<(f64, f64)> {
    let mut paths = Paths::new(&camera(random));
    let mut tracker = Tracker::new();
    let speed_m_s = run.kmh / 3.6;
    // From far away to the near end, or back; begun anywhere between two frames.
    let travel_s = 60.0 / speed_m_s;
    let mut t = random.uniform() / run.fps;
    let mut stated = None;
    while t < travel_s {
        let y = if run.toward { 75.0 - speed_m_s * t } else { 15.0 + speed_m_s * t };
        let now = Time::from_seconds(t);
        let true_box = box_of([run.x, y], run.shape.0)?;
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        let mut off = |size: f32| (run.jitter * random.normal()) as f32 * size;
        let (w, h) = (true_box.width, true_box.height);
        let (left, top, right, bottom) = (off(w), off(h), off(w), off(h));
        let bbox = BoxPx {
            left: true_box.left + left,
            top: true_box.top + top,
            width: (w + right - left).max(2.0),
            height: (h + bottom - top).max(2.0),
        };
        let detection = Detection { bbox, class: run.shape.1, score: 0.9 };
        let tracks = tracker.step(now, std::slice::from_ref(&detection));
        paths.step(now, FRAME, tracks);
        let passed = if run.toward { y <= 30.0 } else { y >= 30.0 };
        if passed {
            let seen = tracks.iter().find(|track| track.seen);
            stated = seen.and_then(|track| paths.get(track.id)?.speed());
            if stated.is_some() {
                break;
            }
        }
        t += 1.0 / run.fps;
    }
    stated.map(|speed| (speed.kmh, speed.plus_minus_kmh))
}

#[test]
fn speeds_are_within_ten_percent_and_the_stated_error_holds_the_truth() {
    let mut random = Random(11);
    let car = ([1.8, 4.5, 1.5], RoadUserClass::Car);
    let motorcycle = ([0.7, 2.0, 1.7], RoadUserClass::Motorcycle);
    let mut report = Vec::new();
    let (mut vehicles, mut held) = (0.0, 0.0);
    for (fps, jitter) in [(5.0, 0.05), (5.0, 0.1), (10.0, 0.05), (25.0, 0.05)] {
        for kmh in [20.0, 45.0, 80.0] {
            let (mut n, mut near, mut within, mut widths, mut sum) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for i in 0..60 {
                let shape = if i % 3 == 0 { motorcycle } else { car };
                let x = 1.0 + random.uniform() * 5.0;
                let run = Run { fps, jitter, kmh, toward: i % 2 == 0, x, shape };
                let Some((stated, plus_minus)) = measure(&run, &mut random) else { continue };
                n += 1.0;
                sum += stated;
                near += f64::from(u8::from((stated / kmh - 1.0).abs() <= 0.1));
                within += f64::from(u8::from((stated - kmh).abs() <= plus_minus));
                widths += plus_minus;
            }
            // Five frames a second of boxes that tremble by a tenth say less than ten percent about one vehicle.
            let share = if jitter > 0.05 { 0.85 } else { 0.95 };
            assert!(
                near / n >= share && (sum / n / kmh - 1.0).abs() <= 0.05,
                "{fps} {jitter} {kmh}: {near} of {n}"
            );
            vehicles += n;
            held += within;
            report.push(format!(
                "{fps} fps, jitter {jitter}, {kmh} km/h: {n} stated, mean {:.1}, within 10 %: {:.0} %, within the ±: {:.0} %, mean ± {:.1}",
                sum / n,
                100.0 * near / n,
                100.0 * within / n,
                widths / n
            ));
        }
    }
    let report = report.join("\n");
    eprintln!("{report}");
    assert!(vehicles > 710.0, "{vehicles} of 720 have a speed\n{report}");
    assert!(held / vehicles >= 0.95, "{held} of {vehicles} within the ±\n{report}");
}
