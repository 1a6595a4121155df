//! The background that moving things are told from: how it is learnt, kept, and freed of ghosts.
//!
//! A *ghost* is where the background shows something that has left; it looks like a standing object. What tells them
//! apart is where the outline is: a standing object has it in the picture, a ghost in the background.

use super::DetectError;
use opencv::core::{self, CV_8U, CV_16S, CV_32F, Mat, Rect, Scalar};
use opencv::imgproc;
use opencv::prelude::*;

/// Frames whose median is the first background: what passes a pixel in fewer than half of them leaves no trace.
const FRAMES_TO_LEARN: usize = 9;
/// Mean change of brightness since the last frame, of 255, below which a blob stands still.
const STILL: f64 = 2.5;
/// A ghost's outline is so much stronger in the background than in the picture.
const GHOST_RATIO: f64 = 1.4;

/// Changes of exposure up to this factor are made up for; larger ones are another view.
const LARGEST_GAIN: f64 = 1.8;

/// The gain is the median over every so many pixels: about a thousand of the small picture, whose median is off by less
/// than a hundredth of the brightness. A prime does not keep to columns.
const GAIN_STEP: usize = 41;

/// How a background learns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Memory {
    /// Time constant where nothing differs, seconds.
    pub(super) still_s: f64,
    /// Time constant where something differs, seconds.
    pub(super) under_movers_s: f64,
    /// Time over which the first frames are gathered for their median; 0 takes the first frame as it is.
    pub(super) learning_s: f64,
}

/// The background of one camera, as brightness.
pub(super) struct Background {
    memory: Memory,
    mean: Mat,
    rounded: Mat,
    previous: Mat,
    same: Mat,
    first: Vec<Mat>,
    last_s: Option<f64>,
    next_sample_s: f64,
    known: bool,
    /// How much brighter the last picture was.
    gain: f64,
}

impl Background {
    pub(super) fn new(memory: Memory) -> Background {
        Background {
            memory,
            mean: Mat::default(),
            rounded: Mat::default(),
            previous: Mat::default(),
            same: Mat::default(),
            first: Vec::new(),
            last_s: None,
            next_sample_s: f64::NEG_INFINITY,
            known: false,
            gain: 1.0,
        }
    }

    /// Forgets all; the next frames are learnt as the first ones were.
    pub(super) fn forget(&mut self) {
        *self = Background::new(self.memory);
    }

    /// The background as brightness, or nothing while it is being learnt; `luma` is one of the first frames then.
    pub(super) fn compare_with(&mut self, luma: &Mat, now_s: f64) -> Result<Option<&Mat>, DetectError> {
        if !self.known && !self.gather(luma, now_s)? {
            return Ok(None);
        }
        // The camera's own exposure control brightens and darkens everything together; that is no motion.
        self.gain = gain(luma, &self.mean)?;
        self.mean.convert_to(&mut self.rounded, CV_8U, self.gain, 0.0)?;
        Ok(Some(&self.rounded))
    }

    /// The background as it was last compared with.
    pub(super) fn shown(&self) -> &Mat {
        &self.rounded
    }

    /// Sets what is behind some pixels, as bright as the last picture.
    pub(super) fn put(&mut self, behind: impl Iterator<Item = (usize, f32)>) -> Result<(), DetectError> {
        #[allow(clippy::cast_possible_truncation, reason = "a factor needs no more digits")]
        let factor = (1.0 / self.gain.max(1e-3)) as f32;
        let mean = self.mean.data_typed_mut::<f32>()?;
        for (i, value) in behind {
            if let Some(pixel) = mean.get_mut(i) {
                *pixel = value * factor;
            }
        }
        Ok(())
    }

    /// Takes one of the first frames; true when they are enough.
    fn gather(&mut self, luma: &Mat, now_s: f64) -> Result<bool, DetectError> {
        if self.memory.learning_s <= 0.0 {
            luma.convert_to_def(&mut self.mean, CV_32F)?;
            self.known = true;
            return Ok(true);
        }
        // A clock that was set back would otherwise stop the learning.
        let step_s = self.memory.learning_s / (FRAMES_TO_LEARN - 1) as f64;
        if now_s >= self.next_sample_s || now_s < self.next_sample_s - 2.0 * step_s {
            self.first.push(luma.clone());
            self.next_sample_s = now_s + step_s * 0.95;
        }
        if self.first.len() < FRAMES_TO_LEARN {
            return Ok(false);
        }
        median(&self.first)?.convert_to_def(&mut self.mean, CV_32F)?;
        self.first.clear();
        self.known = true;
        Ok(true)
    }

