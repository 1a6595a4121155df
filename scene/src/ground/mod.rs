//! The ground in front of a calibrated camera: metres, speeds and places on the earth, each with how far it may be off.
//!
//! Errors come from three sides and are carried through to the result: where the calibration's points were clicked
//! (first-order propagation through the fit, Hartley & Zisserman, Multiple View Geometry, 2nd edition, section 5.2), how
//! the detector's boxes tremble, and what the flat ground and the foot point leave out.

mod matrix;
mod speed;
#[cfg(test)]
mod speed_tests;

use matrix::{Matrix2, Matrix8, inverse2, inverse8, sandwich};
use ngatu_protocol::Homography;
use ngatu_protocol::camera::{CalibrationConfig, Pair};
use ngatu_protocol::geometry::{Place, Point};

pub(crate) use speed::{Sight, Velocity};

/// The half-width of an interval that holds the truth 95 times of 100, in standard deviations of a normal distribution.
pub(crate) const WIDTH_95: f64 = 1.96;
/// Metres of a degree of latitude: a sphere of the earth's mean radius, 6,371.0088 km (IUGG), which is exact to 0.6 %.
const METRES_PER_DEGREE: f64 = 111_195.08;
/// Positions less certain than this are no positions, metres.
const VAGUE_M: f64 = 100.0;

/// A position on the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroundPoint {
    /// Along the calibration's axes, metres.
    pub at_m: Pair,
    /// The truth is no farther away than this 95 times of 100 along the axis that is known worst, metres.
    pub plus_minus_m: f64,
}

/// A calibration that is ready for work.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    homography: Homography,
    /// Covariance of the homography's eight parameters.
    parameters: Matrix8,
    anchor: Option<(Place, f64)>,
}

impl Ground {
    /// The ground of a calibration; `None` when its points do not fix one.
    #[must_use]
    pub fn new(config: &CalibrationConfig) -> Option<Ground> {
        let homography = config.homography()?;
        let mut normal = [[0.0; 8]; 8];
        let mut squares = 0.0;
        for (ground, picture) in config.ground_m.iter().zip(&config.picture) {
            let [u, v] = homography.picture_of(*ground)?;
            squares += (u - picture[0]).powi(2) + (v - picture[1]).powi(2);
            for row in homography.parameter_jacobian(*ground)? {
                matrix::add_outer(&mut normal, &row, 1.0);
            }
        }
        // The residuals of more than four points say how well they were really clicked; never better than stated.
        let freedom = 2.0 * config.picture.len() as f64 - 8.0;
        let seen = if freedom > 0.0 { squares / freedom } else { 0.0 };
        let variance = seen.max(config.picture_error.powi(2));
        let parameters = inverse8(normal)?.map(|row| row.map(|value| value * variance));
        Some(Ground {
            homography,
            parameters,
            anchor: config.origin.map(|origin| (origin, config.north_deg)),
        })
    }

    /// Where a picture point is on the ground, when it may be off by these standard deviations (normalised, x and y).
    /// `None` above the horizon, and where nothing useful is known any more.
    #[must_use]
    pub fn locate(&self, point: Point, sd: Pair) -> Option<GroundPoint> {
        let at_m = self.homography.ground_of([point.x, point.y])?;
        let slope = inverse2(self.homography.jacobian(at_m)?)?;
        let mut picture = [[sd[0] * sd[0], 0.0], [0.0, sd[1] * sd[1]]];
        let by_calibration = matrix::project(&self.homography.parameter_jacobian(at_m)?, &self.parameters);
        for i in 0..2 {
            for j in 0..2 {
                picture[i][j] += by_calibration[i][j];
            }
        }
        let plus_minus_m = WIDTH_95 * matrix::largest_eigenvalue(sandwich(slope, picture)).max(0.0).sqrt();
        (plus_minus_m <= VAGUE_M).then_some(GroundPoint { at_m, plus_minus_m })
    }

    /// Where a picture point is on the ground, metres.
    #[must_use]
    pub fn metres(&self, point: Pair) -> Option<Pair> {
        self.homography.ground_of(point)
    }

