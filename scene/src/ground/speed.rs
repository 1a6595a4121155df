//! Speed over ground out of the foot points of the last seconds.
//!
//! A straight, even motion over ground is fitted to where the foot points were seen **in the picture**, because that is
//! where the detector errs: far away, a pixel is many metres, and to fit on the ground would let the worst points pull
//! most. The fit is Gauss-Newton with Huber's weights (Huber, Robust Estimation of a Location Parameter, 1964), so that
//! a box that jumped does not count in full. How much the boxes tremble is read from what an evenly *accelerated* motion
//! leaves over, held by a prior as long as there is little of it: braking is no trembling.
//!
//! How long a past to use is decided by the data (Lepski's method): longer windows are more exact, so the longest one
//! that agrees with all shorter ones is taken. Whoever brakes has a short past.

use super::matrix::{Matrix2, add_outer, inverse_n, inverse2, largest_eigenvalue, project};
use super::{Ground, WIDTH_95};
use ngatu_protocol::camera::Pair;

/// Windows, seconds: from about one on, each half as long again.
const WINDOWS_S: [f64; 4] = [1.0, 1.6, 2.5, 4.0];
/// Fewest sights and shortest span that a speed is read from.
const FEWEST: usize = 4;
const SHORTEST_S: f64 = 0.55;
/// A longer window is refused when it differs from a shorter one by so many times its 95 % error: refused at once, a
/// short window would be kept just when it errs.
const CLEARLY: f64 = 1.7;
/// Foot points seen more often than this in a second err alike, so that more of them say nothing new.
const INDEPENDENT_PER_S: f64 = 8.0;
/// Whitened residuals beyond this count less (Huber's bend for two dimensions, about 87 % of good points within).
const BEND: f64 = 2.0;
/// Huber's weights with that bend leave so much of the variance of normal residuals: by numerical integration of
/// Rayleigh's distribution, 1.843 of 2 · 0.979.
const LEFT_BY_BEND: f64 = 0.942;
/// The prior of the scale of error counts as so many residuals.
const PRIOR_FREEDOM: f64 = 4.0;
/// What flat ground and foot points leave out, one standard deviation as a share of the speed: the lower edge of a box
/// is tyre or bumper, 0 to 0.3 m above ground, seen from 5 to 10 m high, and turns with the view.
const MODEL_ERROR: f64 = 0.02;
/// Median length of a two-dimensional normal vector of deviation 1: √(2 ln 2), Rayleigh's distribution.
const RAYLEIGH_MEDIAN: f64 = 1.177_41;
const KMH_PER_M_S: f64 = 3.6;

/// Where a road user's foot point was seen once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sight {
    /// When, seconds on any axis.
    pub(crate) at_s: f64,
    /// Where, normalised picture coordinates.
    pub(crate) foot: Pair,
    /// Its expected error, normalised, one standard deviation in x and y.
    pub(crate) sd: Pair,
}

/// A motion over ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Velocity {
    /// Where it is at the newest sight, by the fit, metres.
    pub(crate) at_m: Pair,
    /// Metres per second along the calibration's axes.
    pub(crate) m_s: Pair,
    /// Speed, km/h.
    pub(crate) kmh: f64,
    /// Half the width of the interval that holds the true speed 95 times of 100, km/h.
    pub(crate) plus_minus_kmh: f64,
}

impl Ground {
    /// The motion at the newest of these sights, which are in the order of time.
    pub(crate) fn velocity(&self, sights: &[Sight]) -> Option<Velocity> {
        let newest_s = sights.last()?.at_s;
        let after = |window_s: f64| {
            let begin = sights.partition_point(|sight| newest_s - sight.at_s > window_s + 1e-6);
            &sights[begin..]
        };
        let (start, noise) = self.noise(after(WINDOWS_S[WINDOWS_S.len() - 1]))?;
        let mut best: Option<(Motion<4>, Matrix2)> = None;
        let mut used = 0;
        for recent in WINDOWS_S.map(after) {
            if recent.len() == used || !is_enough(recent) {
                continue;
            }
            used = recent.len();
            let mut motion = start.even_at(middle(recent));
            let mut covariance = None;
            for _ in 0..2 {
                covariance = self.improve(&mut motion, recent, noise.scale());
            }
            let Some(covariance) = covariance else { break };
            let error =
                [2, 3].map(|i| [2, 3].map(|j| covariance.normal[i][j] * noise.variance * repeated(recent)));
            if let Some((shorter, its_error)) = &best {
                let [dx, dy] = [2, 3].map(|i| motion.values[i] - shorter.values[i]);
                // Most of the difference is the shorter window's own error.
                if dx.hypot(dy) > CLEARLY * noise.student() * largest_eigenvalue(*its_error).max(0.0).sqrt() {
                    break;
                }
            }
            best = Some((Motion { span_s: span(recent), ..motion }, error));
        }
        let (motion, error) = best?;
        self.state(&motion, error, (noise, newest_s))
    }

