//! Real and drawn pictures, disturbed as cameras are: what is tampering, what is a moved camera, and what is neither.

#![allow(clippy::unwrap_used, reason = "a test's panic names the line")]

mod common;

use common::{file_url, recording, set_up};
use edge_agent::source::{Masks, Next, Pacing, SourceSpec, Stream};
use edge_agent::view::{ViewMeter, ViewStore};
use ngatu_protocol::camera::CameraConfig;
use ngatu_scene::View;
use opencv::core::{self, CV_8U, Mat, Point, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;
use std::path::Path;
use std::time::Duration;

/// Measurements before the disturbance: 25 s.
const BEFORE: usize = 50;
/// Pictures a second.
const FPS: f64 = 2.0;
/// Side of the pictures that the tests work on, pixels; a view is the middle of one, so that there is something beside it.
const WIDE_PX: u32 = 640;

/// A pseudo-random sequence: the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((self.0 >> 33) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// The brightness of a clip's frames, two a second.
fn pictures_of(video: &Path) -> Vec<Mat> {
    let spec = SourceSpec {
        url: file_url(video),
        pacing: Pacing::Exhaustive,
        fps: Some(FPS),
        masks: Masks::default(),
    };
    let stream = Stream::open(&spec).unwrap();
    let mut pictures = Vec::new();
    while let Next::Frame(frame) = stream.next(Duration::from_secs(20)) {
        pictures.push(frame.luma(frame.fitted(WIDE_PX, WIDE_PX)).unwrap());
    }
    pictures
}

/// A drawn street: houses, kerbs, signs; vehicles pass.
fn drawn() -> Vec<Mat> {
    let mut dice = Dice(7);
    let size = Size::new(640, 400);
    let mut street = Mat::new_size_with_default(size, CV_8U, Scalar::all(120.0)).unwrap();
    for _ in 0..60 {
        let place = Rect::new(dice.below(600), dice.below(380), 8 + dice.below(70), 8 + dice.below(50));
        let tone = Scalar::all(f64::from(40 + dice.below(170)));
        imgproc::rectangle(&mut street, place, tone, -1, imgproc::LINE_8, 0).unwrap();
    }
    let draw = |i: i32| {
        let mut picture = street.clone();
        for lane in 0..3 {
            let place = Rect::new((i * (30 + 13 * lane)) % 700 - 60, 150 + 60 * lane, 70, 34);
            let tone = Scalar::all(f64::from(30 + 80 * lane));
            imgproc::rectangle(&mut picture, place, tone, -1, imgproc::LINE_8, 0).unwrap();
        }
        picture
    };
    (0..60).map(draw).collect()
}

/// The picture with a sensor's noise.
fn noisy(picture: &Mat, amplitude: i32, dice: &mut Dice) -> Mat {
    let mut noisy = picture.clone();
    for value in noisy.data_bytes_mut().unwrap() {
        let noise = (0..3).map(|_| dice.below(2 * amplitude + 1) - amplitude).sum::<i32>() / 2;
        *value = u8::try_from((i32::from(*value) + noise).clamp(0, 255)).unwrap();
    }
    noisy
}

/// What the camera sees of a picture that looks `off` aside (share of the view's width), turned by `degrees`, zoomed.
fn seen(picture: &Mat, (off, degrees, zoom): (f64, f64, f64)) -> Mat {
    let (width, height) = (f64::from(picture.cols()), f64::from(picture.rows()));
    let middle = core::Point2f::new(picture.cols() as f32 / 2.0, picture.rows() as f32 / 2.0);
    let turn = imgproc::get_rotation_matrix_2d(middle, degrees, zoom).unwrap();
    let mut turned = Mat::default();
    let size = picture.size().unwrap();
    imgproc::warp_affine(
        picture,
        &mut turned,
        &turn,
        size,
        imgproc::INTER_LINEAR,
        core::BORDER_REFLECT,
        Scalar::all(0.0),
    )
    .unwrap();
    let (w, h) = (width * 0.8, height * 0.8);
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    let place = Rect::new((width * 0.1 + off * w).round() as i32, (height * 0.1) as i32, w as i32, h as i32);
    let (view, mut small) = (Mat::roi(&turned, place).unwrap(), Mat::default());
    let size = Size::new(320, place.height * 320 / place.width);
    imgproc::resize(&view, &mut small, size, 0.0, 0.0, imgproc::INTER_LINEAR).unwrap();
    small
}

fn scaled(picture: &Mat, factor: f64, plus: f64) -> Mat {
    let mut other = Mat::default();
    picture.convert_to(&mut other, CV_8U, factor, plus).unwrap();
    other
}

fn blurred(picture: &Mat, sigma: f64) -> Mat {
    let mut other = Mat::default();
    imgproc::gaussian_blur_def(picture, &mut other, Size::new(0, 0), sigma).unwrap();
    other
}

fn with_lorry(picture: &Mat, share: f64) -> Mat {
    let mut other = picture.clone();
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    let width = (f64::from(picture.cols()) * share) as i32;
    let place = Rect::new(0, 0, width, picture.rows());
    imgproc::rectangle(&mut other, place, Scalar::all(205.0), -1, imgproc::LINE_8, 0).unwrap();
    for i in 0..8 {
        let text_at = Point::new(i * width / 8, picture.rows() / 8 * (i % 7 + 1));
        imgproc::put_text_def(
            &mut other,
            "CARGO",
            text_at,
            imgproc::FONT_HERSHEY_SIMPLEX,
            0.6,
            Scalar::all(60.0),
        )
        .unwrap();
    }
    other
}

fn with_rain(picture: &Mat, dice: &mut Dice) -> Mat {
    let mut other = picture.clone();
    for _ in 0..250 {
        let from = Point::new(dice.below(picture.cols()), dice.below(picture.rows()));
        let to = Point::new(from.x + 2, from.y + 6 + dice.below(8));
        imgproc::line_def(&mut other, from, to, Scalar::all(200.0)).unwrap();
    }
    other
}

fn with_headlights(picture: &Mat, dice: &mut Dice) -> Mat {
    let mut other = scaled(picture, 0.35, 0.0);
    for _ in 0..4 {
        let at = Point::new(dice.below(picture.cols()), picture.rows() / 2 + dice.below(picture.rows() / 3));
        imgproc::circle(&mut other, at, 9 + dice.below(8), Scalar::all(250.0), -1, imgproc::LINE_8, 0)
            .unwrap();
    }
    blurred(&other, 0.6)
}

/// What the measurements of a disturbance say.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wanted {
    Tampered,
    Moved,
    Usual,
}

