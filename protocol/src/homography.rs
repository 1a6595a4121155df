//! The mapping between a flat ground, in metres, and the picture: a homography fitted to corresponding points.
//!
//! The fit is the normalised direct linear transformation (Hartley & Zisserman, Multiple View Geometry, 2nd edition,
//! algorithm 4.2): both point sets are moved to their centre and scaled to a mean distance of √2, the eigenvector of
//! the smallest eigenvalue of AᵀA is the matrix, and the scaling is undone. With more than four points it is the least
//! squares of the algebraic distance. Kept as ground → picture, because the errors are made in the picture.

use crate::camera::Pair;

/// A 3×3 matrix, row by row.
type Matrix = [[f64; 3]; 3];

/// Below this share of its value at the calibration's centre, the denominator of the mapping is at the horizon.
const AT_HORIZON: f64 = 1e-6;

/// Ground, metres ↔ picture, normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Homography {
    /// Middle of the fitted ground points, metres, and how many metres are one unit inside.
    center: Pair,
    unit_m: f64,
    /// From the ground, in units from the centre, to the picture; its last element is 1.
    to_picture: Matrix,
    to_ground: Matrix,
}

impl Homography {
    /// The homography of at least four pairs of points; `None` when they do not fix one: too few, on a line, or
    /// numbers that cannot be worked with.
    #[must_use]
    pub fn fit(ground_m: &[Pair], picture: &[Pair]) -> Option<Homography> {
        if ground_m.len() != picture.len() || ground_m.len() < 4 {
            return None;
        }
        let (center, unit_m) = frame_of(ground_m)?;
        let (middle, spread) = frame_of(picture)?;
        let into = |p: &Pair, c: Pair, s: f64| [(p[0] - c[0]) / s, (p[1] - c[1]) / s];
        let mut normal = [[0.0; 9]; 9];
        for (g, p) in ground_m.iter().zip(picture) {
            let ([x, y], [u, v]) = (into(g, center, unit_m), into(p, middle, spread));
            for row in [
                [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, -u],
                [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, -v],
            ] {
                for i in 0..9 {
                    for j in 0..9 {
                        normal[i][j] += row[i] * row[j];
                    }
                }
            }
        }
        let h = smallest_eigenvector(normal);
        let fitted = [[h[0], h[1], h[2]], [h[3], h[4], h[5]], [h[6], h[7], h[8]]];
        let denormalise = [[spread, 0.0, middle[0]], [0.0, spread, middle[1]], [0.0, 0.0, 1.0]];
        let mut to_picture = product(&denormalise, &fitted);
        let last = to_picture[2][2];
        to_picture.iter_mut().flatten().for_each(|value| *value /= last);
        let to_ground = inverse(&to_picture)?;
        to_picture.iter().chain(&to_ground).flatten().all(|value| value.is_finite()).then_some(Homography {
            center,
            unit_m,
            to_picture,
            to_ground,
        })
    }

    /// Where a ground point is in the picture, maybe outside of it; `None` behind the camera.
    #[must_use]
    pub fn picture_of(&self, ground_m: Pair) -> Option<Pair> {
        let (u, v, w) = times(&self.to_picture, self.inside(ground_m));
        (w > AT_HORIZON).then(|| [u / w, v / w])
    }

    /// The ground point that is seen at a point of the picture, metres; `None` at the horizon and above it.
    #[must_use]
    pub fn ground_of(&self, picture: Pair) -> Option<Pair> {
        let (x, y, w) = times(&self.to_ground, picture);
        let [x, y] = [x / w, y / w];
        let in_front = times(&self.to_picture, [x, y]).2 > AT_HORIZON;
        in_front.then(|| [self.center[0] + x * self.unit_m, self.center[1] + y * self.unit_m])
    }

    /// From the ground, metres, to the picture, normalised: homogeneous, row by row, with a positive third component
    /// before the camera.
    #[must_use]
    pub fn matrix(&self) -> [[f64; 3]; 3] {
        self.to_picture.map(|[x, y, one]| {
            let (x, y) = (x / self.unit_m, y / self.unit_m);
            [x, y, one - x * self.center[0] - y * self.center[1]]
        })
    }

