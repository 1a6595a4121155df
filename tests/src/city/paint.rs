//! Draws the junction: a pure function of second and seed to RGB bytes, with shading and texture so that a detector
//! has something to see. Noise is a hash of the position, so the same input gives the same bytes everywhere.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside a picture of 640 by 360, values clamped before they are narrowed"
)]

use crate::city::junction::{HEIGHT_PX, Looks, PERIOD_S, RoadUser, WIDTH_PX, road_users};

/// Paints frames of the junction.
#[derive(Debug)]
pub struct Painter {
    background: Vec<u8>,
    users: Vec<RoadUser>,
}

impl Painter {
    /// A painter with its background ready.
    #[must_use]
    pub fn new(seed: u64) -> Painter {
        let mut background = Vec::with_capacity((WIDTH_PX * HEIGHT_PX * 3) as usize);
        for y in 0..HEIGHT_PX {
            for x in 0..WIDTH_PX {
                background.extend(ground(x, y, seed));
            }
        }
        Painter { background, users: road_users(seed) }
    }

    /// The frame at a second since the start, RGB, rows without padding. Passes repeat.
    #[must_use]
    pub fn frame(&self, at_s: f64) -> Vec<u8> {
        // To the millisecond, so that each pass has the same bytes whatever the passes before it add in rounding.
        let at_s = (at_s.rem_euclid(PERIOD_S) * 1000.0).round() / 1000.0;
        let mut frame = self.background.clone();
        for user in &self.users {
            if let Some(centre) = user.centre(at_s) {
                draw(&mut frame, user, centre);
            }
        }
        frame
    }
}

fn hash(x: u32, y: u32, seed: u64) -> u8 {
    let mut v = u64::from(x).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(y).rotate_left(32) ^ seed;
    v = (v ^ (v >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (v >> 56) as u8
}

fn ground(x: u32, y: u32, seed: u64) -> [u8; 3] {
    let (west_east, north_south) = ((130..=255).contains(&y), (250..=390).contains(&x));
    let grain = hash(x / 2, y / 2, seed) / 16;
    if west_east || north_south {
        let dashed = ((x / 20).is_multiple_of(2) && (191..=193).contains(&y) && !north_south)
            || ((y / 20).is_multiple_of(2) && (319..=321).contains(&x) && !west_east);
        return if dashed { [205, 205, 200] } else { [95 + grain, 97 + grain, 100 + grain] };
    }
    if (30..=625).contains(&x) && y >= 275 {
        return [150 + grain, 142 + grain, 130 + grain];
    }
    [72 + grain, 105 + grain, 62 + grain]
}

fn draw(frame: &mut [u8], user: &RoadUser, (cx, cy): (f64, f64)) {
    let (width, height) = user.size();
    let (left, top) = (cx - width / 2.0, cy - height / 2.0);
    for row in 0..height as i64 {
        for column in 0..width as i64 {
            let (x, y) = (left as i64 + column, top as i64 + row);
            if x < 0 || y < 0 || x >= i64::from(WIDTH_PX) || y >= i64::from(HEIGHT_PX) {
                continue;
            }
            let (u, v) = ((column as f64 + 0.5) / width, (row as f64 + 0.5) / height);
            let at = (y as usize * WIDTH_PX as usize + x as usize) * 3;
            if let Some(colour) = surface(user, u, v) {
                frame[at..at + 3].copy_from_slice(&colour);
            }
        }
    }
}

/// The colour at a point of the box, u and v 0..1; none where the ground shows.
fn surface(user: &RoadUser, u: f64, v: f64) -> Option<[u8; 3]> {
    let corner = (u - 0.5).abs().powi(4) + (v - 0.5).abs().powi(4);
    if corner > 0.1 {
        return None;
    }
    let (along, across) = if user.size().0 >= user.size().1 { (u, v) } else { (v, u) };
    let window = match user.looks {
        Looks::Car => (0.28..0.36).contains(&along) || (0.66..0.74).contains(&along),
        Looks::Truck => (0.84..0.9).contains(&along),
        Looks::Motorbike => (0.4..0.6).contains(&along) && (0.3..0.7).contains(&across),
        Looks::Walker => v < 0.22 && (u - 0.5).abs() < 0.35,
    };
    if window {
        return Some(if user.looks == Looks::Walker { [205, 165, 140] } else { [35, 40, 48] });
    }
    let light = 0.75 + 0.5 * (1.0 - across) * (1.0 - (across - 0.4).abs());
    let grain = f64::from(hash((u * 40.0) as u32, (v * 40.0) as u32, 7)) / 255.0 * 12.0;
    Some(user.colour.map(|channel| (f64::from(channel) * light + grain).clamp(0.0, 255.0) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_second_gives_the_same_bytes() {
        let painter = Painter::new(3);
        assert!(painter.frame(13.4) == Painter::new(3).frame(13.4));
        assert!(painter.frame(13.4) == painter.frame(PERIOD_S + 13.4));
        assert!(painter.frame(13.4) != painter.frame(13.5));
    }

    #[test]
    fn the_lead_in_is_empty() {
        let painter = Painter::new(3);
        assert!(painter.frame(0.0) == painter.background);
    }
}
