//! Shadows and patches of sun for the motion detector: where only the light changed, nothing is in front of the background.
//!
//! Light multiplies what is seen and leaves the surface as it was. So around each pixel that differs the picture is
//! correlated with the background, over what differs there: the same surface in another light correlates, whatever the
//! light, and something in front of it does not (normalised cross-correlation, as Jacques, Jung and Musse, Background
//! Subtraction and Shadow Detection in Grayscale Video Sequences, 2005). Where the surface has no texture nothing can be
//! told, and such pixels go with the rest of their blob: whatever in a blob of shade has its light belongs to it, and whatever
//! has not is somebody in the shade.

use super::DetectError;
use opencv::core::{self, CV_32F, Mat, Point, Size};
use opencv::imgproc;
use opencv::prelude::*;

/// Side of the square around a pixel that is compared, pixels of the small picture.
const SQUARE_PX: i32 = 17;
/// Pixels of it that must differ.
const FEWEST_PX: f32 = 24.0;
/// Texture that the background has there, as bright as the picture: standard deviation of 255, from which it is known again.
const TEXTURE: f32 = 4.0;
/// Correlation from which it is the same surface in another light.
const SAME_SURFACE: f32 = 0.85;
/// The other light is this much darker or brighter, as a factor.
const LIGHT: std::ops::RangeInclusive<f32> = 0.3..=3.3;
/// A blob is shade, perhaps with somebody in it, when of its pixels that can be told this share is …
const SHADE_SHARE: f32 = 0.5;
/// … and this share of all its pixels can be told.
const TOLD_SHARE: f32 = 0.3;
/// Whatever in it is as much darker or brighter as the rest, up to this share, is the surface in that light.
const SAME_LIGHT: f32 = 0.15;
/// What is left of it is real if it is thicker than this, pixels: its soft rim is not.
const RIM_PX: i32 = 5;

/// Tells shade from what is in front of the background; keeps its memory between pictures.
#[derive(Default)]
pub(super) struct Shade {
    weights: Mat,
    products: [Mat; 5],
    work: Mat,
    labels: Mat,
}

/// What is known of a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Shade,
    Thing,
    Nothing,
}

/// How many pixels of a blob are what, and the sum of the light of those in the shade.
#[derive(Clone, Copy, Default)]
struct Blob {
    shade: f32,
    thing: f32,
    nothing: f32,
    light: f32,
}

impl Blob {
    /// By which factor it is darker or brighter, if it is shade.
    fn light(&self) -> Option<f32> {
        let told = self.shade + self.thing;
        let is_shade = self.shade > 0.0
            && self.shade >= SHADE_SHARE * told
            && told >= TOLD_SHARE * (told + self.nothing);
        is_shade.then(|| self.light / self.shade)
    }
}

/// Whether only the light changed at a place whose pixels were and are so bright: before, now.
pub(super) fn is_only_light(pixels: impl Iterator<Item = (u8, u8)>) -> bool {
    let mut sums = [0.0_f64; 6];
    for (back, now) in pixels.map(|(back, now)| (f64::from(back), f64::from(now))) {
        for (sum, value) in sums.iter_mut().zip([1.0, now, back, now * now, back * back, now * back]) {
            *sum += value;
        }
    }
    // Deviations of large sums: their means fit a smaller number.
    let n = sums[0].max(1.0);
    #[allow(clippy::cast_possible_truncation, reason = "means of at most 255²")]
    let means = sums.map(|sum| (sum / n) as f32);
    #[allow(clippy::cast_possible_truncation, reason = "at most the pixels of a picture")]
    let enough = n as f32 >= FEWEST_PX;
    enough && judge(means.map(|mean| mean * FEWEST_PX)) == Told::Shade
}

