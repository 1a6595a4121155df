//! A drawn road in front of a calibrated camera: vehicles are boxes of metres on the ground, projected by a pinhole camera,
//! so that place and speed of each are known exactly in metres as in pixels.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel arithmetic inside small pictures, values clamped before they are narrowed"
)]

use crate::truth::canvas::{Canvas, Colour, PointPx, grain};
use crate::truth::play::Picture;
use ngatu_protocol::camera::CalibrationConfig;

/// Width of the picture, pixels.
pub const WIDTH: usize = 640;
/// Height of the picture, pixels.
pub const HEIGHT: usize = 360;
/// The sensor's noise, of 255.
const NOISE: u8 = 2;

/// A point on the ground, metres: to the right of the camera, and ahead of it.
pub type PointM = (f64, f64);

/// A camera above the ground, looking ahead and down. The road runs ahead of the place on its middle line from which metres
/// are counted.
#[derive(Debug, Clone, Copy)]
pub struct Lens {
    /// How far to the right of that place it stands, metres.
    pub right_m: f64,
    /// To the right from ahead, degrees.
    pub yaw_deg: f64,
    /// Height above the ground, metres.
    pub height_m: f64,
    /// Downwards from level, degrees.
    pub pitch_deg: f64,
    /// Focal length, pixels.
    pub focal_px: f64,
}

impl Lens {
    /// From a mast along the road: 15 m to 60 m ahead.
    pub const ALONG: Lens =
        Lens { right_m: 0.0, yaw_deg: 0.0, height_m: 9.0, pitch_deg: 18.0, focal_px: 620.0 };
    /// From high above, nearly straight down: a piece of 40 m by 25 m.
    pub const ABOVE: Lens =
        Lens { right_m: 0.0, yaw_deg: 0.0, height_m: 30.0, pitch_deg: 60.0, focal_px: 520.0 };
    /// From a house at the roadside, across it at 50°: vehicles are seen from a corner and come, pass and go within 50 m.
    pub const OBLIQUE: Lens =
        Lens { right_m: -16.0, yaw_deg: 50.0, height_m: 10.0, pitch_deg: 24.0, focal_px: 480.0 };

    /// A point of the ground as the camera has it: to its right, and ahead of it.
    fn own(&self, (x, y): PointM) -> PointM {
        let (sin, cos) = self.yaw_deg.to_radians().sin_cos();
        let x = x - self.right_m;
        (x * cos - y * sin, x * sin + y * cos)
    }

    /// The reverse.
    fn of_road(&self, (right, ahead): PointM) -> PointM {
        let (sin, cos) = self.yaw_deg.to_radians().sin_cos();
        (right * cos + ahead * sin + self.right_m, ahead * cos - right * sin)
    }

    /// Where a point so many metres above the ground is seen, pixels.
    #[must_use]
    pub fn project(&self, point: PointM, up_m: f64) -> PointPx {
        let (x, y) = self.own(point);
        let (sin, cos) = self.pitch_deg.to_radians().sin_cos();
        let below = self.height_m - up_m;
        let depth = (y * cos + below * sin).max(0.1);
        let (right, down) = (x / depth, (below * cos - y * sin) / depth);
        (WIDTH as f64 / 2.0 + self.focal_px * right, HEIGHT as f64 / 2.0 + self.focal_px * down)
    }

    /// Which point of the ground is seen at a pixel.
    #[must_use]
    pub fn ground(&self, (u, v): PointPx) -> Option<PointM> {
        let (sin, cos) = self.pitch_deg.to_radians().sin_cos();
        let (right, down) =
            ((u - WIDTH as f64 / 2.0) / self.focal_px, (v - HEIGHT as f64 / 2.0) / self.focal_px);
        let slope = sin + down * cos;
        if slope < 1e-3 {
            return None;
        }
        let y = self.height_m * (cos - down * sin) / slope;
        Some(self.of_road((right * (y * cos + self.height_m * sin), y)))
    }

    /// The calibration by these points of the ground.
    #[must_use]
    pub fn calibration(&self, points: &[PointM]) -> CalibrationConfig {
        let seen = |point: &PointM| {
            let (u, v) = self.project(*point, 0.0);
            [u / WIDTH as f64, v / HEIGHT as f64]
        };
        let picture: Vec<_> = points.iter().map(seen).collect();
        let ground_m: Vec<_> = points.iter().map(|(x, y)| [*x, *y]).collect();
        let keys = serde_json::json!({ "picture": picture, "ground_m": ground_m });
        serde_json::from_value(keys).expect("two lists of pairs")
    }
}

