//! Flames and smoke by hand-made rules, **experimental**: its recall is known from drawn smoke and flames only, its
//! false rate from real footage without any (`make bench ARGS="smoke"`, `smoke_false_per_hour`).
//!
//! The picture is divided into small squares. A square *smokes* when the background's texture fades in it (by more than
//! the brightness does, so that a shadow is none), what is seen is grey, and its brightness drifts, slower than traffic
//! and more than a parked van. A square *burns* when pixels of a flame's colour, that the background does not have,
//! flicker in it. Both must last, smoke must spread over several squares little by little.

use crate::detect::DetectError;
use ngatu_protocol::geometry::Point;
use opencv::core::{self, CV_8U, CV_32F, Mat, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;
use std::collections::VecDeque;

/// Widest and highest picture that is measured, pixels.
pub const SMOKE_SIDE_PX: u32 = 160;
/// Side of a square, pixels.
const SQUARE_PX: i32 = 8;
/// Time constant of the background, seconds; ten times that where it smokes or burns.
const MEMORY_S: f64 = 60.0;
/// Looks before anything is judged.
const KNOWN_AFTER: u32 = 16;
/// Mean gradient, in Sobel's units, from which a square has a texture that can fade.
const TEXTURE: f32 = 24.0;
/// Texture over brightness must fall to this share of the background's.
const FADED: f32 = 0.6;
/// A square must become brighter or darker by so much, of 255.
const CHANGED: f32 = 8.0;
/// Saturation up to which a square is grey, of 255.
const GREY: f32 = 60.0;
/// Change of a square's mean brightness from look to look: more than noise, less than traffic, of 255.
const DRIFT: std::ops::RangeInclusive<f32> = 0.6..=14.0;
/// Share of a square's pixels that must flicker in a flame's colour.
const FLAMES: f32 = 0.1;
/// Looks in which a square must have smoked or burnt, less those in which it did not …
const LASTING: i8 = 4;
/// … counted up to here.
const LASTING_MAX: i8 = 8;
/// Squares from which smoke counts …
const SMOKE_SQUARES: usize = 6;
/// … and from which it is as sure as it gets.
const SURE_SQUARES: usize = 18;
/// Squares from which fire counts.
const FIRE_SQUARES: usize = 2;
/// Smoke must have grown in at least so many of the last looks.
const GROWING_LOOKS: usize = 3;
/// The last looks.
const RECENT: usize = 20;

/// Knows what the picture looks like without smoke and fire.
#[derive(Clone, Default)]
pub struct SmokeMeter {
    background: Mat,
    before: Mat,
    looks: u32,
    last_s: f64,
    smoking: Vec<i8>,
    burning: Vec<i8>,
    sizes: VecDeque<usize>,
    smokes: bool,
}

/// One value a square.
struct Squares {
    now: Vec<f32>,
    background: Vec<f32>,
    before: Vec<f32>,
    texture: Vec<f32>,
    usual_texture: Vec<f32>,
    saturation: Vec<f32>,
    flames: Vec<f32>,
    across: usize,
    down: usize,
}

impl SmokeMeter {
    /// Measures a colour picture: how sure smoke or fire is visible, 0..=1, and where.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub fn measure(&mut self, colours: &Mat, now_s: f64) -> Result<Option<(f64, Point)>, DetectError> {
        if self.background.size()? != colours.size()? {
            *self = SmokeMeter::default();
            colours.convert_to_def(&mut self.background, CV_32F)?;
        }
        let mut luma = Mat::default();
        imgproc::cvt_color_def(colours, &mut luma, imgproc::COLOR_BGR2GRAY)?;
        if self.before.empty() {
            luma.copy_to(&mut self.before)?;
        }
        let squares = self.squares(colours, &luma)?;
        let count = squares.across * squares.down;
        self.smoking.resize(count, 0);
        self.burning.resize(count, 0);
        self.looks = self.looks.saturating_add(1);
        let found = if self.looks > KNOWN_AFTER { self.judge(&squares) } else { None };
        self.learn(colours, &squares, now_s)?;
        self.before = luma;
        Ok(found)
    }

    fn squares(&self, colours: &Mat, luma: &Mat) -> Result<Squares, DetectError> {
        let size = Size::new((luma.cols() / SQUARE_PX).max(1), (luma.rows() / SQUARE_PX).max(1));
        let mean = |picture: &Mat| -> Result<Vec<f32>, DetectError> {
            let (mut small, mut values) = (Mat::default(), Mat::default());
            imgproc::resize(picture, &mut small, size, 0.0, 0.0, imgproc::INTER_AREA)?;
            small.convert_to_def(&mut values, CV_32F)?;
            Ok(values.data_typed::<f32>()?.to_vec())
        };
        let texture = |luma: &Mat| -> Result<Vec<f32>, DetectError> {
            let (mut x, mut y, mut length) = (Mat::default(), Mat::default(), Mat::default());
            imgproc::sobel_def(luma, &mut x, CV_32F, 1, 0)?;
            imgproc::sobel_def(luma, &mut y, CV_32F, 0, 1)?;
            core::magnitude(&x, &y, &mut length)?;
            mean(&length)
        };
        let (mut plain, mut usual) = (Mat::default(), Mat::default());
        self.background.convert_to_def(&mut plain, CV_8U)?;
        imgproc::cvt_color_def(&plain, &mut usual, imgproc::COLOR_BGR2GRAY)?;
        let (mut hsv, mut saturation) = (Mat::default(), Mat::default());
        imgproc::cvt_color_def(colours, &mut hsv, imgproc::COLOR_BGR2HSV)?;
        core::extract_channel(&hsv, &mut saturation, 1)?;
        Ok(Squares {
            now: mean(luma)?,
            background: mean(&usual)?,
            before: mean(&self.before)?,
            texture: texture(luma)?,
            usual_texture: texture(&usual)?,
            saturation: mean(&saturation)?,
            flames: mean(&self.flames(&hsv, (luma, &usual))?)?.iter().map(|share| share / 255.0).collect(),
            across: usize::try_from(size.width).unwrap_or(1),
            down: usize::try_from(size.height).unwrap_or(1),
        })
    }

    /// 255 where a pixel has a flame's colour, flickers, and is brighter than the background.
    fn flames(&self, hsv: &Mat, (luma, usual): (&Mat, &Mat)) -> Result<Mat, DetectError> {
        let (mut flames, mut other) = (Mat::default(), Mat::default());
        // Red-orange to yellow; OpenCV counts the hue in steps of 2 degrees.
        core::in_range(
            hsv,
            &Scalar::new(0.0, 90.0, 170.0, 0.0),
            &Scalar::new(32.0, 255.0, 255.0, 0.0),
            &mut flames,
        )?;
        for (reference, least, signed) in [(&self.before, 12.0, false), (usual, 20.0, true)] {
            let (mut change, mut enough) = (Mat::default(), Mat::default());
            if signed {
                core::subtract_def(luma, reference, &mut change)?;
            } else {
                core::absdiff(luma, reference, &mut change)?;
            }
            imgproc::threshold(&change, &mut enough, least, 255.0, imgproc::THRESH_BINARY)?;
            core::bitwise_and_def(&flames, &enough, &mut other)?;
            std::mem::swap(&mut flames, &mut other);
        }
        Ok(flames)
    }

    fn judge(&mut self, squares: &Squares) -> Option<(f64, Point)> {
        for i in 0..self.smoking.len() {
            let drift = (squares.now[i] - squares.before[i]).abs();
            let contrast = squares.texture[i] / squares.now[i].max(8.0);
            let usual_contrast = squares.usual_texture[i] / squares.background[i].max(8.0);
            let smokes = squares.usual_texture[i] >= TEXTURE
                && contrast <= FADED * usual_contrast
                && squares.texture[i] <= FADED * squares.usual_texture[i]
                && squares.saturation[i] <= GREY
                && (squares.now[i] - squares.background[i]).abs() >= CHANGED
                && DRIFT.contains(&drift);
            count(&mut self.smoking[i], smokes);
            count(&mut self.burning[i], squares.flames[i] >= FLAMES);
        }
        let fire = largest(&self.burning, squares);
        if fire.len() >= FIRE_SQUARES {
            return Some((0.8, middle(&fire, squares)));
        }
        let smoke = largest(&self.smoking, squares);
        let grew = smoke.len() > self.sizes.iter().copied().max().unwrap_or(0);
        let sizes: Vec<_> = self.sizes.iter().copied().collect();
        let growths = sizes.windows(2).filter(|pair| pair[1] > pair[0]).count() + usize::from(grew);
        self.sizes.push_back(smoke.len());
        if self.sizes.len() > RECENT {
            self.sizes.pop_front();
        }
        let large = smoke.len() >= SMOKE_SQUARES;
        self.smokes =
            if self.smokes { smoke.len() * 2 >= SMOKE_SQUARES } else { large && growths >= GROWING_LOOKS };
        if !self.smokes {
            return None;
        }
        let more = smoke.len().saturating_sub(SMOKE_SQUARES) as f64 / (SURE_SQUARES - SMOKE_SQUARES) as f64;
        Some((0.5 + 0.5 * more.min(1.0), middle(&smoke, squares)))
    }

    fn learn(&mut self, colours: &Mat, squares: &Squares, now_s: f64) -> Result<(), DetectError> {
        let step_s = (now_s - self.last_s).clamp(0.0, 2.0);
        self.last_s = now_s;
        let share = if self.looks <= KNOWN_AFTER { 1.0 / f64::from(self.looks) } else { step_s / MEMORY_S };
        let suspect: Vec<u8> = (0..squares.across * squares.down)
            .map(|i| if self.smoking[i] > 0 || self.burning[i] > 0 { 255 } else { 0 })
            .collect();
        let small = Mat::new_rows_cols_with_data(
            i32::try_from(squares.down).unwrap_or(1),
            i32::try_from(squares.across).unwrap_or(1),
            &suspect,
        )?;
        let (mut mask, mut rest) = (Mat::default(), Mat::default());
        imgproc::resize(&small, &mut mask, colours.size()?, 0.0, 0.0, imgproc::INTER_NEAREST)?;
        core::bitwise_not_def(&mask, &mut rest)?;
        imgproc::accumulate_weighted(colours, &mut self.background, share, &rest)?;
        imgproc::accumulate_weighted(colours, &mut self.background, share / 10.0, &mask)?;
        Ok(())
    }
}