impl Shade {
    /// Clears shade out of a mask of what differs between a picture and its background.
    ///
    /// # Errors
    /// When OpenCV refuses.
    pub(super) fn clear(
        &mut self,
        [luma, background]: [&Mat; 2],
        differs: &mut Mat,
    ) -> Result<(), DetectError> {
        self.sum([luma, background], differs)?;
        let blobs = imgproc::connected_components_def(differs, &mut self.labels)?;
        let sums = [
            self.weights.data_typed::<f32>()?,
            self.products[0].data_typed()?,
            self.products[1].data_typed()?,
            self.products[2].data_typed()?,
            self.products[3].data_typed()?,
            self.products[4].data_typed()?,
        ];
        let labels = self.labels.data_typed::<i32>()?;
        let blob = |label: i32| usize::try_from(label).unwrap_or(0);
        let mut found = vec![Blob::default(); blob(blobs)];
        let mut told = vec![Told::Nothing; labels.len()];
        for (i, label) in labels.iter().enumerate().filter(|(_, label)| **label != 0) {
            let sums = sums.map(|sum| sum[i]);
            let blob = &mut found[blob(*label)];
            told[i] = judge(sums);
            match told[i] {
                Told::Shade => {
                    blob.shade += 1.0;
                    blob.light += sums[1] / sums[2];
                }
                Told::Thing => blob.thing += 1.0,
                Told::Nothing => blob.nothing += 1.0,
            }
        }
        let mut cleared = false;
        let seen = luma.data_typed::<u8>()?.iter().zip(background.data_typed::<u8>()?).zip(told);
        let pixels = differs.data_typed_mut::<u8>()?.iter_mut().zip(labels);
        for ((pixel, label), ((now, back), told)) in pixels.zip(seen) {
            let Some(light) = found[blob(*label)].light() else { continue };
            let expected = (f32::from(*back) * light).max(1.0);
            if told == Told::Shade || (f32::from(*now) / expected - 1.0).abs() <= SAME_LIGHT {
                *pixel = 0;
                cleared = true;
            }
        }
        if cleared {
            let square =
                imgproc::get_structuring_element_def(imgproc::MORPH_RECT, Size::new(RIM_PX, RIM_PX))?;
            imgproc::morphology_ex_def(differs, &mut self.work, imgproc::MORPH_OPEN, &square)?;
            // Blobs that are no shade keep their shape.
            let labels = self.labels.data_typed::<i32>()?;
            let opened = self.work.data_typed::<u8>()?;
            let pixels = differs.data_typed_mut::<u8>()?;
            for ((pixel, label), open) in pixels.iter_mut().zip(labels).zip(opened) {
                if found[blob(*label)].light().is_some() {
                    *pixel = *open;
                }
            }
        }
        Ok(())
    }

    /// Sums over the square around each pixel, of those pixels that differ: their number, and of picture and background
    /// the values, squares and products.
    fn sum(&mut self, [luma, background]: [&Mat; 2], differs: &Mat) -> Result<(), DetectError> {
        let mut weight = Mat::default();
        differs.convert_to(&mut weight, CV_32F, 1.0 / 255.0, 0.0)?;
        let weighted = |picture: &Mat| -> Result<Mat, DetectError> {
            let (mut values, mut out) = (Mat::default(), Mat::default());
            picture.convert_to_def(&mut values, CV_32F)?;
            core::multiply_def(&values, &weight, &mut out)?;
            Ok(out)
        };
        let (now, back) = (weighted(luma)?, weighted(background)?);
        let square = Size::new(SQUARE_PX, SQUARE_PX);
        let sums = |values: &Mat, out: &mut Mat| {
            let anchor = Point::new(-1, -1);
            imgproc::box_filter(values, out, CV_32F, square, anchor, false, core::BORDER_CONSTANT)
        };
        sums(&weight, &mut self.weights)?;
        sums(&now, &mut self.products[0])?;
        sums(&back, &mut self.products[1])?;
        for (k, [a, b]) in [[&now, &now], [&back, &back], [&now, &back]].into_iter().enumerate() {
            core::multiply_def(a, b, &mut self.work)?;
            sums(&self.work, &mut self.products[2 + k])?;
        }
        Ok(())
    }
}