    /// How the picture point moves when the ground point does: d(u, v) / d(x, y), per metre. `None` behind the camera.
    #[must_use]
    pub fn jacobian(&self, ground_m: Pair) -> Option<[[f64; 2]; 2]> {
        let m = &self.to_picture;
        let (u, v, w) = times(m, self.inside(ground_m));
        let row = |k: usize, p: f64| [0, 1].map(|j| (m[k][j] - p / w * m[2][j]) / (w * self.unit_m));
        (w > AT_HORIZON).then(|| [row(0, u), row(1, v)])
    }

    /// How the picture of a ground point moves when the fitted parameters do: the first eight elements of the matrix,
    /// row by row. `None` behind the camera.
    #[must_use]
    pub fn parameter_jacobian(&self, ground_m: Pair) -> Option<[[f64; 8]; 2]> {
        let [x, y] = self.inside(ground_m);
        let (u, v, w) = times(&self.to_picture, [x, y]);
        let (p, q) = (u / w, v / w);
        let rows = [[x, y, 1.0, 0.0, 0.0, 0.0, -p * x, -p * y], [0.0, 0.0, 0.0, x, y, 1.0, -q * x, -q * y]];
        (w > AT_HORIZON).then(|| rows.map(|row| row.map(|value| value / w)))
    }

    /// Whether the picture shows the ground as a mirror would: walking round the ground points to the left goes round
    /// their pictures to the left as well, though y points down there.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        self.jacobian(self.center).is_some_and(|[[a, b], [c, d]]| a * d - b * c > 0.0)
    }

    fn inside(&self, ground_m: Pair) -> Pair {
        [(ground_m[0] - self.center[0]) / self.unit_m, (ground_m[1] - self.center[1]) / self.unit_m]
    }
}

/// Centre of the points and their mean distance from it over √2; `None` when they are one point or not numbers.
fn frame_of(points: &[Pair]) -> Option<(Pair, f64)> {
    #[allow(clippy::cast_precision_loss, reason = "a number of points is far below 2^52")]
    let n = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / n;
    let center = [mean(0), mean(1)];
    let away = points.iter().map(|point| (point[0] - center[0]).hypot(point[1] - center[1]));
    let scale = away.sum::<f64>() / n / std::f64::consts::SQRT_2;
    (scale.is_finite() && scale > 0.0).then_some((center, scale))
}