    /// Where a picture point is on the earth; `None` without an anchor or above the horizon.
    #[must_use]
    pub fn place(&self, point: Point) -> Option<Place> {
        let (origin, north_deg) = self.anchor?;
        let [x, y] = self.homography.ground_of([point.x, point.y])?;
        // The second axis points to the bearing, the first to its right.
        let (sin, cos) = north_deg.to_radians().sin_cos();
        let (east, north) = (x * cos + y * sin, y * cos - x * sin);
        let lat = origin.lat + north / METRES_PER_DEGREE;
        let lon = origin.lon + east / (METRES_PER_DEGREE * origin.lat.to_radians().cos().max(1e-3));
        let place = Place { lat, lon };
        place.check("place").is_ok().then_some(place)
    }

    /// Area of a polygon on the ground, m², by the shoelace formula.
    #[must_use]
    pub fn area_m2(&self, corners: &[Pair]) -> Option<f64> {
        let metres = corners.iter().map(|corner| self.metres(*corner)).collect::<Option<Vec<_>>>()?;
        let next = metres.iter().cycle().skip(1);
        Some(metres.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0)
    }

    /// Slope of the mapping from ground to picture.
    fn slope(&self, at_m: Pair) -> Option<Matrix2> {
        self.homography.jacobian(at_m)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn road() -> CalibrationConfig {
        CalibrationConfig {
            picture: vec![[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 0.4]],
            ground_m: vec![[0.0, 0.0], [7.0, 0.0], [7.0, 40.0], [0.0, 40.0]],
            picture_error: 0.002,
            origin: Some(Place { lat: 60.0, lon: 10.0 }),
            north_deg: 90.0,
        }
    }

    #[test]
    fn a_far_point_is_known_less_well_than_a_near_one() {
        let ground = Ground::new(&road()).unwrap();
        let at = |y| ground.locate(Point { x: 0.5, y }, [0.002, 0.002]).unwrap();
        let (near, far) = (at(0.85), at(0.42));
        assert!(near.plus_minus_m > 0.05 && near.plus_minus_m < 0.5, "{near:?}");
        assert!(far.plus_minus_m > 4.0 * near.plus_minus_m, "{far:?}");
        assert_eq!(ground.locate(Point { x: 0.5, y: 0.1 }, [0.0; 2]), None);
        // Just below the horizon, everything is possible.
        assert_eq!(ground.locate(Point { x: 0.5, y: 0.235 }, [0.002; 2]), None);
    }

    #[test]
    fn forty_metres_to_the_east_is_forty_metres_to_the_east() {
        let ground = Ground::new(&road()).unwrap();
        let near = ground.place(Point { x: 0.1, y: 0.9 }).unwrap();
        let far = ground.place(Point { x: 0.4, y: 0.4 }).unwrap();
        assert!((near.lat - 60.0).abs() < 1e-9 && (near.lon - 10.0).abs() < 1e-9);
        // At 60° north, a degree of longitude is half as long.
        assert!((far.lat - 60.0).abs() < 1e-9);
        assert!(((far.lon - 10.0) * METRES_PER_DEGREE / 2.0 - 40.0).abs() < 1e-6, "{}", far.lon);
        assert!((ground.area_m2(&road().picture).unwrap() - 280.0).abs() < 1e-6);
    }

    #[test]
    fn the_stated_error_of_a_position_is_that_of_clicks_that_vary() {
        // Click again and again with the stated error: 95 of 100 results are within the ±.
        let mut random = matrix::tests::Random(7);
        let truth = Ground::new(&road()).unwrap();
        let point = Point { x: 0.45, y: 0.6 };
        let there = truth.metres([point.x, point.y]).unwrap();
        let mut within = 0;
        for _ in 0..400 {
            let mut clicked = road();
            for p in clicked.picture.iter_mut().flatten() {
                *p += 0.002 * random.normal();
            }
            let found = Ground::new(&clicked).unwrap().locate(point, [0.0; 2]).unwrap();
            let off = (found.at_m[0] - there[0]).hypot(found.at_m[1] - there[1]);
            within += usize::from(off <= found.plus_minus_m);
        }
        assert!((370..=396).contains(&within), "{within} of 400");
    }
}
