//! A closed outline.

use ngatu_protocol::camera::Pair;
use ngatu_protocol::geometry::Point;

/// A simple polygon in normalised picture coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    corners: Vec<Pair>,
}

impl Polygon {
    /// A polygon of these corners, in order; the last is joined to the first.
    #[must_use]
    pub fn new(corners: Vec<Pair>) -> Self {
        Self { corners }
    }

    /// Mean of the corners; inside when the outline is convex.
    #[must_use]
    pub fn center(&self) -> Point {
        let n = self.corners.len().max(1) as f64;
        let sum =
            self.corners.iter().fold([0.0, 0.0], |sum, corner| [sum[0] + corner[0], sum[1] + corner[1]]);
        Point { x: sum[0] / n, y: sum[1] / n }
    }

    /// Whether the point is inside, by the even-odd rule: a ray to the right meets the outline an odd number of
    /// times. A point on a left or upper edge counts as inside, so that two zones with a common edge never both hold it.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        let next = self.corners.iter().cycle().skip(1);
        let meets = |a: &Pair, b: &Pair| {
            (a[1] > point.y) != (b[1] > point.y)
                && point.x < a[0] + (point.y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        };
        self.corners.iter().zip(next).filter(|(a, b)| meets(a, b)).count() % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notch_in_the_outline_is_outside() {
        // A "U": the middle above is not part of it.
        let u = Polygon::new(vec![
            [0.1, 0.1],
            [0.3, 0.1],
            [0.3, 0.6],
            [0.7, 0.6],
            [0.7, 0.1],
            [0.9, 0.1],
            [0.9, 0.9],
            [0.1, 0.9],
        ]);
        let table = [
            (0.2, 0.2, true),
            (0.5, 0.2, false),
            (0.5, 0.7, true),
            (0.8, 0.5, true),
            (0.95, 0.5, false),
            (0.5, 0.95, false),
            (f64::NAN, 0.5, false),
        ];
        for (x, y, inside) in table {
            assert_eq!(u.contains(Point { x, y }), inside, "{x} {y}");
        }
    }

    #[test]
    fn a_point_on_a_common_edge_is_in_one_zone_only() {
        let left = Polygon::new(vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]);
        let right = Polygon::new(vec![[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]);
        let edge = Point { x: 0.5, y: 0.5 };
        assert!(!left.contains(edge) && right.contains(edge));
    }
}
