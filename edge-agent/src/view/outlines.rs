//! Where a camera used to look: its lasting outlines, and how far today's picture is from them.
//!
//! A picture becomes a field of directions: at each pixel the gradient divided by its own length plus a constant, so
//! that a strong edge and a weak one count alike and brightness hardly counts (orientation correlation: Fitch, Kadyrov,
//! Christmas, Kittler, BMVC 2002). The mean field over minutes keeps what lasts: passers-by average out. A moved camera
//! shows the same outlines elsewhere; each part of the picture is asked for itself where they went, so that a shift, a
//! turn and a zoom are found alike, and traffic in some parts does not matter.

use crate::detect::DetectError;
use opencv::core::{self, CV_32F, CV_32FC2, Mat, Point, Rect, Scalar, Size, Vec2f, Vector};
use opencv::imgproc;
use opencv::prelude::*;

/// Widest and highest field, pixels.
const SIDE_PX: f64 = 192.0;
/// Gradient, in Sobel's units (four times the step of brightness), that counts half.
const HALF_AT: f64 = 24.0;
/// Mean direction from which a pixel is part of a lasting outline, 0..1.
const LASTING: f64 = 0.35;
/// An outline is there when the direction agrees with at least this share of its usual strength.
const AGREES: f64 = 0.5;
/// A view or part with a smaller share of outlines has nothing to be known by.
const LEAST_SHARE: f64 = 0.01;
/// So much must be lost before it is asked where it went: traffic and light alone seldom take more.
const ASK_FROM_LOST: f64 = 0.2;
/// Parts of the picture, across and down.
const PARTS: (i32, i32) = (4, 3);
/// A part is displaced when at most this share of its outlines is lost at the new place …
const FOUND_THERE: f64 = 0.5;
/// … and so much more was lost at the old one.
const BETTER_BY: f64 = 0.15;
/// Displaced parts, of those that are displaced or clearly not, from which the camera has moved. Parts that look the same
/// here and there, such as a kerb along the shift, have no vote.
const PARTS_MOVED: f64 = 0.5;
/// Fewest displaced parts that say anything.
const PARTS_TO_KNOW: usize = 3;
/// Which of the displaced parts, in the order of their distance, tells how far: a turn moves the middle least.
const TELLING_PART: f64 = 0.8;

/// The lasting outlines of one camera.
#[derive(Clone, Default)]
pub(super) struct Outlines {
    mean: Mat,
}

impl Outlines {
    /// Outlines that were learnt before: rows, columns, and two values for each place.
    pub(super) fn of_values([rows, cols]: [u16; 2], values: &[f32]) -> Result<Outlines, DetectError> {
        let flat = Mat::from_slice(values)?;
        let mean = flat.reshape(2, i32::from(rows))?.try_clone()?;
        debug_assert_eq!(mean.cols(), i32::from(cols));
        Ok(Outlines { mean })
    }

    /// What was learnt: rows, columns, and two values for each place, each in -1..=1.
    pub(super) fn values(&self) -> ([u16; 2], Vec<f32>) {
        let side = |px: i32| u16::try_from(px).unwrap_or(0);
        let pairs = self.mean.data_typed::<Vec2f>().unwrap_or(&[]);
        ([side(self.mean.rows()), side(self.mean.cols())], pairs.iter().flat_map(|pair| pair.0).collect())
    }

    /// The mean field.
    pub(super) fn mean(&self) -> &Mat {
        &self.mean
    }

