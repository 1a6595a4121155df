//! A picture in memory, as a decoder would give it: brightness at full size, colours at half, with a sensor's noise.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside small pictures, values clamped before they are narrowed"
)]

/// Brightness, blue and red of a colour, each 0..=255.
pub type Colour = [u8; 3];

/// A point in pixels of the picture.
pub type PointPx = (f64, f64);

/// An I420 picture without padding: all brightness, then blue, then red at half the width and height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// Width, pixels; a multiple of 8.
    pub width: usize,
    /// Height, pixels; even.
    pub height: usize,
    /// The planes, one after the other.
    pub planes: Vec<u8>,
}

impl Canvas {
    /// A picture of one colour.
    #[must_use]
    pub fn new(width: usize, height: usize, [luma, blue, red]: Colour) -> Canvas {
        let mut planes = vec![luma; width * height / 2 * 3];
        let (first, second) = (width * height, width * height / 4 * 5);
        planes[first..second].fill(blue);
        planes[second..].fill(red);
        Canvas { width, height, planes }
    }

    /// The colour at a pixel.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> Colour {
        let chroma = self.chroma(x, y);
        [
            self.planes[y * self.width + x],
            self.planes[self.width * self.height + chroma],
            self.planes[self.width * self.height / 4 * 5 + chroma],
        ]
    }

    fn chroma(&self, x: usize, y: usize) -> usize {
        y / 2 * (self.width / 2) + x / 2
    }

    /// Mixes a colour into a pixel, `share` 0..=1 of it. Colours are taken from even pixels.
    pub fn blend(&mut self, x: usize, y: usize, colour: Colour, share: f64) {
        let mix = |old: u8, new: u8| {
            (f64::from(old) + share * (f64::from(new) - f64::from(old))).round().clamp(0.0, 255.0) as u8
        };
        let luma = y * self.width + x;
        self.planes[luma] = mix(self.planes[luma], colour[0]);
        if x.is_multiple_of(2) && y.is_multiple_of(2) {
            let blue = self.width * self.height + self.chroma(x, y);
            let red = blue + self.width * self.height / 4;
            self.planes[blue] = mix(self.planes[blue], colour[1]);
            self.planes[red] = mix(self.planes[red], colour[2]);
        }
    }

    /// Fills a convex outline.
    pub fn fill(&mut self, corners: &[PointPx], colour: Colour) {
        let (top, bottom) = bounds(corners.iter().map(|corner| corner.1), self.height);
        for y in top..bottom {
            let line = y as f64 + 0.5;
            let next = corners.iter().cycle().skip(1);
            let meets = corners.iter().zip(next).filter(|(a, b)| (a.1 > line) != (b.1 > line));
            let xs: Vec<f64> = meets.map(|(a, b)| a.0 + (line - a.1) / (b.1 - a.1) * (b.0 - a.0)).collect();
            let (left, right) = bounds(xs.into_iter().map(|x| x - 0.5), self.width);
            for x in left..right {
                self.blend(x, y, colour, 1.0);
            }
        }
    }

    /// Adds a sensor's noise of up to ±`strength`; each `number` has another pattern, and always the same.
    pub fn add_noise(&mut self, strength: u8, number: u64) {
        let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D;
        let span = u64::from(strength) * 2 + 1;
        let lumas = self.width * self.height;
        for eight in self.planes[..lumas].chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            for (i, value) in eight.iter_mut().enumerate() {
                let noise = ((state >> (i * 8)) & 0xff) * span / 256;
                *value = (u64::from(*value) + noise).saturating_sub(u64::from(strength)).min(255) as u8;
            }
        }
    }

    /// The picture moved by whole even pixels; the border is repeated.
    #[must_use]
    pub fn shifted(&self, dx: i64, dy: i64) -> Canvas {
        let mut moved = self.clone();
        let mut offset = 0;
        for halving in [1, 2, 2] {
            let (width, height) = (self.width / halving, self.height / halving);
            for y in 0..height {
                for x in 0..width {
                    let from = |at: usize, by: i64, end: usize| {
                        (at as i64 - by / halving as i64).clamp(0, end as i64 - 1) as usize
                    };
                    moved.planes[offset + y * width + x] =
                        self.planes[offset + from(y, dy, height) * width + from(x, dx, width)];
                }
            }
            offset += width * height;
        }
        moved
    }

    /// The brightness blurred by a box of `2 · radius + 1` pixels, twice; colours stay.
    pub fn blur(&mut self, radius: usize) {
        let (width, height) = (self.width, self.height);
        let mut line = Vec::new();
        for _ in 0..2 {
            for y in 0..height {
                line.clear();
                line.extend_from_slice(&self.planes[y * width..(y + 1) * width]);
                smooth(&line, radius, |x, value| self.planes[y * width + x] = value);
            }
            for x in 0..width {
                line.clear();
                line.extend((0..height).map(|y| self.planes[y * width + x]));
                smooth(&line, radius, |y, value| self.planes[y * width + x] = value);
            }
        }
    }

    /// The picture as a PNM file's bytes, for people who want to look at it.
    #[must_use]
    pub fn to_ppm(&self) -> Vec<u8> {
        let mut out = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        for y in 0..self.height {
            for x in 0..self.width {
                let [luma, blue, red] = self.at(x, y).map(f64::from);
                let (luma, blue, red) = (1.164 * (luma - 16.0), blue - 128.0, red - 128.0);
                let rgb = [luma + 1.596 * red, luma - 0.392 * blue - 0.813 * red, luma + 2.017 * blue];
                out.extend(rgb.map(|v| v.clamp(0.0, 255.0) as u8));
            }
        }
        out
    }
}