    /// Learns from a frame; `differs` is 255 where something is in front of the background.
    pub(super) fn learn(&mut self, luma: &Mat, differs: &Mat, now_s: f64) -> Result<(), DetectError> {
        let step_s = self.last_s.map_or(0.0, |last_s| (now_s - last_s).clamp(0.0, 1.0));
        self.last_s = Some(now_s);
        let share = |memory_s: f64| 1.0 - (-step_s / memory_s).exp();
        let (still, under_movers) = (share(self.memory.still_s), share(self.memory.under_movers_s));
        if (still - under_movers).abs() < f64::EPSILON {
            imgproc::accumulate_weighted_def(luma, &mut self.mean, still)?;
        } else {
            core::bitwise_not_def(differs, &mut self.same)?;
            imgproc::accumulate_weighted(luma, &mut self.mean, still, &self.same)?;
            imgproc::accumulate_weighted(luma, &mut self.mean, under_movers, differs)?;
        }
        if self.memory.learning_s > 0.0 {
            luma.copy_to(&mut self.previous)?;
        }
        Ok(())
    }

    /// Whether the blob of `mask` inside `rect` is a ghost; if so, the background becomes what the picture shows.
    pub(super) fn absorb_ghost(&mut self, luma: &Mat, rect: Rect, mask: &Mat) -> Result<bool, DetectError> {
        if self.previous.empty() {
            return Ok(false);
        }
        let (now, before, back) =
            (Mat::roi(luma, rect)?, Mat::roi(&self.previous, rect)?, Mat::roi(&self.rounded, rect)?);
        let mut change = Mat::default();
        core::absdiff(&now, &before, &mut change)?;
        if core::mean(&change, mask)?[0] > STILL {
            return Ok(false);
        }
        let mut outline = Mat::default();
        let square = imgproc::get_structuring_element_def(imgproc::MORPH_RECT, core::Size::new(5, 5))?;
        imgproc::morphology_ex(
            mask,
            &mut outline,
            imgproc::MORPH_GRADIENT,
            &square,
            core::Point::new(-1, -1),
            1,
            core::BORDER_CONSTANT,
            Scalar::all(0.0),
        )?;
        let (in_picture, in_background) = (steepness(&now, &outline)?, steepness(&back, &outline)?);
        if in_background < GHOST_RATIO * in_picture {
            return Ok(false);
        }
        let mut fresh = Mat::default();
        now.convert_to_def(&mut fresh, CV_32F)?;
        fresh.copy_to_masked(&mut Mat::roi_mut(&mut self.mean, rect)?, mask)?;
        Ok(true)
    }
}

/// Mean steepness of the brightness along an outline.
fn steepness(picture: &impl core::ToInputArray, outline: &Mat) -> Result<f64, DetectError> {
    let mut sum = 0.0;
    for (x, y) in [(1, 0), (0, 1)] {
        let (mut slope, mut steep) = (Mat::default(), Mat::default());
        imgproc::sobel_def(picture, &mut slope, CV_16S, x, y)?;
        core::convert_scale_abs_def(&slope, &mut steep)?;
        sum += core::mean(&steep, outline)?[0];
    }
    Ok(sum)
}

/// How much brighter the picture is than the background, by the median over a part of the pixels: what is in front of
/// the background may cover half of it.
fn gain(luma: &Mat, mean: &Mat) -> Result<f64, DetectError> {
    let pairs = luma.data_typed::<u8>()?.iter().zip(mean.data_typed::<f32>()?);
    // The summand keeps black, whose ratio is noise, near 1.
    let mut ratios: Vec<f32> =
        pairs.step_by(GAIN_STEP).map(|(now, back)| (f32::from(*now) + 8.0) / (back + 8.0)).collect();
    if ratios.is_empty() {
        return Ok(1.0);
    }
    let middle = ratios.len() / 2;
    let median = *ratios.select_nth_unstable_by(middle, f32::total_cmp).1;
    Ok(f64::from(median).clamp(1.0 / LARGEST_GAIN, LARGEST_GAIN))
}

