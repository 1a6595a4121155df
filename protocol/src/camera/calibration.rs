//! A camera's calibration: points that were clicked in the picture and measured on the ground.

use super::{CameraConfig, Check, Pair};
use crate::geometry::Place;
use crate::homography::Homography;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fewest and most pairs of points.
const POINTS: std::ops::RangeInclusive<usize> = 4..=24;
/// Three points whose triangle is flatter than this, height over longest side, lie on a line.
const FLAT: f64 = 0.01;
/// Points nearer than this to each other, share of the whole extent, are one point.
const SAME: f64 = 1e-3;
/// Largest ground coordinate, metres: beyond it the ground is not flat, and it is probably not metres.
const FARTHEST_M: f64 = 10_000.0;
/// The points of a usable calibration miss their places in the picture by no more than this, root mean square, or by
/// four times the click error if that is more.
const WORST_FIT: f64 = 0.02;

/// Corresponding points in the picture and on flat ground, in the same order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalibrationConfig {
    /// Four to 24 picture points, no three of some four on a line; the wider apart the better.
    pub picture: Vec<Pair>,
    /// As many ground points, metres on any two axes at right angles.
    pub ground_m: Vec<Pair>,
    /// How exactly the picture points were clicked: one standard deviation as a share of the picture, 0..=0.05. The
    /// default is 2 pixels of 1,000.
    #[serde(default = "default_picture_error")]
    pub picture_error: f64,
    /// Where the ground point [0, 0] is on the earth; with it, events have their own place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Place>,
    /// Bearing of the ground's second axis, degrees clockwise from north, -360..=360; the first axis points to its
    /// right.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub north_deg: f64,
}