/// Writes the running mean of a line.
fn smooth(line: &[u8], radius: usize, mut write: impl FnMut(usize, u8)) {
    let last = line.len() - 1;
    let at = |i: i64| u32::from(line[i.clamp(0, last as i64) as usize]);
    let (reach, count) = (radius as i64, radius as u32 * 2 + 1);
    let mut sum: u32 = (-reach..=reach).map(at).sum();
    for i in 0..=last as i64 {
        write(i as usize, ((sum + count / 2) / count) as u8);
        sum = sum + at(i + reach + 1) - at(i - reach);
    }
}

/// First whole number and the one after the last, within 0..end.
fn bounds(values: impl Iterator<Item = f64>, end: usize) -> (usize, usize) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    (low.ceil().clamp(0.0, end as f64) as usize, (high.floor() + 1.0).clamp(0.0, end as f64) as usize)
}

/// A pseudo-random number 0..=255 of a place, the same everywhere.
#[must_use]
pub fn grain(x: usize, y: usize, seed: u64) -> u8 {
    let mut v = (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (y as u64).rotate_left(32) ^ seed;
    v = (v ^ (v >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (v >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_filled_to_its_edges_and_no_further() {
        let mut canvas = Canvas::new(16, 8, [10, 128, 128]);
        canvas.fill(&[(2.0, 2.0), (6.0, 2.0), (6.0, 5.0), (2.0, 5.0)], [200, 100, 90]);
        let bright: Vec<_> = (0..8)
            .flat_map(|y| (0..16).map(move |x| (x, y)))
            .filter(|(x, y)| canvas.at(*x, *y)[0] == 200)
            .collect();
        assert_eq!(bright.len(), 12);
        assert!(bright.contains(&(2, 2)) && bright.contains(&(5, 4)));
    }

    #[test]
    fn noise_is_small_and_differs_from_frame_to_frame() {
        let plain = Canvas::new(64, 48, [100, 128, 128]);
        let (mut a, mut b, mut c) = (plain.clone(), plain.clone(), plain.clone());
        a.add_noise(2, 1);
        b.add_noise(2, 2);
        c.add_noise(2, 1);
        assert!(a == c && a != b);
        assert!(a.planes[..64 * 48].iter().all(|v| (98..=102).contains(v)));
    }
}
