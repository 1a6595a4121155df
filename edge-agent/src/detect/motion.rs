//! The motion gate: what differs from the background, on a small picture of the brightness.
//!
//! Two settings. The gate before the network forgets quickly and looks at few pixels, since it only has to say "look".
//! The motion detector remembers long and learns slowly where something is, since what stops must stay visible.
//!
//! What is no motion: the camera's exposure control ([`Background`]), a camera that shakes (`shake.rs`), leaves and
//! flags, which flicker (`flicker.rs`), for the detector a shadow on a surface that has a texture (`shade.rs`), and a
//! change of the whole picture, after which the background is learnt anew.

use super::DetectError;
use super::background::{Background, Memory};
use super::blobs::Blobs;
use super::confirm::confirm;
use super::flicker::Flicker;
use super::shade::Shade;
use super::shake;
use super::still::{StillMemory, StillThing};
use crate::source::{Frame, Masks};
use ngatu_protocol::RoadUserClass;
use ngatu_scene::geometry::iou;
use ngatu_scene::{BoxPx, Detection};
use opencv::core::{self, CV_8U, Mat, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Share of the picture that must differ for a change of light or view instead of a mover.
const ALL_CHANGED_RATIO: f64 = 0.6;
/// Deviation of the brightness, of 255, below which a picture shows nothing.
const BLANK_DEVIATION: f64 = 1.0;
/// Score of a blob that lies where none was in the last frame, which a raindrop or a flash may be: the tracker waits
/// for more of it …
const FRESH_SCORE: f32 = 0.5;
/// … and of one that goes on.
const LASTING_SCORE: f32 = 0.9;
/// A blob goes on if it overlaps one of the last frame by more than this …
const LASTING_IOU: f32 = 0.2;
/// … or if it is the third of about one size, up to this ratio of the areas, …
const LASTING_AREAS: f32 = 2.0;
/// … whose two steps, of at most so many of its mean sides, …
const LASTING_SIDES: f32 = 2.5;
/// … differ by at most this share of the longer one: a motorcycle goes its own length from one frame to the next, in
/// one direction, and neither a branch nor the rain does.
const LASTING_TURN: f32 = 0.35;
/// Share of the picture that must differ before a shake of the camera is looked for.
const SHAKE_RATIO: f64 = 0.04;

/// What the gate watches for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watchfulness {
    /// Longer side of the picture that is compared, pixels.
    side_px: u32,
    /// Difference in brightness, of 255, that counts.
    threshold: f64,
    /// Smallest blob, share of the picture's area.
    min_area_ratio: f64,
    /// Side of the square that closes gaps inside a blob, pixels of the small picture.
    closing_px: i32,
    /// How the background learns.
    memory: Memory,
    /// Whether blobs are tested for being ghosts.
    tells_ghosts: bool,
}

impl Watchfulness {
    /// For the gate before the network. Found by a search on real footage: of 2,301 true people at 5 frames a second it
    /// covers 99.8%, and 20% of its boxes hold nobody.
    pub const GATE: Watchfulness = Watchfulness {
        side_px: 224,
        threshold: 16.0,
        min_area_ratio: 0.0008,
        closing_px: 3,
        memory: Memory { still_s: 3.0, under_movers_s: 3.0, learning_s: 0.0 },
        tells_ghosts: false,
    };
    /// For the motion detector.
    pub const DETECTOR: Watchfulness = Watchfulness {
        side_px: 320,
        threshold: 20.0,
        min_area_ratio: 0.001,
        closing_px: 7,
        memory: Memory { still_s: 10.0, under_movers_s: 90.0, learning_s: 1.6 },
        tells_ghosts: true,
    };
}

/// What one frame showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Motion {
    /// Whether something moves, or nothing is known yet.
    pub moving: bool,
    /// The moving blobs, pixels of the frame; none while the background is being learnt.
    pub blobs: Vec<Detection>,
    /// What stands still, pixels of the frame; empty without [`MotionGate::remembering`].
    pub still: Vec<StillThing>,
    /// Where something stood until now, pixels of the frame.
    pub left: Vec<BoxPx>,
    /// Mean brightness of a picture that shows nothing at all: black, grey or covered.
    pub blank: Option<f64>,
}