    /// How much the foot points tremble about an evenly accelerated motion, and that motion.
    fn noise(&self, sights: &[Sight]) -> Option<(Motion<6>, Noise)> {
        if !is_enough(sights) {
            return None;
        }
        let mut even = self.first_guess(sights)?;
        let mut left = None;
        for _ in 0..3 {
            left = self.improve(&mut even, sights, left.map_or(1.0, |left: Left<4>| left.scale));
        }
        let mut left = left.map(|left| (left.squares, left.weights))?;
        let mut motion = even.accelerated();
        let mut parameters = 4.0;
        // An acceleration needs a past that is long enough; without one, the even motion stays.
        if sights.len() > FEWEST && span(sights)[1] - span(sights)[0] >= 2.0 * SHORTEST_S {
            let mut accelerated = motion;
            let mut scale = 1.0;
            let mut last = None;
            for _ in 0..3 {
                last = self.improve(&mut accelerated, sights, scale);
                scale = last.as_ref().map_or(scale, |left: &Left<6>| left.scale);
            }
            if let Some(last) = last {
                (left, motion, parameters) = ((last.squares, last.weights), accelerated, 6.0);
            }
        }
        let (squares, weights) = left;
        let all = 2.0 * weights - parameters;
        // Sights close to each other err alike: only those that are independent count.
        let freedom = (2.0 * weights / repeated(sights) - parameters).max(0.0);
        let seen = if all > 0.0 { squares / all / LEFT_BY_BEND } else { 1.0 };
        let variance = (PRIOR_FREEDOM + freedom * seen) / (PRIOR_FREEDOM + freedom);
        Some((motion, Noise { variance, freedom: PRIOR_FREEDOM + freedom }))
    }

    /// One round of Gauss-Newton; `scale` is the expected length of a whitened residual, for the weights. `None` when the
    /// motion leaves what the camera can see of the ground.
    fn improve<const N: usize>(
        &self,
        motion: &mut Motion<N>,
        sights: &[Sight],
        scale: f64,
    ) -> Option<Left<N>> {
        let mut normal = [[0.0; N]; N];
        let mut right = [0.0; N];
        let mut lengths = [0.0; MOST_LENGTHS];
        let (mut squares, mut weights) = (0.0, 0.0);
        for (i, sight) in sights.iter().enumerate() {
            let tau = sight.at_s - motion.middle_s;
            let at_m = motion.at(sight.at_s);
            let seen = self.homography.picture_of(at_m)?;
            let slope = self.slope(at_m)?;
            let sd = sight.sd.map(|sd| sd.max(1e-6));
            let residual = [0, 1].map(|k| (sight.foot[k] - seen[k]) / sd[k]);
            let length = residual[0].hypot(residual[1]);
            let weight = if length > BEND * scale { BEND * scale / length } else { 1.0 };
            for k in 0..2 {
                // Position and its derivatives by turns, x and y of each.
                let mut factor = 1.0 / sd[k];
                let mut row = [0.0; N];
                for pair in row.chunks_exact_mut(2) {
                    pair[0] = slope[k][0] * factor;
                    pair[1] = slope[k][1] * factor;
                    factor *= tau;
                }
                add_outer(&mut normal, &row, weight);
                row.iter().zip(&mut right).for_each(|(cell, sum)| *sum += weight * cell * residual[k]);
            }
            lengths[i % MOST_LENGTHS] = length;
            squares += weight * length * length;
            weights += weight;
        }
        let normal = inverse_n(normal)?;
        for (value, row) in motion.values.iter_mut().zip(&normal) {
            *value += row.iter().zip(&right).map(|(c, r)| c * r).sum::<f64>();
        }
        motion.values.iter().all(|value| value.is_finite()).then_some(())?;
        let known = &mut lengths[..sights.len().min(MOST_LENGTHS)];
        known.sort_unstable_by(f64::total_cmp);
        let scale = (known[known.len() / 2] / RAYLEIGH_MEDIAN).max(0.5);
        Some(Left { normal, squares, weights, scale })
    }

    /// The regression line through the points on the ground.
    fn first_guess(&self, sights: &[Sight]) -> Option<Motion<4>> {
        let middle_s = middle(sights);
        let (mut sums, mut slopes, mut times, mut n) = ([0.0; 2], [0.0; 2], 0.0, 0.0);
        for sight in sights {
            let Some(at_m) = self.homography.ground_of(sight.foot) else { continue };
            let tau = sight.at_s - middle_s;
            for k in 0..2 {
                sums[k] += at_m[k];
                slopes[k] += at_m[k] * tau;
            }
            times += tau * tau;
            n += 1.0;
        }
        let values = [sums[0] / n, sums[1] / n, slopes[0] / times, slopes[1] / times];
        let motion = Motion { middle_s, span_s: span(sights), values };
        values.iter().all(|value| value.is_finite()).then_some(motion)
    }