    /// The field of a picture, zero where it is not visible.
    pub(super) fn field(luma: &Mat, visible: &Mat) -> Result<Mat, DetectError> {
        let scale = (SIDE_PX / f64::from(luma.cols().max(luma.rows()))).min(1.0);
        let (mut small, mut smooth, mut hidden) = (Mat::default(), Mat::default(), Mat::default());
        imgproc::resize(luma, &mut small, Size::default(), scale, scale, imgproc::INTER_AREA)?;
        imgproc::blur_def(&small, &mut smooth, Size::new(3, 3))?;
        let (mut x, mut y, mut length) = (Mat::default(), Mat::default(), Mat::default());
        imgproc::sobel_def(&smooth, &mut x, CV_32F, 1, 0)?;
        imgproc::sobel_def(&smooth, &mut y, CV_32F, 0, 1)?;
        core::magnitude(&x, &y, &mut length)?;
        let mut divisor = Mat::default();
        core::add_def(&length, &Scalar::all(HALF_AT), &mut divisor)?;
        let mut parts = Vector::<Mat>::new();
        for part in [x, y] {
            let mut normed = Mat::default();
            core::divide2_def(&part, &divisor, &mut normed)?;
            parts.push(normed);
        }
        let mut field = Mat::default();
        core::merge(&parts, &mut field)?;
        imgproc::resize(visible, &mut small, field.size()?, 0.0, 0.0, imgproc::INTER_NEAREST)?;
        core::bitwise_not_def(&small, &mut hidden)?;
        field.set_to(&Scalar::all(0.0), &hidden)?;
        Ok(field)
    }

    /// Takes a field into the mean, with this weight.
    pub(super) fn learn(&mut self, field: &Mat, share: f64) -> Result<(), DetectError> {
        if self.mean.size()? == field.size()? {
            imgproc::accumulate_weighted_def(field, &mut self.mean, share)?;
        } else {
            field.copy_to(&mut self.mean)?;
        }
        Ok(())
    }