/// What a camera's pictures are compared with.
pub struct MotionGate {
    watchfulness: Watchfulness,
    masks: Masks,
    visible: Mat,
    background: Background,
    flicker: Flicker,
    shade: Shade,
    blobs: Blobs,
    closing: Mat,
    /// The picture as it was compared: blurred, and shifted back if the camera shook.
    luma: Mat,
    /// 255 where the picture differs; empty while that is not known.
    differs: Mat,
    last: Vec<BoxPx>,
    /// Those of the frame before that.
    before: Vec<BoxPx>,
    still: Option<StillMemory>,
    work: [Mat; 2],
}

impl MotionGate {
    /// A gate that knows no background yet.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub fn new(watchfulness: Watchfulness, masks: Masks) -> Result<MotionGate, DetectError> {
        let side = Size::new(watchfulness.closing_px, watchfulness.closing_px);
        Ok(MotionGate {
            watchfulness,
            masks,
            visible: Mat::default(),
            background: Background::new(watchfulness.memory),
            flicker: Flicker::default(),
            shade: Shade::default(),
            blobs: Blobs::default(),
            closing: imgproc::get_structuring_element_def(imgproc::MORPH_RECT, side)?,
            luma: Mat::default(),
            differs: Mat::default(),
            last: Vec::new(),
            before: Vec::new(),
            still: None,
            work: [Mat::default(), Mat::default()],
        })
    }

    /// The gate with a memory of what stands still.
    #[must_use]
    pub fn remembering(self) -> MotionGate {
        MotionGate { still: Some(StillMemory::new()), ..self }
    }

    /// Compares a frame with the background and learns from it. `now_s` is any time that only grows.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn look(&mut self, frame: &Frame, now_s: f64) -> Result<Motion, DetectError> {
        let size = frame.fitted(self.watchfulness.side_px, self.watchfulness.side_px);
        let small = frame.luma(size)?;
        let mut motion = self.compare(&small, now_s)?;
        let scale =
            [frame.width_px() as f32 / size.width as f32, frame.height_px() as f32 / size.height as f32];
        for blob in &mut motion.blobs {
            blob.bbox = blob.bbox.scaled(scale[0], scale[1]);
        }
        for thing in &mut motion.still {
            thing.bbox = thing.bbox.scaled(scale[0], scale[1]);
        }
        for left in &mut motion.left {
            *left = left.scaled(scale[0], scale[1]);
        }
        Ok(motion)
    }

    /// The same for a small picture of the brightness; boxes are in its pixels.
    pub(super) fn compare(&mut self, small: &Mat, now_s: f64) -> Result<Motion, DetectError> {
        let size = small.size()?;
        if self.visible.size()? != size {
            self.visible = Mat::new_size_with_default(size, CV_8U, Scalar::all(255.0))?;
            self.masks.fill(&mut self.visible, 0.0)?;
            self.forget();
        }
        imgproc::blur_def(small, &mut self.luma, Size::new(3, 3))?;
        let blank = self.blank()?;
        let unknown = Motion { moving: true, blank, ..Motion::default() };
        // A picture that shows nothing is nothing to learn from.
        if blank.is_some() || !self.difference(now_s)? {
            self.differs = Mat::default();
            return Ok(unknown);
        }
        let mut changed_px = core::count_non_zero(&self.differs)?;
        let area_px = f64::from(size.area());
        if f64::from(changed_px) > SHAKE_RATIO * area_px && self.steady()? {
            changed_px = core::count_non_zero(&self.differs)?;
        }
        if f64::from(changed_px) > ALL_CHANGED_RATIO * area_px {
            self.forget();
            return Ok(unknown);
        }
        let pictures = [&self.luma, self.background.shown()];
        self.flicker.learn(pictures, self.watchfulness.threshold, now_s)?;
        let (mut rects, mut standing) = (Vec::new(), Vec::new());
        if changed_px > 0 {
            if self.watchfulness.tells_ghosts {
                self.shade.clear([&self.luma, self.background.shown()], &mut self.differs)?;
            }
            if let Some(still) = self.still.as_ref().filter(|_| self.watchfulness.tells_ghosts) {
                standing = still.part(&self.luma, &mut self.differs)?;
            }
            let [closed, _] = &mut self.work;
            imgproc::morphology_ex_def(&self.differs, closed, imgproc::MORPH_CLOSE, &self.closing)?;
            std::mem::swap(&mut self.differs, closed);
        }
        if changed_px > 0 {
            self.flicker.calm(&mut self.differs)?;
            rects = self.blobs.find(&self.differs, self.watchfulness.min_area_ratio * area_px)?;
            if self.watchfulness.tells_ghosts {
                self.drop_ghosts(&mut rects)?;
            }
        }
        self.background.learn(&self.luma, &self.differs, now_s)?;
        let (still, left) = self.remember(now_s)?;
        let rects = rects.into_iter().map(|(rect, _)| rect).collect();
        let moving = super::blobs::merge(rects).into_iter().map(boxed);
        let boxes: Vec<BoxPx> = moving.chain(standing).collect();
        let blobs: Vec<_> = boxes.iter().map(|bbox| self.detection(*bbox, &boxes)).collect();
        self.before = std::mem::replace(&mut self.last, boxes);
        Ok(Motion { moving: !blobs.is_empty(), blobs, still, left, blank })
    }

    /// A blob has no class, and a score that says whether it lasts.
    fn detection(&self, bbox: BoxPx, all: &[BoxPx]) -> Detection {
        let lasts = self.last.iter().any(|last| iou(*last, bbox) > LASTING_IOU) || self.goes_on(bbox, all);
        let score = if lasts { LASTING_SCORE } else { FRESH_SCORE };
        Detection { bbox, class: RoadUserClass::Object, score }
    }

    /// Whether a blob goes on in the direction of two in the frames before. Where it was then, nothing is now: a branch
    /// comes back.
    fn goes_on(&self, bbox: BoxPx, all: &[BoxPx]) -> bool {
        let alike = |a: BoxPx, b: BoxPx| a.area().max(b.area()) <= LASTING_AREAS * a.area().min(b.area());
        let step = |from: BoxPx, to: BoxPx| {
            let ([x, y], [to_x, to_y]) = (from.center(), to.center());
            [to_x - x, to_y - y]
        };
        let reach = LASTING_SIDES * bbox.area().sqrt();
        let near = self.last.iter().map(|last| (*last, step(*last, bbox)));
        near.filter(|(last, [x, y])| alike(*last, bbox) && x.hypot(*y) <= reach).any(|(last, now)| {
            let left = |before: &BoxPx| all.iter().all(|now| iou(*now, *before) <= 0.0);
            self.before.iter().filter(|before| alike(**before, last) && left(before)).any(|before| {
                let then = step(*before, last);
                let longer = now[0].hypot(now[1]).max(then[0].hypot(then[1]));
                (now[0] - then[0]).hypot(now[1] - then[1]) <= LASTING_TURN * longer
            })
        })
    }

    /// Raises the scores of those detections that the network is unsure of and that are exactly what moved in the
    /// frame of the last [`MotionGate::look`]; see `confirm.rs`.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub fn confirm(&self, detections: &mut [Detection], frame: &Frame) -> Result<(), DetectError> {
        confirm(detections, &self.differs, [frame.width_px(), frame.height_px()])
    }

    /// Tells the memory of what stands still what the network sees in the frame of the last [`MotionGate::look`]: a
    /// road user who stands is no thing.
    pub fn explain(&mut self, detections: &[Detection], frame: &Frame) {
        let scale = [
            self.luma.cols() as f32 / frame.width_px().max(1) as f32,
            self.luma.rows() as f32 / frame.height_px().max(1) as f32,
        ];
        if let Some(still) = &mut self.still {
            still.explain(detections, scale);
        }
    }

    /// What stands still and what left; the detector's background is kept from learning it.
    fn remember(&mut self, now_s: f64) -> Result<(Vec<StillThing>, Vec<BoxPx>), DetectError> {
        let Some(still) = &mut self.still else { return Ok(Default::default()) };
        still.look(&self.luma, now_s)?;
        if self.watchfulness.tells_ghosts {
            still.guard(&mut self.background, &self.luma)?;
        }
        Ok((still.things().collect(), still.left().to_vec()))
    }

    /// Forgets what is in front of the camera: what it shows next is learnt anew, as at the beginning.
    pub fn forget(&mut self) {
        self.background.forget();
        self.flicker = Flicker::default();
        self.differs = Mat::default();
    }

    /// Forgets what stands still, for a camera that has another usual view now. The numbers of things go on.
    pub fn forget_things(&mut self) {
        if let Some(still) = &mut self.still {
            still.forget();
        }
    }

    fn blank(&self) -> Result<Option<f64>, DetectError> {
        let (mut mean, mut deviation) = (Scalar::default(), Scalar::default());
        if self.masks.is_empty() {
            core::mean_std_dev_def(&self.luma, &mut mean, &mut deviation)?;
        } else {
            core::mean_std_dev(&self.luma, &mut mean, &mut deviation, &self.visible)?;
        }
        Ok((deviation[0] < BLANK_DEVIATION).then_some(mean[0]))
    }

    /// Finds where the picture differs from the background; false while there is no background.
    fn difference(&mut self, now_s: f64) -> Result<bool, DetectError> {
        let Some(background) = self.background.compare_with(&self.luma, now_s)? else { return Ok(false) };
        let [difference, _] = &mut self.work;
        core::absdiff(&self.luma, background, difference)?;
        let threshold = self.watchfulness.threshold;
        imgproc::threshold(difference, &mut self.differs, threshold, 255.0, imgproc::THRESH_BINARY)?;
        Ok(true)
    }

    /// Shifts the picture back if the camera shook; whether it did.
    fn steady(&mut self) -> Result<bool, DetectError> {
        let Some(shift) = shake::shift(&self.luma, self.background.shown())? else { return Ok(false) };
        let [difference, steadied] = &mut self.work;
        shake::undo(&self.luma, shift, self.background.shown(), steadied)?;
        std::mem::swap(&mut self.luma, steadied);
        core::absdiff(&self.luma, self.background.shown(), difference)?;
        let threshold = self.watchfulness.threshold;
        imgproc::threshold(difference, &mut self.differs, threshold, 255.0, imgproc::THRESH_BINARY)?;
        Ok(true)
    }

    fn drop_ghosts(&mut self, rects: &mut Vec<(Rect, i32)>) -> Result<(), DetectError> {
        let picture = Rect::new(0, 0, self.luma.cols(), self.luma.rows());
        let mut real = Vec::new();
        for (rect, label) in rects.drain(..) {
            // A margin, so that the outline lies inside.
            let wide = Rect::new(rect.x - 3, rect.y - 3, rect.width + 6, rect.height + 6) & picture;
            let mask = self.blobs.mask(wide, label)?;
            if !self.background.absorb_ghost(&self.luma, wide, &mask)? {
                real.push((rect, label));
            }
        }
        *rects = real;
        Ok(())
    }
}