/// What the sums around a pixel say of it.
fn judge([n, now, back, now_now, back_back, now_back]: [f32; 6]) -> Told {
    if n < FEWEST_PX || back <= 0.0 {
        return Told::Nothing;
    }
    let (mean_now, mean_back) = (now / n, back / n);
    let light = mean_now / mean_back.max(1.0);
    let texture = (now_now / n - mean_now * mean_now).max(0.0);
    let usual = (back_back / n - mean_back * mean_back).max(0.0);
    let common = now_back / n - mean_now * mean_back;
    // A surface without texture may be behind anything, and anything without texture before it is a thing.
    if usual * light * light < TEXTURE * TEXTURE {
        return if texture > 4.0 * TEXTURE * TEXTURE { Told::Thing } else { Told::Nothing };
    }
    let correlation = common / (texture * usual).sqrt().max(1e-3);
    if correlation >= SAME_SURFACE && LIGHT.contains(&light) { Told::Shade } else { Told::Thing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencv::core::{CV_8U, Rect, Scalar};

    const SIZE: (i32, i32) = (180, 320);

    /// Paving of blocks, each of its own tone.
    fn paving() -> Mat {
        let mut picture = Mat::new_rows_cols_with_default(SIZE.0, SIZE.1, CV_8U, Scalar::all(120.0)).unwrap();
        for (k, pixel) in picture.data_typed_mut::<u8>().unwrap().iter_mut().enumerate() {
            let (x, y) = (k % 320 / 11, k / 320 / 9);
            *pixel = 90 + u8::try_from((x * 37 + y * 61) % 71).unwrap();
        }
        let mut soft = Mat::default();
        imgproc::blur_def(&picture, &mut soft, Size::new(3, 3)).unwrap();
        soft
    }

    fn times(picture: &mut Mat, rect: Rect, factor: f64) {
        let mut dark = Mat::default();
        Mat::roi(picture, rect).unwrap().convert_to(&mut dark, CV_8U, factor, 0.0).unwrap();
        dark.copy_to(&mut Mat::roi_mut(picture, rect).unwrap()).unwrap();
    }

    fn fill(picture: &mut Mat, rect: Rect, tone: f64) {
        imgproc::rectangle(picture, rect, Scalar::all(tone), imgproc::FILLED, imgproc::LINE_8, 0).unwrap();
    }

    /// How many pixels of a rectangle differ before and after shade is cleared.
    fn left(background: &Mat, picture: &Mat, of: Rect) -> (i32, i32) {
        let (mut difference, mut differs) = (Mat::default(), Mat::default());
        core::absdiff(picture, background, &mut difference).unwrap();
        imgproc::threshold(&difference, &mut differs, 20.0, 255.0, imgproc::THRESH_BINARY).unwrap();
        let count = |mask: &Mat| core::count_non_zero(&Mat::roi(mask, of).unwrap()).unwrap();
        let before = count(&differs);
        Shade::default().clear([picture, background], &mut differs).unwrap();
        (before, count(&differs))
    }

    #[test]
    fn a_hard_shadow_and_a_patch_of_sun_on_a_surface_with_texture_are_cleared() {
        let background = paving();
        let place = Rect::new(60, 40, 120, 90);
        for light in [0.45, 0.6, 0.75, 1.4] {
            let mut picture = background.clone();
            times(&mut picture, place, light);
            let (before, after) = left(&background, &picture, place);
            assert!(before > 8000 && after * 50 < before, "light {light}: {after} of {before} left");
        }
    }

    #[test]
    fn whoever_stands_before_the_surface_stays_whatever_they_are_like() {
        let background = paving();
        let place = Rect::new(100, 60, 30, 60);
        for tone in [10.0, 30.0, 60.0, 220.0] {
            let mut picture = background.clone();
            fill(&mut picture, place, tone);
            let (before, after) = left(&background, &picture, place);
            assert!(before > 1000 && after == before, "tone {tone}: {after} of {before} left");
        }
        // On a surface without texture a dark car looks like a shadow; it stays.
        let plain = Mat::new_rows_cols_with_default(SIZE.0, SIZE.1, CV_8U, Scalar::all(110.0)).unwrap();
        let mut picture = plain.clone();
        fill(&mut picture, place, 45.0);
        let (before, after) = left(&plain, &picture, place);
        assert_eq!((before, after), (1800, 1800));
    }

    #[test]
    fn somebody_who_walks_in_a_shadow_is_what_is_left_of_it() {
        let background = paving();
        let mut picture = background.clone();
        times(&mut picture, Rect::new(40, 20, 200, 140), 0.6);
        let person = Rect::new(120, 60, 16, 44);
        fill(&mut picture, person, 205.0);
        let whole = Rect::new(0, 0, 320, 180);
        let (_, all) = left(&background, &picture, whole);
        let (_, own) = left(&background, &picture, person);
        assert!(own > 500, "{own} of 704 pixels of the person are left");
        assert!(all < 4 * own, "{all} left altogether");
    }
}