type Disturb = fn(&Mat, usize, &mut Dice) -> Mat;

const PLAIN: (f64, f64, f64) = (0.0, 0.0, 1.0);

const TABLE: &[(&str, Wanted, Disturb)] = &[
    ("nothing", Wanted::Usual, |p, _, _| seen(p, PLAIN)),
    ("covered by a hand", Wanted::Tampered, |p, _, _| scaled(&blurred(&seen(p, PLAIN), 25.0), 0.3, 5.0)),
    ("covered by a bag", Wanted::Tampered, |p, _, _| scaled(&blurred(&seen(p, PLAIN), 12.0), 0.5, 90.0)),
    ("black", Wanted::Tampered, |p, _, _| scaled(&seen(p, PLAIN), 0.0, 4.0)),
    ("blinded by light", Wanted::Tampered, |p, _, _| scaled(&seen(p, PLAIN), 3.0, 190.0)),
    ("out of focus", Wanted::Tampered, |p, _, _| blurred(&seen(p, PLAIN), 4.0)),
    ("pushed aside by 5 %", Wanted::Moved, |p, _, _| seen(p, (0.05, 0.0, 1.0))),
    ("pushed aside by 10 %", Wanted::Moved, |p, _, _| seen(p, (0.1, 0.0, 1.0))),
    ("turned by 3 degrees", Wanted::Moved, |p, _, _| seen(p, (0.0, 3.0, 1.0))),
    ("turned by 8 degrees", Wanted::Moved, |p, _, _| seen(p, (0.0, 8.0, 1.0))),
    ("zoomed by a fifth", Wanted::Moved, |p, _, _| seen(p, (0.0, 0.0, 1.2))),
    ("upside down", Wanted::Moved, |p, _, _| seen(p, (0.0, 180.0, 1.0))),
    ("trembling by 3 px of 640", Wanted::Usual, |p, i, _| {
        seen(p, (if i.is_multiple_of(2) { 0.006 } else { -0.006 }, 0.0, 1.0))
    }),
    ("half the light", Wanted::Usual, |p, _, _| scaled(&seen(p, PLAIN), 0.5, 0.0)),
    ("infrared filter switched", Wanted::Usual, |p, _, _| scaled(&seen(p, PLAIN), 0.6, 60.0)),
    ("grain of the night", Wanted::Usual, |p, _, dice| noisy(&scaled(&seen(p, PLAIN), 0.45, 0.0), 7, dice)),
    ("headlights at night", Wanted::Usual, |p, _, dice| with_headlights(&seen(p, PLAIN), dice)),
    ("rain", Wanted::Usual, |p, _, dice| with_rain(&seen(p, PLAIN), dice)),
    ("a lorry over two fifths", Wanted::Usual, |p, _, _| with_lorry(&seen(p, PLAIN), 0.4)),
];