    /// The share of lasting outlines that are gone, and how far the picture shifted, as a share of its width.
    pub(super) fn compare(&self, field: &Mat) -> Result<(f64, f64), DetectError> {
        let whole = Rect::new(0, 0, field.cols(), field.rows());
        let lasting = self.lasting()?;
        let Some(lost) = self.lost(field, &lasting, (whole, Point::default()))? else {
            return Ok((0.0, 0.0));
        };
        if lost < ASK_FROM_LOST {
            return Ok((lost, 0.0));
        }
        let (mut stays, mut ways) = (Vec::new(), Vec::new());
        let size = Size::new(field.cols() / PARTS.0, field.rows() / PARTS.1);
        for part in 0..PARTS.0 * PARTS.1 {
            let corner = Point::new(part % PARTS.0 * size.width, part / PARTS.0 * size.height);
            let place = Rect::from_point_size(corner, size);
            let Some(here) = self.lost(field, &lasting, (place, Point::default()))? else { continue };
            let way = self.way(field, place)?;
            let there = self.lost(field, &lasting, (place, way))?.unwrap_or(1.0);
            if there <= FOUND_THERE && here - there >= BETTER_BY {
                ways.push(way);
            } else {
                stays.push((place, here));
            }
        }
        if ways.len() < PARTS_TO_KNOW {
            return Ok((lost, 0.0));
        }
        ways.sort_by(|a, b| length(*a).total_cmp(&length(*b)));
        let usual_way = ways[ways.len() / 2];
        let mut fixed = 0_usize;
        for (place, here) in stays {
            let there = self.lost(field, &lasting, (place, usual_way))?.unwrap_or(1.0);
            fixed += usize::from(here <= FOUND_THERE && there - here >= BETTER_BY);
        }
        if (ways.len() as f64) < PARTS_MOVED * (ways.len() + fixed) as f64 {
            return Ok((lost, 0.0));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below twelve")]
        let telling = ((ways.len() - 1) as f64 * TELLING_PART) as usize;
        Ok((lost, length(ways[telling]) / f64::from(field.cols())))
    }

    /// Squared strength of the usual outlines where they last, zero elsewhere.
    fn lasting(&self) -> Result<Mat, DetectError> {
        let strength = dot(&self.mean, &self.mean)?;
        let mut lasting = Mat::default();
        imgproc::threshold(&strength, &mut lasting, LASTING * LASTING, 0.0, imgproc::THRESH_TOZERO)?;
        Ok(lasting)
    }

    /// The share of the outlines of a place that are not seen when they are looked for `way` off; `None` where there are
    /// too few. What lies outside the picture is not seen.
    fn lost(
        &self,
        field: &Mat,
        lasting: &Mat,
        (place, way): (Rect, Point),
    ) -> Result<Option<f64>, DetectError> {
        let outlines = f64::from(core::count_non_zero(&Mat::roi(lasting, place)?)?);
        if outlines < LEAST_SHARE * f64::from(place.area()) {
            return Ok(None);
        }
        let whole = Rect::new(0, 0, field.cols(), field.rows());
        let there = (place + way) & whole;
        let here = there - way;
        if there.area() <= 0 {
            return Ok(Some(1.0));
        }
        let agreement = dot(&Mat::roi(field, there)?, &Mat::roi(&self.mean, here)?)?;
        let usual = Mat::roi(lasting, here)?;
        // Agreement minus what is wanted is positive on each outline that is there; where no outline lasts, the wanted
        // is made unreachable.
        let (mut wanted, mut outside, mut there) = (Mat::default(), Mat::default(), Mat::default());
        usual.convert_to(&mut wanted, CV_32F, AGREES, 0.0)?;
        core::compare(&usual, &0.0, &mut outside, core::CMP_LE)?;
        wanted.set_to(&Scalar::all(f64::from(f32::MAX)), &outside)?;
        core::compare(&agreement, &wanted, &mut there, core::CMP_GE)?;
        Ok(Some(1.0 - f64::from(core::count_non_zero(&there)?) / outlines))
    }

    /// Where the outlines of a place went: the peak of the correlation with the whole of the present field around it.
    fn way(&self, field: &Mat, place: Rect) -> Result<Point, DetectError> {
        let whole = Rect::new(0, 0, field.cols(), field.rows());
        let around = Rect::new(
            place.x - place.width / 2,
            place.y - place.height / 2,
            2 * place.width,
            2 * place.height,
        ) & whole;
        let rows = core::get_optimal_dft_size(around.height + place.height)?;
        let cols = core::get_optimal_dft_size(around.width + place.width)?;
        let spectrum = |part: &Mat, place: Rect| -> Result<Mat, DetectError> {
            let mut padded = Mat::new_rows_cols_with_default(rows, cols, CV_32FC2, Scalar::all(0.0))?;
            let corner = Rect::new(0, 0, place.width, place.height);
            Mat::roi(part, place)?.copy_to(&mut Mat::roi_mut(&mut padded, corner)?)?;
            let mut spectrum = Mat::default();
            core::dft_def(&padded, &mut spectrum)?;
            Ok(spectrum)
        };
        let (now, usual) = (spectrum(field, around)?, spectrum(&self.mean, place)?);
        let (mut product, mut correlation) = (Mat::default(), Mat::default());
        core::mul_spectrums(&now, &usual, &mut product, 0, true)?;
        core::idft_def(&product, &mut correlation)?;
        let mut real = Mat::default();
        core::extract_channel(&correlation, &mut real, 0)?;
        let mut peak = Point::default();
        core::min_max_loc(&real, None, None, None, Some(&mut peak), &core::no_array())?;
        // The correlation repeats itself: what is beyond the half lies before the beginning.
        let unwrapped = |at: i32, length: i32, longest: i32| if at > longest { at - length } else { at };
        let corner =
            Point::new(unwrapped(peak.x, cols, around.width), unwrapped(peak.y, rows, around.height));
        Ok(Point::new(around.x + corner.x - place.x, around.y + corner.y - place.y))
    }
}

fn length(way: Point) -> f64 {
    f64::from(way.x).hypot(f64::from(way.y))
}

/// The scalar product at each pixel.
fn dot(
    a: &(impl MatTraitConst + core::ToInputArray),
    b: &(impl MatTraitConst + core::ToInputArray),
) -> Result<Mat, DetectError> {
    let mut product = Mat::default();
    core::multiply_def(a, b, &mut product)?;
    let mut sum = Mat::default();
    // One row of ones: the sum of both channels.
    core::transform(&product, &mut sum, &Mat::from_slice(&[1.0_f32, 1.0])?)?;
    Ok(sum)
}