/// A vehicle: a box that moves on the ground, front ahead.
#[derive(Debug, Clone)]
pub struct Vehicle {
    /// Seconds and the middle of its ground area, metres; straight in between, absent before and after.
    pub way: Vec<(f64, f64, f64)>,
    /// Length, breadth and height, metres.
    pub size_m: (f64, f64, f64),
    /// Its colour.
    pub colour: Colour,
    /// Which way it points, as (right, ahead); it keeps it while it stands or reverses.
    pub heading: PointM,
}

impl Vehicle {
    /// Length, breadth and height of a car, metres.
    pub const CAR: (f64, f64, f64) = (4.4, 1.8, 1.45);
    /// A motorbike with its rider.
    pub const MOTORBIKE: (f64, f64, f64) = (2.0, 0.8, 1.6);
    /// A small lorry.
    pub const LORRY: (f64, f64, f64) = (6.5, 2.2, 2.6);

    /// The middle of its ground area at a moment.
    #[must_use]
    pub fn at(&self, at_s: f64) -> Option<PointM> {
        let leg = self.way.windows(2).find(|leg| leg[0].0 <= at_s && at_s < leg[1].0)?;
        let share = (at_s - leg[0].0) / (leg[1].0 - leg[0].0);
        Some((leg[0].1 + share * (leg[1].1 - leg[0].1), leg[0].2 + share * (leg[1].2 - leg[0].2)))
    }