fn shows(view: &View) -> Wanted {
    match view.troubles() {
        (true, _) => Wanted::Tampered,
        (_, true) => Wanted::Moved,
        _ => Wanted::Usual,
    }
}

#[test]
fn disturbances_are_told_from_weather_and_traffic() {
    let mut sources = vec![("drawn".to_owned(), drawn())];
    for name in [
        "side-road.mp4",
        "highway-b.avi",
        "jamcam-201709141356.mp4",
        "indoor-people.mp4",
        "overhead-cars.mp4",
    ] {
        let path = recording(&format!("street/{name}"));
        sources.extend(path.map(|path| (name.to_owned(), pictures_of(&path))));
    }
    sources.push(("vtest.avi".into(), pictures_of(&set_up("footage/vtest.avi"))));
    let mut wrong = Vec::new();
    for (source, pictures) in &sources {
        // Forth and back, so that a short clip has no jump.
        let turn = 2 * pictures.len() - 2;
        let picture = |i: usize| &pictures[(i % turn).min(turn - i % turn)];
        let mut usual = ViewMeter::new(Masks::default(), false);
        let mut dice = Dice(3);
        for i in 0..BEFORE {
            let view = noisy(&seen(picture(i), PLAIN), 1, &mut dice);
            let view = usual.measure(&view, i as f64 / FPS).unwrap();
            assert_eq!(shows(&view), Wanted::Usual, "{source} at {i}: {view:?}");
        }
        // Bare asphalt has no outlines to be known by: where that camera looks cannot be told, and nothing is stated.
        let plain = source == "overhead-cars.mp4";
        for (name, wanted, disturb) in TABLE {
            let wanted = if plain && *wanted == Wanted::Moved { &Wanted::Usual } else { wanted };
            let mut meter = usual.clone();
            let mut after = Vec::new();
            for i in BEFORE..BEFORE + 7 {
                let view = noisy(&disturb(picture(i), i, &mut dice), 1, &mut dice);
                after.push(meter.measure(&view, i as f64 / FPS).unwrap());
            }
            // The median of three knows it from the second measurement on.
            let after = &after[1..];
            let agree = after.iter().filter(|view| shows(view) == *wanted).count();
            let mean = |of: fn(&View) -> f64| after.iter().map(of).sum::<f64>() / after.len() as f64;
            let line = format!(
                "{source:<26} {name:<26} {agree:>2} of {}: sharp {:.2} lost {:.2} shift {:.3}",
                after.len(),
                mean(|v| v.sharpness),
                mean(|v| v.lost_outlines),
                mean(|v| v.shift),
            );
            eprintln!("{line}");
            if agree != after.len() {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A drawn street with a sensor's noise, seen plainly, from 15 % aside or from a fifth nearer.
struct Street {
    pictures: Vec<Mat>,
    dice: Dice,
    at: usize,
}

impl Street {
    fn new() -> Street {
        Street { pictures: drawn(), dice: Dice(3), at: 0 }
    }

    /// What is measured when the camera shows this for so many seconds; the last measurement.
    fn show(&mut self, meter: &mut ViewMeter, seconds: usize, see: impl Fn(&Mat) -> Mat) -> View {
        // A dozen pictures again and again: what takes the time of such a test is making them.
        let made: Vec<Mat> = (self.at..self.at + 12)
            .map(|i| noisy(&see(&self.pictures[i % self.pictures.len()]), 1, &mut self.dice))
            .collect();
        let mut last = View::default();
        for i in 0..seconds * 2 {
            last = meter.measure(&made[i % made.len()], self.at as f64 / FPS).unwrap();
            self.at += 1;
        }
        last
    }
}

fn plain(picture: &Mat) -> Mat {
    seen(picture, PLAIN)
}
fn aside(picture: &Mat) -> Mat {
    seen(picture, (0.12, 0.0, 1.0))
}

#[test]
fn a_camera_that_was_turned_for_good_shows_its_usual_view_after_five_minutes() {
    let (mut street, mut meter) = (Street::new(), ViewMeter::new(Masks::default(), false));
    assert_eq!(shows(&street.show(&mut meter, 60, plain)), Wanted::Usual);
    let turned = street.show(&mut meter, 290, aside);
    assert_eq!((shows(&turned), turned.adopted), (Wanted::Moved, 0), "{turned:?}");
    let adopted = street.show(&mut meter, 20, aside);
    assert_eq!((shows(&adopted), adopted.adopted), (Wanted::Usual, 1), "{adopted:?}");
    // Elsewhere again, which is another view, and back where it was confirmed, which needs no minutes.
    let zoomed = street.show(&mut meter, 30, |picture| seen(picture, (0.0, 0.0, 1.2)));
    assert_eq!((shows(&zoomed), zoomed.adopted), (Wanted::Moved, 1), "{zoomed:?}");
    let back = street.show(&mut meter, 6, plain);
    assert_eq!((shows(&back), back.adopted), (Wanted::Usual, 0), "{back:?}");
}

#[test]
fn what_is_no_view_is_never_adopted() {
    type See = fn(&Mat) -> Mat;
    let table: [(&str, Wanted, See); 3] = [
        ("black", Wanted::Tampered, |p| scaled(&plain(p), 0.0, 4.0)),
        ("covered", Wanted::Tampered, |p| scaled(&blurred(&plain(p), 25.0), 0.3, 5.0)),
        ("out of focus", Wanted::Tampered, |p| blurred(&plain(p), 4.0)),
    ];
    for (name, wanted, see) in table {
        let (mut street, mut meter) = (Street::new(), ViewMeter::new(Masks::default(), false));
        street.show(&mut meter, 60, plain);
        let after = street.show(&mut meter, 400, see);
        assert_eq!((shows(&after), after.adopted), (wanted, 0), "{name}: {after:?}");
        let back = street.show(&mut meter, 6, plain);
        assert_eq!((shows(&back), back.adopted), (Wanted::Usual, 0), "{name}: {back:?}");
    }
    // Turned away, and frozen there: a picture that stands is no view. The noise must stand as well.
    let (mut street, mut meter) = (Street::new(), ViewMeter::new(Masks::default(), false));
    street.show(&mut meter, 60, plain);
    let still = noisy(&aside(&street.pictures[0]), 1, &mut Dice(9));
    let mut after = View::default();
    for i in 0..800 {
        after = meter.measure(&still, 60.0 + f64::from(i) / FPS).unwrap();
    }
    assert!(shows(&after) != Wanted::Usual && after.adopted == 0, "{after:?}");
    // Frozen from the start: nothing is learnt, and what it shows when it comes alive is the usual view.
    let (mut street, mut meter) = (Street::new(), ViewMeter::new(Masks::default(), false));
    for i in 0..100 {
        meter.measure(&still, f64::from(i) / FPS - 60.0).unwrap();
    }
    assert_eq!(shows(&street.show(&mut meter, 30, plain)), Wanted::Usual);
    assert_eq!(shows(&street.show(&mut meter, 3, aside)), Wanted::Moved);
}

#[test]
fn a_camera_that_was_moved_while_the_agent_was_down_is_found_by_the_kept_view() {
    let dir = tempfile::tempdir().unwrap();
    let text = "id = \"north\"\nname = \"North\"\nurl = \"rtsp://user:word@10.0.0.1/1\"";
    let camera: CameraConfig = toml::from_str(text).unwrap();
    let file = dir.path().join("views/north.view");
    // Each row: what happened to the file or to the configuration while the agent was down, and what the turned camera
    // counts as then.
    type Meanwhile = fn(&Path, &mut CameraConfig);
    let table: [(&str, Wanted, Meanwhile); 7] = [
        ("nothing", Wanted::Moved, |_, _| {}),
        ("another password", Wanted::Moved, |_, camera| camera.url = camera.url.replace("word", "other")),
        ("another address", Wanted::Usual, |_, camera| camera.url = camera.url.replace("/1", "/2")),
        ("a person confirmed the view", Wanted::Usual, |_, camera| camera.view += 1),
        ("the file is cut", Wanted::Usual, |file, _| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("the file is another's", Wanted::Usual, |file, _| std::fs::write(file, "no view").unwrap()),
        ("the file is gone", Wanted::Usual, |file, _| std::fs::remove_file(file).unwrap()),
    ];
    for (name, wanted, meanwhile) in table {
        let mut camera = camera.clone();
        let start = |camera: &CameraConfig| {
            let mut meter = ViewMeter::new(Masks::default(), false);
            meter.keep_in(ViewStore::new(&dir.path().join("views"), camera), &camera.id);
            meter
        };
        let _ = std::fs::remove_file(&file);
        let (mut street, mut meter) = (Street::new(), start(&camera));
        assert_eq!(shows(&street.show(&mut meter, 30, plain)), Wanted::Usual);
        meter.save();
        meanwhile(&file, &mut camera);
        let mut meter = start(&camera);
        assert_eq!(shows(&street.show(&mut meter, 10, aside)), wanted, "{name}");
        if name == "nothing" {
            // Adopted, and the agent restarts again: still adopted, and the confirmed view is not forgotten.
            assert_eq!(street.show(&mut meter, 310, aside).adopted, 1);
            meter.save();
            let mut meter = start(&camera);
            let same = street.show(&mut meter, 10, aside);
            assert_eq!((shows(&same), same.adopted), (Wanted::Usual, 1));
            assert_eq!(street.show(&mut meter, 6, plain).adopted, 0);
        }
    }
}

/// A textured wall in colour with a grey plume or a flame in front, as a stove might give.
fn burning(i: usize, smoke: bool, fire: bool, dice: &mut Dice) -> Mat {
    let mut scenery = Dice(11);
    let mut picture =
        Mat::new_size_with_default(Size::new(160, 120), core::CV_8UC3, Scalar::new(70.0, 95.0, 90.0, 0.0))
            .unwrap();
    for _ in 0..220 {
        let place =
            Rect::new(scenery.below(156), scenery.below(116), 3 + scenery.below(9), 3 + scenery.below(7));
        let tone = |dice: &mut Dice| f64::from(30 + dice.below(120));
        let colour = Scalar::new(tone(&mut scenery), tone(&mut scenery), tone(&mut scenery), 0.0);
        imgproc::rectangle(&mut picture, place, colour, -1, imgproc::LINE_8, 0).unwrap();
    }
    if smoke {
        let age = f64::from(u32::try_from(i).unwrap());
        let mut plume = picture.clone();
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        for puff in 0..(age as i32).min(26) {
            let at = Point::new(70 + dice.below(9) + puff, 105 - 3 * puff);
            let grey = Scalar::all(f64::from(165 + dice.below(30)));
            imgproc::circle(&mut plume, at, 6 + puff / 2, grey, -1, imgproc::LINE_AA, 0).unwrap();
        }
        let mut mixed = Mat::default();
        core::add_weighted_def(&blurred(&plume, 3.0), 0.75, &picture, 0.25, 0.0, &mut mixed).unwrap();
        // Where there is no plume, the wall stays as it is.
        let (mut difference, mut grey, mut mask) = (Mat::default(), Mat::default(), Mat::default());
        core::absdiff(&plume, &picture, &mut difference).unwrap();
        imgproc::cvt_color_def(&difference, &mut grey, imgproc::COLOR_BGR2GRAY).unwrap();
        imgproc::threshold(&grey, &mut mask, 0.0, 255.0, imgproc::THRESH_BINARY).unwrap();
        mixed.copy_to_masked(&mut picture, &mask).unwrap();
    }
    if fire {
        for _ in 0..7 {
            let at = Point::new(60 + dice.below(22), 88 + dice.below(16));
            let colour = Scalar::new(20.0, f64::from(120 + dice.below(110)), 250.0, 0.0);
            imgproc::circle(&mut picture, at, 3 + dice.below(5), colour, -1, imgproc::LINE_AA, 0).unwrap();
        }
    }
    noisy(&picture, 2, dice)
}

#[test]
fn drawn_smoke_and_flames_are_found_and_a_shadow_and_a_parked_van_are_not() {
    type Story = fn(usize, &mut Dice) -> Mat;
    let table: [(&str, bool, Story); 5] = [
        ("nothing", false, |_, dice| burning(0, false, false, dice)),
        ("smoke", true, |i, dice| burning(i, true, false, dice)),
        ("flames", true, |_, dice| burning(0, false, true, dice)),
        ("a shadow that wanders", false, |i, dice| {
            let mut picture = burning(0, false, false, dice);
            let place = Rect::new(i32::try_from(i).unwrap() * 2 % 90, 10, 60, 100);
            let dark = scaled(&Mat::roi(&picture, place).unwrap().try_clone().unwrap(), 0.55, 0.0);
            dark.copy_to(&mut Mat::roi_mut(&mut picture, place).unwrap()).unwrap();
            picture
        }),
        ("a white van that parks", false, |i, dice| {
            let mut picture = burning(0, false, false, dice);
            let x = (i32::try_from(i).unwrap() * 8 - 70).min(40);
            let van = Rect::new(x, 40, 70, 50) & Rect::new(0, 0, 160, 120);
            if van.area() > 0 {
                imgproc::rectangle(&mut picture, van, Scalar::all(225.0), -1, imgproc::LINE_8, 0).unwrap();
            }
            noisy(&picture, 2, dice)
        }),
    ];
    for (name, wanted, story) in table {
        let (mut dice, mut meter) = (Dice(5), edge_agent::view::SmokeMeter::default());
        let mut seen = 0;
        for i in 0..110_usize {
            let before = i < 40;
            let picture = if before { burning(0, false, false, &mut dice) } else { story(i - 40, &mut dice) };
            let found = meter.measure(&picture, i as f64 * 0.6).unwrap();
            assert!(!before || found.is_none(), "{name}: {found:?} at {i}");
            seen += usize::from(found.is_some_and(|(score, _)| score >= 0.5));
        }
        eprintln!("{name}: seen in {seen} of 70 looks");
        assert!(if wanted { seen >= 30 } else { seen <= 2 }, "{name}: seen in {seen} of 70 looks");
    }
}