    /// What a fitted motion says about `newest_s`.
    fn state(
        &self,
        motion: &Motion<4>,
        by_boxes: Matrix2,
        (noise, newest_s): (Noise, f64),
    ) -> Option<Velocity> {
        let m_s = [motion.values[2], motion.values[3]];
        let speed = m_s[0].hypot(m_s[1]);
        let by_calibration = self.calibration_error(motion)?;
        let total = [0, 1].map(|i| [0, 1].map(|j| by_boxes[i][j] + by_calibration[i][j]));
        let worst = largest_eigenvalue(total);
        // The error along the motion; of what hardly moves nobody knows where to.
        let variance = if speed * speed > worst {
            let [x, y] = m_s.map(|v| v / speed);
            x * x * total[0][0] + 2.0 * x * y * total[0][1] + y * y * total[1][1]
        } else {
            worst
        };
        let plus_minus_m_s = noise.student() * (variance.max(0.0) + (MODEL_ERROR * speed).powi(2)).sqrt();
        (speed.is_finite() && plus_minus_m_s.is_finite()).then_some(Velocity {
            at_m: motion.at(newest_s),
            m_s,
            kmh: speed * KMH_PER_M_S,
            plus_minus_kmh: plus_minus_m_s * KMH_PER_M_S,
        })
    }

    /// Covariance of the velocity by what is not known of the calibration: both ends of the way shift together with it.
    fn calibration_error(&self, motion: &Motion<4>) -> Option<Matrix2> {
        let [from_s, to_s] = motion.span_s;
        let shift = |at_s: f64| -> Option<[[f64; 8]; 2]> {
            let at_m = motion.at(at_s);
            let back = inverse2(self.slope(at_m)?)?;
            let by = self.homography.parameter_jacobian(at_m)?;
            Some([0, 1].map(|k| std::array::from_fn(|i| back[k][0] * by[0][i] + back[k][1] * by[1][i])))
        };
        let (from, to) = (shift(from_s)?, shift(to_s)?);
        let seconds = (to_s - from_s).max(1e-3);
        let rows = [0, 1].map(|k| std::array::from_fn(|i| (to[k][i] - from[k][i]) / seconds));
        Some(project(&rows, &self.parameters))
    }
}

/// So many residuals are enough for a median.
const MOST_LENGTHS: usize = 64;

fn span(sights: &[Sight]) -> [f64; 2] {
    [sights.first().map_or(0.0, |sight| sight.at_s), sights.last().map_or(0.0, |sight| sight.at_s)]
}

fn middle(sights: &[Sight]) -> f64 {
    sights.iter().map(|sight| sight.at_s).sum::<f64>() / sights.len() as f64
}

fn is_enough(sights: &[Sight]) -> bool {
    let [from_s, to_s] = span(sights);
    sights.len() >= FEWEST && to_s - from_s >= SHORTEST_S
}

/// How many sights say the same.
fn repeated(sights: &[Sight]) -> f64 {
    let [from_s, to_s] = span(sights);
    (sights.len() as f64 / ((to_s - from_s) * INDEPENDENT_PER_S + 1.0)).max(1.0)
}

/// How much the boxes tremble, as a multiple of what was expected.
#[derive(Debug, Clone, Copy)]
struct Noise {
    variance: f64,
    /// On how many residuals that rests.
    freedom: f64,
}

impl Noise {
    fn scale(self) -> f64 {
        self.variance.sqrt()
    }

    /// Student's t, 97.5 %, by the first terms of its expansion (Abramowitz & Stegun 26.7.5); 2 % off at 4.
    fn student(self) -> f64 {
        WIDTH_95 + 2.37 / self.freedom + 2.8 / (self.freedom * self.freedom)
    }
}

/// What a round of the fit left over.
struct Left<const N: usize> {
    /// Covariance of the values for whitened residuals of variance 1.
    normal: [[f64; N]; N],
    squares: f64,
    weights: f64,
    scale: f64,
}

/// A motion along a polynomial: x and y of the position at the middle, metres, then of velocity, then of half the
/// acceleration.
#[derive(Debug, Clone, Copy)]
struct Motion<const N: usize> {
    middle_s: f64,
    /// First and last time that it was fitted to.
    span_s: [f64; 2],
    values: [f64; N],
}

impl<const N: usize> Motion<N> {
    fn at(&self, at_s: f64) -> Pair {
        let tau = at_s - self.middle_s;
        self.values
            .chunks_exact(2)
            .rev()
            .fold([0.0; 2], |[x, y], pair| [x * tau + pair[0], y * tau + pair[1]])
    }
}

impl Motion<4> {
    fn accelerated(self) -> Motion<6> {
        let [x, y, vx, vy] = self.values;
        Motion { middle_s: self.middle_s, span_s: self.span_s, values: [x, y, vx, vy, 0.0, 0.0] }
    }
}

impl Motion<6> {
    /// The even motion that touches this one at that time.
    fn even_at(&self, middle_s: f64) -> Motion<4> {
        let ([x, y], tau) = (self.at(middle_s), middle_s - self.middle_s);
        let [_, _, vx, vy, hx, hy] = self.values;
        Motion { middle_s, span_s: self.span_s, values: [x, y, vx + 2.0 * hx * tau, vy + 2.0 * hy * tau] }
    }
}