fn times(m: &Matrix, [x, y]: Pair) -> (f64, f64, f64) {
    let row = |k: usize| m[k][0] * x + m[k][1] * y + m[k][2];
    (row(0), row(1), row(2))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

fn inverse(m: &Matrix) -> Option<Matrix> {
    // Element (j, i) of the adjugate, by the cyclic form of the cofactors.
    let cofactor = |i: usize, j: usize| {
        let at = |di: usize, dj: usize| m[(i + di) % 3][(j + dj) % 3];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    let determinant: f64 = (0..3).map(|j| m[0][j] * cofactor(0, j)).sum();
    (determinant.abs() > 1e-12).then(|| [0, 1, 2].map(|i| [0, 1, 2].map(|j| cofactor(j, i) / determinant)))
}

/// The unit eigenvector of the smallest eigenvalue of a symmetric matrix, by cyclic Jacobi rotations (Golub & Van Loan,
/// Matrix Computations, 4th edition, algorithm 8.4.3).
fn smallest_eigenvector(mut a: [[f64; 9]; 9]) -> [f64; 9] {
    let mut vectors = [[0.0; 9]; 9];
    (0..9).for_each(|i| vectors[i][i] = 1.0);
    for _sweep in 0..30 {
        for p in 0..9 {
            for q in p + 1..9 {
                if a[p][q].abs() < f64::MIN_POSITIVE {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                let turn = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
                for row in a.iter_mut().chain(&mut vectors) {
                    (row[p], row[q]) = turn(row[p], row[q]);
                }
                let (upper, lower) = (a[p], a[q]);
                a[p] = std::array::from_fn(|k| turn(upper[k], lower[k]).0);
                a[q] = std::array::from_fn(|k| turn(upper[k], lower[k]).1);
            }
        }
    }
    let least = (0..9).min_by(|i, j| a[*i][*i].total_cmp(&a[*j][*j])).unwrap_or(0);
    vectors.map(|row| row[least])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: [Pair; 4] = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 0.4]];
    const GROUND: [Pair; 4] = [[0.0, 0.0], [7.0, 0.0], [7.0, 40.0], [0.0, 40.0]];

    fn apart(a: Pair, b: Pair) -> f64 {
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    #[test]
    fn four_points_are_met_exactly_and_the_way_back_is_the_same() {
        let h = Homography::fit(&GROUND, &PICTURE).unwrap();
        for (g, p) in GROUND.iter().zip(&PICTURE) {
            assert!(apart(h.picture_of(*g).unwrap(), *p) < 1e-9);
            assert!(apart(h.ground_of(*p).unwrap(), *g) < 1e-7);
        }
        // The middle of a road is in its middle.
        assert!((h.ground_of([0.5, 0.6]).unwrap()[0] - 3.5).abs() < 1e-9);
        assert!(!h.is_mirrored());
        let mirrored = GROUND.map(|[x, y]| [x, -y]);
        assert!(Homography::fit(&mirrored, &PICTURE).unwrap().is_mirrored());
    }

    #[test]
    fn nothing_is_on_the_ground_above_the_horizon() {
        let h = Homography::fit(&GROUND, &PICTURE).unwrap();
        // The sides of the road, (0.1, 0.9)-(0.4, 0.4) and its mirror image, meet at y = 0.4 - 0.5/3.
        assert!(h.ground_of([0.5, 0.234]).unwrap()[1] > 1000.0);
        assert_eq!(h.ground_of([0.5, 0.233]), None);
        assert_eq!(h.ground_of([0.5, 0.0]), None);
        assert_eq!(h.ground_of([f64::NAN, 0.5]), None);
    }

    #[test]
    fn both_jacobians_are_the_slopes_of_the_mapping() {
        let h = Homography::fit(&GROUND, &PICTURE).unwrap();
        let at = [2.0, 17.0];
        let step = 1e-5;
        let slopes = h.jacobian(at).unwrap();
        for axis in 0..2 {
            let mut moved = at;
            moved[axis] += step;
            let (a, b) = (h.picture_of(at).unwrap(), h.picture_of(moved).unwrap());
            for k in 0..2 {
                assert!(((b[k] - a[k]) / step - slopes[k][axis]).abs() < 1e-6, "{k} {axis}");
            }
        }
        let slopes = h.parameter_jacobian(at).unwrap();
        for (parameter, slope) in (0..8).map(|i| (i, slopes.map(|row| row[i]))) {
            let mut other = h.clone();
            other.to_picture[parameter / 3][parameter % 3] += step;
            let (a, b) = (h.picture_of(at).unwrap(), other.picture_of(at).unwrap());
            for k in 0..2 {
                assert!(((b[k] - a[k]) / step - slope[k]).abs() < 1e-4, "{k} {parameter}");
            }
        }
    }

    #[test]
    fn more_points_share_out_their_error() {
        let h = Homography::fit(&GROUND, &PICTURE).unwrap();
        let ground: Vec<Pair> = (0..12).map(|i| [f64::from(i % 3) * 3.0, f64::from(i / 3) * 12.0]).collect();
        let clicked: Vec<Pair> = ground
            .iter()
            .enumerate()
            .map(|(i, g)| {
                let [u, v] = h.picture_of(*g).unwrap();
                let off = if i % 2 == 0 { 0.001 } else { -0.001 };
                [u + off, v - off]
            })
            .collect();
        let fitted = Homography::fit(&ground, &clicked).unwrap();
        for g in &ground {
            assert!(apart(fitted.picture_of(*g).unwrap(), h.picture_of(*g).unwrap()) < 0.0015);
        }
    }
}