/// The median of each pixel over frames of one size.
fn median(frames: &[Mat]) -> Result<Mat, DetectError> {
    let planes: Vec<&[u8]> = frames.iter().map(|frame| frame.data_typed::<u8>()).collect::<Result<_, _>>()?;
    let mut values = vec![0_u8; planes.len()];
    let medians: Vec<u8> = (0..planes[0].len())
        .map(|i| {
            for (value, plane) in values.iter_mut().zip(&planes) {
                *value = plane[i];
            }
            let middle = values.len() / 2;
            *values.select_nth_unstable(middle).1
        })
        .collect();
    Ok(Mat::new_rows_cols_with_data(frames[0].rows(), frames[0].cols(), &medians)?.clone_pointee())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Memory = Memory { still_s: 10.0, under_movers_s: 90.0, learning_s: 1.6 };

    /// A grey picture with a bright square.
    fn picture(square: Option<Rect>) -> Mat {
        let mut picture = Mat::new_rows_cols_with_default(120, 160, CV_8U, Scalar::all(60.0)).unwrap();
        if let Some(square) = square {
            imgproc::rectangle(&mut picture, square, Scalar::all(200.0), imgproc::FILLED, imgproc::LINE_8, 0)
                .unwrap();
        }
        picture
    }

    fn learnt(frames: impl Iterator<Item = Mat>) -> Background {
        let mut background = Background::new(MEMORY);
        for (i, frame) in frames.enumerate() {
            background.compare_with(&frame, i as f64 * 0.2).unwrap();
        }
        assert!(background.known);
        background
    }

    #[test]
    fn what_passes_while_the_background_is_learnt_leaves_no_trace() {
        let mut background = learnt((0..9).map(|i| picture(Some(Rect::new(i * 15, 40, 30, 30)))));
        let empty = picture(None);
        let back = background.compare_with(&empty, 2.0).unwrap().unwrap();
        let mut difference = Mat::default();
        core::absdiff(back, &empty, &mut difference).unwrap();
        assert_eq!(core::count_non_zero(&difference).unwrap(), 0);
    }

    #[test]
    fn a_change_of_exposure_is_no_motion() {
        let mut background = learnt((0..9).map(|_| picture(None)));
        let mut darker = Mat::default();
        let object = Rect::new(10, 10, 60, 60);
        picture(Some(object)).convert_to(&mut darker, CV_8U, 0.6, 0.0).unwrap();
        let back = background.compare_with(&darker, 2.0).unwrap().unwrap();
        let (mut difference, mut differs) = (Mat::default(), Mat::default());
        core::absdiff(back, &darker, &mut difference).unwrap();
        imgproc::threshold(&difference, &mut differs, 10.0, 255.0, imgproc::THRESH_BINARY).unwrap();
        assert_eq!(core::count_non_zero(&differs).unwrap(), object.area(), "only the object differs");
    }

    #[test]
    fn a_ghost_is_absorbed_and_a_standing_object_is_not() {
        let place = Rect::new(60, 40, 30, 30);
        for (before, after, ghost) in [(Some(place), None, true), (None, Some(place), false)] {
            let mut background = learnt((0..9).map(|_| picture(before)));
            let now = picture(after);
            let mask = Mat::new_rows_cols_with_default(30, 30, CV_8U, Scalar::all(255.0)).unwrap();
            background.compare_with(&now, 2.0).unwrap();
            background.learn(&now, &picture(None), 2.0).unwrap();
            // The blob's box reaches a little beyond what differs, as the closing makes it.
            let wide = Rect::new(57, 37, 36, 36);
            let mut padded = Mat::default();
            core::copy_make_border(&mask, &mut padded, 3, 3, 3, 3, core::BORDER_CONSTANT, Scalar::all(0.0))
                .unwrap();
            assert_eq!(
                background.absorb_ghost(&now, wide, &padded).unwrap(),
                ghost,
                "{before:?} to {after:?}"
            );
        }
    }
}