pub(super) fn boxed(rect: Rect) -> BoxPx {
    BoxPx { left: rect.x as f32, top: rect.y as f32, width: rect.width as f32, height: rect.height as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencv::core::{Point, Scalar};

    const SIZE: (i32, i32) = (126, 224);
    const FPS: f64 = 5.0;

    /// Numbers that look random and are the same each time.
    struct Dice(u32);

    impl Dice {
        fn roll(&mut self, below: i32) -> i32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i32::try_from(self.0 >> 16).unwrap() % below
        }
    }

    fn fill(picture: &mut Mat, rect: Rect, brightness: f64) {
        imgproc::rectangle(picture, rect, Scalar::all(brightness), imgproc::FILLED, imgproc::LINE_8, 0)
            .unwrap();
    }

    /// A street with things on it that have edges.
    fn street() -> Mat {
        let mut picture = Mat::new_rows_cols_with_default(SIZE.0, SIZE.1, CV_8U, Scalar::all(110.0)).unwrap();
        let mut dice = Dice(7);
        for _ in 0..60 {
            let rect = Rect::new(dice.roll(224), dice.roll(126), 6 + dice.roll(30), 6 + dice.roll(20));
            fill(&mut picture, rect, 80.0 + f64::from(dice.roll(80)));
        }
        let mut soft = Mat::default();
        imgproc::blur_def(&picture, &mut soft, Size::new(5, 5)).unwrap();
        soft
    }

    fn shifted(picture: &Mat, dx: f64, dy: f64) -> Mat {
        let mut out = Mat::default();
        shake::undo(picture, [-dx, -dy], picture, &mut out).unwrap();
        out
    }

    fn scaled(picture: &Mat, factor: f64) -> Mat {
        let mut out = Mat::default();
        picture.convert_to(&mut out, CV_8U, factor, 0.0).unwrap();
        out
    }

    /// Runs the pictures of a disturbance after 4 s of the quiet street; gives for each frame the number of boxes: of
    /// the detector, of those that last, since only they are tracks at once.
    fn boxes(watch: Watchfulness, seconds: f64, disturb: &mut dyn FnMut(usize, &mut Mat)) -> Vec<usize> {
        let mut gate = MotionGate::new(watch, Masks::default()).unwrap();
        let street = street();
        let mut now_s = 0.0;
        for _ in 0..20 {
            gate.compare(&street, now_s).unwrap();
            now_s += 1.0 / FPS;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few frames")]
        let frames = (seconds * FPS) as usize;
        let mut found = Vec::new();
        for i in 0..frames {
            let mut picture = street.clone();
            disturb(i, &mut picture);
            let motion = gate.compare(&picture, now_s).unwrap();
            let lasting = |blob: &&Detection| !watch.tells_ghosts || blob.score > FRESH_SCORE;
            found.push(motion.blobs.iter().filter(lasting).count());
            now_s += 1.0 / FPS;
        }
        found
    }

    /// What may disturb, for how many seconds, and in which share of the last half's frames at most the gate and
    /// the detector may have boxes. In rain the gate passes
    /// frames to the network, which finds nothing.
    type Row = (&'static str, f64, [f64; 2], fn(usize, &mut Mat, &mut Dice));

    const ROWS: &[Row] = &[
        ("a frozen picture", 10.0, [0.0, 0.0], |_, _, _| {}),
        ("noise of the sensor", 10.0, [0.0, 0.0], |_, picture, dice| {
            let mut seed = dice.roll(255);
            for pixel in picture.data_typed_mut::<u8>().unwrap() {
                seed = (seed * 37 + 11) % 251;
                *pixel = pixel.saturating_add(u8::try_from(seed % 9).unwrap());
            }
        }),
        ("the exposure darkens everything", 10.0, [0.0, 0.0], |_, picture, _| {
            *picture = scaled(picture, 0.7)
        }),
        ("a camera that shakes by 3 pixels of 640", 10.0, [0.1, 0.1], |i, picture, dice| {
            let d = [0.0, 1.05, -1.05][i % 3];
            *picture = shifted(picture, d, f64::from(dice.roll(3) - 1) * 0.5);
        }),
        ("rain", 10.0, [1.0, 0.2], |_, picture, dice| {
            for _ in 0..60 {
                let at = Point::new(dice.roll(224), dice.roll(126));
                let to = Point::new(at.x + 1, at.y + 5);
                imgproc::line(picture, at, to, Scalar::all(180.0), 1, imgproc::LINE_8, 0).unwrap();
            }
        }),
        ("a swinging tree", 60.0, [0.1, 0.1], |i, picture, dice| {
            for x in 0..5 {
                let swing = if (i + x) % 2 == 0 { 0 } else { 5 + dice.roll(2) };
                let x = i32::try_from(x).unwrap();
                fill(picture, Rect::new(20 + 12 * x + swing, 10, 6, 25), 30.0);
            }
        }),
        ("a soft shadow of a cloud", 20.0, [0.0, 0.0], |i, picture, _| {
            #[allow(clippy::cast_precision_loss, reason = "a few frames")]
            let factor = 1.0 - 0.3 * (i as f64 / 100.0);
            let half = Rect::new(0, 0, 100, 126);
            let dark = scaled(&Mat::roi(picture, half).unwrap().clone_pointee(), factor);
            dark.copy_to(&mut Mat::roi_mut(picture, half).unwrap()).unwrap();
        }),
        ("the lights are switched off", 10.0, [0.0, 0.0], |_, picture, _| {
            let mut dark = scaled(picture, 0.2);
            std::mem::swap(picture, &mut dark);
        }),
    ];

    #[test]
    fn what_disturbs_gives_no_boxes_for_long() {
        let mut wrong = Vec::new();
        for (at, watch) in [Watchfulness::GATE, Watchfulness::DETECTOR].into_iter().enumerate() {
            let name = ["gate", "detector"][at];
            for (what, seconds, most, disturb) in ROWS {
                let mut dice = Dice(3);
                let found = boxes(watch, *seconds, &mut |i, picture| disturb(i, picture, &mut dice));
                let late = &found[found.len() / 2..];
                let share = late.iter().filter(|n| **n > 0).count() as f64 / late.len() as f64;
                eprintln!("{name:<9} {what:<40} frames with boxes in the second half {share:.2}");
                if share > most[at] {
                    wrong.push(format!("{name}: {what}: boxes in {share:.2} of the frames: {found:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn who_walks_through_each_disturbance_is_seen() {
        for (what, seconds, _, disturb) in ROWS {
            if what.contains("switched off") {
                continue;
            }
            let mut dice = Dice(3);
            let found = boxes(Watchfulness::GATE, *seconds, &mut |i, picture| {
                disturb(i, picture, &mut dice);
                let x = i32::try_from(i).unwrap() * 8 % 200;
                fill(picture, Rect::new(x, 70, 10, 24), 250.0);
            });
            let seen = found.iter().filter(|n| **n > 0).count();
            assert!(seen * 10 >= found.len() * 9, "{what}: seen in {seen} of {} frames", found.len());
        }
    }

    #[test]
    fn a_black_picture_is_reported_and_nothing_is_learnt_from_it() {
        let mut gate = MotionGate::new(Watchfulness::GATE, Masks::default()).unwrap();
        let black = Mat::new_rows_cols_with_default(SIZE.0, SIZE.1, CV_8U, Scalar::all(0.0)).unwrap();
        gate.compare(&street(), 0.0).unwrap();
        for i in 1..20 {
            let motion = gate.compare(&black, f64::from(i) / FPS).unwrap();
            assert_eq!((motion.blank, motion.blobs.len()), (Some(0.0), 0));
        }
        let back = gate.compare(&street(), 4.0).unwrap();
        assert_eq!((back.blank, back.blobs.len()), (None, 0), "the street is known still");
    }

    #[test]
    fn after_a_change_of_resolution_or_of_the_whole_view_it_is_learnt_within_a_frame() {
        let mut gate = MotionGate::new(Watchfulness::GATE, Masks::default()).unwrap();
        let street = street();
        let mut larger = Mat::default();
        imgproc::resize_def(&street, &mut larger, Size::new(320, 180)).unwrap();
        let mut stripes = street.clone();
        for x in (0..224).step_by(16) {
            fill(&mut stripes, Rect::new(x, 0, 8, 126), 5.0);
            fill(&mut stripes, Rect::new(x + 8, 0, 8, 126), 250.0);
        }
        for (i, picture) in [&street, &street, &larger, &larger, &street, &street].into_iter().enumerate() {
            let motion = gate.compare(picture, i as f64 / FPS).unwrap();
            assert_eq!(motion.blobs.len(), 0, "frame {i}");
        }
        let odd = gate.compare(&stripes, 2.0).unwrap();
        assert!(odd.moving && odd.blobs.is_empty(), "a new view is no mover, and the network shall look");
        gate.compare(&stripes, 2.2).unwrap();
        assert!(!gate.compare(&stripes, 2.4).unwrap().moving);
    }
}