fn count(counter: &mut i8, yes: bool) {
    *counter = (*counter + if yes { 1 } else { -1 }).clamp(0, LASTING_MAX);
}

/// The largest connected set of lasting squares.
fn largest(counters: &[i8], squares: &Squares) -> Vec<usize> {
    let (across, down) = (squares.across, squares.down);
    let mut seen = vec![false; counters.len()];
    let mut best = Vec::new();
    for first in 0..counters.len() {
        let (mut set, mut open) = (Vec::new(), vec![first]);
        while let Some(i) = open.pop() {
            if seen[i] || counters[i] < LASTING {
                continue;
            }
            seen[i] = true;
            set.push(i);
            let (x, y) = (i % across, i / across);
            open.extend((x > 0).then(|| i - 1));
            open.extend((x + 1 < across).then_some(i + 1));
            open.extend((y > 0).then(|| i - across));
            open.extend((y + 1 < down).then_some(i + across));
        }
        if set.len() > best.len() {
            best = set;
        }
    }
    best
}

/// The middle of squares, normalised.
fn middle(set: &[usize], squares: &Squares) -> Point {
    let mean = |of: &dyn Fn(usize) -> usize, all: usize| {
        let sum: usize = set.iter().map(|i| of(*i)).sum();
        (sum as f64 / set.len().max(1) as f64 + 0.5) / all as f64
    };
    Point { x: mean(&|i| i % squares.across, squares.across), y: mean(&|i| i / squares.across, squares.down) }
}