    /// The last moment.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.way.last().map_or(0.0, |knot| knot.0)
    }

    /// Corners of its ground area, beginning at the front left.
    fn corners(&self, (x, y): PointM) -> [PointM; 4] {
        let norm = self.heading.0.hypot(self.heading.1).max(1e-9);
        let (ax, ay) = (self.heading.0 / norm, self.heading.1 / norm);
        let (half, side) = (self.size_m.0 / 2.0, self.size_m.1 / 2.0);
        [(half, -side), (half, side), (-half, side), (-half, -side)]
            .map(|(along, across)| (x + ax * along + ay * across, y + ay * along - ax * across))
    }

    /// The upright box around it in the picture: left, top, right, bottom, pixels.
    #[must_use]
    pub fn outline(&self, lens: Lens, at_s: f64) -> Option<[f64; 4]> {
        let corners = self.corners(self.at(at_s)?);
        let points = corners.iter().flat_map(|c| [lens.project(*c, 0.0), lens.project(*c, self.size_m.2)]);
        Some(
            points.fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, (x, y)| {
                [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)]
            }),
        )
    }

    /// The middle of the lower edge of its box in the picture, normalised: where a detector says that it stands.
    #[must_use]
    pub fn foot(&self, lens: Lens, at_s: f64) -> Option<PointPx> {
        let [left, _, right, bottom] = self.outline(lens, at_s)?;
        Some((f64::midpoint(left, right) / WIDTH as f64, bottom / HEIGHT as f64))
    }

    fn draw(&self, canvas: &mut Canvas, lens: Lens, place: PointM) {
        let corners = self.corners(place);
        let (low, high) =
            (corners.map(|c| lens.project(c, 0.0)), corners.map(|c| lens.project(c, self.size_m.2)));
        let along =
            |a: PointPx, b: PointPx, share: f64| (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
        let shade = |factor: f64| {
            [(f64::from(self.colour[0]) * factor).clamp(16.0, 235.0) as u8, self.colour[1], self.colour[2]]
        };
        // Sides from the farthest to the nearest, each in its own light, then the roof and the windscreen on it.
        let mut sides = [0, 1, 2, 3];
        let depth = |side: usize| low[side].1 + low[(side + 1) % 4].1;
        sides.sort_by(|a, b| depth(*a).total_cmp(&depth(*b)));
        for side in sides {
            let next = (side + 1) % 4;
            canvas.fill(&[low[side], low[next], high[next], high[side]], shade(0.76 + 0.06 * side as f64));
            // Tyres and the shade below are dark on every vehicle.
            let sill = [
                low[side],
                low[next],
                along(low[next], high[next], 0.25),
                along(low[side], high[side], 0.25),
            ];
            canvas.fill(&sill, [32, 128, 128]);
        }
        canvas.fill(&high, shade(1.1));
        let along =
            |a: PointPx, b: PointPx, share: f64| (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
        for (from, to, factor) in [(0.18, 0.32, 0.45), (0.72, 0.82, 0.5)] {
            let glass = [
                along(high[0], high[3], from),
                along(high[1], high[2], from),
                along(high[1], high[2], to),
                along(high[0], high[3], to),
            ];
            canvas.fill(&glass, shade(factor));
        }
    }
}

/// The road with its vehicles.
pub struct Road {
    /// The camera.
    pub lens: Lens,
    /// Everything that drives or stands.
    pub vehicles: Vec<Vehicle>,
    background: Canvas,
}

impl Road {
    /// The road under a camera; across the picture from above, away from the camera along it.
    #[must_use]
    pub fn new(lens: Lens, vehicles: Vec<Vehicle>) -> Road {
        let mut background = Canvas::new(WIDTH, HEIGHT, [110, 128, 128]);
        for v in 0..HEIGHT {
            for u in 0..WIDTH {
                let colour = surface(lens, (u as f64 + 0.5, v as f64 + 0.5));
                let grain = i16::from(grain(u / 2, v / 2, 3) / 20) - 6;
                let luma = (i16::from(colour[0]) + grain).clamp(16, 235) as u8;
                background.blend(u, v, [luma, colour[1], colour[2]], 1.0);
            }
        }
        Road { lens, vehicles, background }
    }
}

/// Four lanes of 3.5 m, dashed lines between them, grass beside.
fn surface(lens: Lens, pixel: PointPx) -> Colour {
    let Some((x, y)) = lens.ground(pixel) else { return [170, 132, 122] };
    let above = lens.pitch_deg > 45.0;
    let (across, along) = if above { (y - middle_m(lens), x) } else { (x, y) };
    if across.abs() > 7.6 {
        return [92, 118, 122];
    }
    let line = (across / 3.5 - (across / 3.5).round()).abs() * 3.5 < 0.09;
    let solid = across.abs() > 6.8 || across.abs() < 0.5;
    if line && (solid || along.rem_euclid(6.0) < 3.0) { [190, 128, 128] } else { [102, 128, 128] }
}

/// How far ahead the middle of the road is when it crosses the picture, metres.
#[must_use]
pub fn middle_m(lens: Lens) -> f64 {
    lens.ground((WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0)).map_or(0.0, |ground| ground.1)
}

impl Picture for Road {
    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn paint(&self, at_s: f64, number: u64) -> Canvas {
        let mut canvas = self.background.clone();
        let mut present: Vec<_> = self
            .vehicles
            .iter()
            .filter_map(|vehicle| vehicle.at(at_s).map(|place| (vehicle, place)))
            .collect();
        let ahead = |place: PointM| self.lens.own(place).1;
        present.sort_by(|a, b| ahead(b.1).total_cmp(&ahead(a.1)));
        for (vehicle, place) in present {
            vehicle.draw(&mut canvas, self.lens, place);
        }
        canvas.add_noise(NOISE, number);
        canvas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_the_ground_is_found_again_in_the_picture() {
        for lens in [Lens::ALONG, Lens::ABOVE, Lens::OBLIQUE] {
            for point in [(0.0, 18.0), (-5.0, 22.0), (3.0, 15.0)] {
                let back = lens.ground(lens.project(point, 0.0)).unwrap();
                assert!((back.0 - point.0).hypot(back.1 - point.1) < 1e-9, "{point:?} became {back:?}");
            }
        }
    }

    #[test]
    fn the_lower_edge_of_a_vehicle_moves_as_the_vehicle_does() {
        let vehicle = Vehicle {
            way: vec![(0.0, 1.75, 60.0), (4.0, 1.75, 15.0)],
            size_m: Vehicle::CAR,
            colour: [200, 128, 128],
            heading: (0.0, -1.0),
        };
        let seen = |at_s: f64| {
            let (x, y) = vehicle.foot(Lens::ALONG, at_s).unwrap();
            Lens::ALONG.ground((x * WIDTH as f64, y * HEIGHT as f64)).unwrap().1
        };
        let speed = (seen(1.0) - seen(3.0)) / 2.0;
        assert!((speed - 11.25).abs() < 0.05, "{speed} m/s");
    }
}