fn default_picture_error() -> f64 {
    0.002
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde wants")]
fn is_zero(value: &f64) -> bool {
    value.abs() <= 0.0
}

impl CalibrationConfig {
    /// The mapping between ground and picture; `None` when [`CameraConfig::check`] refuses the points.
    #[must_use]
    pub fn homography(&self) -> Option<Homography> {
        Homography::fit(&self.ground_m, &self.picture)
    }

    pub(super) fn check(&self, camera: &CameraConfig, check: &mut Check) {
        if !(0.0..=0.05).contains(&self.picture_error) {
            check.error("calibration.picture_error", "wanted 0 to 0.05, a share of the picture");
        }
        if let Some(Err(reason)) = self.origin.map(|origin| origin.check("origin")) {
            check.error("calibration.origin", &reason);
        }
        if !(-360.0..=360.0).contains(&self.north_deg) {
            check.error("calibration.north_deg", "wanted -360 to 360");
        }
        if let Some((key, reason)) = self.fault(camera) {
            check.error(&format!("calibration{key}"), &reason);
        }
    }

    /// The first thing that is wrong with the points.
    fn fault(&self, camera: &CameraConfig) -> Option<(String, String)> {
        let (picture, ground) = (&self.picture, &self.ground_m);
        if picture.len() != ground.len() {
            let reason =
                format!("{} points, but `picture` has {}: wanted as many", ground.len(), picture.len());
            return Some((".ground_m".into(), reason));
        }
        if !POINTS.contains(&picture.len()) {
            let reason = format!("{} points: wanted {} to {}", picture.len(), POINTS.start(), POINTS.end());
            return Some((".picture".into(), reason));
        }
        if let Some(i) = picture.iter().position(|p| !p.iter().all(|v| (0.0..=1.0).contains(v))) {
            return Some((format!(".picture[{i}]"), "the point is outside the picture, 0..=1".into()));
        }
        if let Some(i) = ground.iter().position(|p| !p.iter().all(|v| v.abs() <= FARTHEST_M)) {
            let reason = format!("wanted metres, at most {FARTHEST_M} from [0, 0]");
            return Some((format!(".ground_m[{i}]"), reason));
        }
        for (name, points) in [("picture", picture), ("ground_m", ground)] {
            if let Some((i, j)) = same(points) {
                return Some((format!(".{name}[{j}]"), format!("the same point as [{i}]")));
            }
            if all_flat(points, 0..points.len()) {
                return Some((format!(".{name}"), "the points lie on a line, which fixes no ground".into()));
            }
        }
        if !spans(picture, ground) {
            let reason = "three of every four points lie on a line: wanted four corners of a figure";
            return Some((String::new(), reason.into()));
        }
        self.unfit(camera)
    }

    /// What is wrong with the mapping that the points make.
    fn unfit(&self, camera: &CameraConfig) -> Option<(String, String)> {
        let mismatch = || {
            let reason = "no flat ground looks like this: are both lists in the same order?";
            Some((String::new(), reason.to_owned()))
        };
        let Some(fitted) = self.homography() else { return mismatch() };
        let mut squares = 0.0;
        for (ground, picture) in self.ground_m.iter().zip(&self.picture) {
            let Some([u, v]) = fitted.picture_of(*ground) else { return mismatch() };
            squares += (u - picture[0]).powi(2) + (v - picture[1]).powi(2);
        }
        #[allow(clippy::cast_precision_loss, reason = "at most 24 points")]
        let miss = (squares / self.picture.len() as f64).sqrt();
        if miss > WORST_FIT.max(4.0 * self.picture_error) {
            let reason = format!(
                "the points miss their places by {:.1} % of the picture: is one of them wrong?",
                miss * 100.0
            );
            return Some((String::new(), reason));
        }
        if self.origin.is_some() && fitted.is_mirrored() {
            let reason =
                "the ground points are mirrored: seen from above, the second axis points left of the first";
            return Some((".ground_m".into(), reason.into()));
        }
        let zones = camera.zones.iter().map(|zone| ("zone", &zone.id, &zone.points[..]));
        let wires = camera.tripwires.iter().map(|wire| ("tripwire", &wire.id, &wire.points[..]));
        let above = |points: &[Pair]| points.iter().any(|point| fitted.ground_of(*point).is_none());
        let (what, id, _) = zones.chain(wires).find(|(_, _, points)| above(points))?;
        let reason = format!("its horizon cuts through {what} `{id}`: what is above it is not on the ground");
        Some((String::new(), reason))
    }
}

/// Two points that are the same.
fn same(points: &[Pair]) -> Option<(usize, usize)> {
    let apart = |a: Pair, b: Pair| (a[0] - b[0]).hypot(a[1] - b[1]);
    let pairs = || (0..points.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
    let extent = pairs().map(|(i, j)| apart(points[i], points[j])).fold(0.0, f64::max);
    pairs().find(|(i, j)| apart(points[*i], points[*j]) <= SAME * extent)
}

/// Whether three points lie on a line, or nearly.
fn flat([a, b, c]: [Pair; 3]) -> bool {
    let side = |p: Pair, q: Pair| (p[0] - q[0]).hypot(p[1] - q[1]);
    let longest = side(a, b).max(side(b, c)).max(side(c, a));
    let doubled = ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs();
    doubled <= FLAT * longest * longest
}

fn all_flat(points: &[Pair], of: std::ops::Range<usize>) -> bool {
    let mut triples =
        of.clone().flat_map(|i| (i + 1..of.end).flat_map(move |j| (j + 1..of.end).map(move |k| [i, j, k])));
    triples.all(|triple| flat(triple.map(|i| points[i])))
}

/// Whether some four points have no three on a line, in both sets: then a homography is fixed.
fn spans(picture: &[Pair], ground: &[Pair]) -> bool {
    let n = picture.len();
    let good = |triple: [usize; 3]| !flat(triple.map(|i| picture[i])) && !flat(triple.map(|i| ground[i]));
    (0..n).any(|i| {
        (i + 1..n).any(|j| {
            (j + 1..n)
                .filter(|k| good([i, j, *k]))
                .any(|k| (k + 1..n).any(|l| good([i, j, l]) && good([i, k, l]) && good([j, k, l])))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: &str = r#"
        id = "north"
        name = "north"
        url = "rtsp://127.0.0.1/north"
        [calibration]
        picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 0.4]]
        ground_m = [[0, 0], [7, 0], [7, 40], [0, 40]]
        [[zone]]
        id = "lane"
        points = [[0.3, 0.9], [0.6, 0.9], [0.55, 0.4], [0.45, 0.4]]
    "#;

    fn errors_of(text: &str) -> String {
        match toml::from_str::<CameraConfig>(text) {
            Ok(camera) => camera.check().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_good_calibration_is_taken() {
        assert_eq!(errors_of(CAMERA), "");
        let anchored = CAMERA.replace(
            "[[zone]]",
            "origin = { lat = 20.4463, lon = 106.3366 }\nnorth_deg = 30.0\npicture_error = 0.003\n[[zone]]",
        );
        assert_eq!(errors_of(&anchored), "");
    }

    #[test]
    fn each_bad_calibration_is_refused_with_its_key_and_reason() {
        let picture = "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 0.4]]";
        let ground = "ground_m = [[0, 0], [7, 0], [7, 40], [0, 40]]";
        let table = [
            (
                picture,
                "picture = [[0.1, 0.9], [0.3, 0.7], [0.5, 0.5], [0.6, 0.4]]",
                "calibration.picture: the points lie on a line",
            ),
            (
                ground,
                "ground_m = [[0, 0], [7, 7], [14, 14], [40, 40]]",
                "calibration.ground_m: the points lie on a line",
            ),
            (
                picture,
                "picture = [[0.1, 0.9], [0.5, 0.9], [0.9, 0.9], [0.4, 0.4]]",
                "calibration: three of every four",
            ),
            (
                picture,
                "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4]]",
                "calibration.ground_m: 4 points, but `picture` has 3",
            ),
            (
                picture,
                "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.6, 0.4]]",
                "calibration.picture[3]: the same point as [2]",
            ),
            (
                ground,
                "ground_m = [[0, 0], [7, 0], [7, 40], [7, 0]]",
                "calibration.ground_m[3]: the same point as [1]",
            ),
            (
                ground,
                "ground_m = [[0, 0], [7, 0], [0, 40], [7, 40]]",
                "calibration: no flat ground looks like this",
            ),
            (
                ground,
                "ground_m = [[0, 0], [7, 0], [7, nan], [0, 40]]",
                "calibration.ground_m[2]: wanted metres",
            ),
            (
                picture,
                "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 1.4]]",
                "calibration.picture[3]: the point is outside",
            ),
            ("[0.45, 0.4]]\n", "[0.45, 0.2]]\n", "calibration: its horizon cuts through zone `lane`"),
            ("[[zone]]", "picture_error = 0.2\n[[zone]]", "calibration.picture_error: wanted 0 to 0.05"),
            ("[[zone]]", "origin = { lat = 95.0, lon = 0.0 }\n[[zone]]", "calibration.origin"),
            ("[[zone]]", "north_deg = 400.0\n[[zone]]", "calibration.north_deg"),
            ("[[zone]]", "error_px = 2\n[[zone]]", "unknown field `error_px`"),
        ];
        for (from, to, wanted) in table {
            let text = CAMERA.replacen(from, to, 1);
            assert_ne!(text, CAMERA, "{from}");
            let errors = errors_of(&text);
            assert!(errors.contains(wanted), "{to}: {errors:?} should say {wanted:?}");
        }
        let few = CAMERA
            .replace(picture, "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4]]")
            .replace(ground, "ground_m = [[0, 0], [7, 0], [7, 40]]");
        assert!(
            errors_of(&few).contains("calibration.picture: 3 points: wanted 4 to 24"),
            "{}",
            errors_of(&few)
        );
        let mirrored = CAMERA.replace(
            ground,
            "ground_m = [[7, 0], [0, 0], [0, 40], [7, 40]]\norigin = { lat = 20.0, lon = 106.0 }",
        );
        assert!(errors_of(&mirrored).contains("calibration.ground_m: the ground points are mirrored"));
        // One of five is measured wrongly.
        let wrong = CAMERA
            .replace(picture, "picture = [[0.1, 0.9], [0.9, 0.9], [0.6, 0.4], [0.4, 0.4], [0.5, 0.6]]")
            .replace(ground, "ground_m = [[0, 0], [7, 0], [7, 40], [0, 40], [6, 12]]");
        assert!(errors_of(&wrong).contains("is one of them wrong?"), "{}", errors_of(&wrong));
    }
}
