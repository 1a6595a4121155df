//! A directed segment and what crosses it.

use ngatu_protocol::camera::Pair;
use ngatu_protocol::geometry::Point;

/// A side of a directed segment, seen from its first point towards its second. In the picture, y is down: for a
/// segment from left to right, the left side is above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// A directed segment in normalised picture coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    a: Pair,
    b: Pair,
}

/// Twice the signed area of the triangle a, b, p: positive when p is to the right of a → b (y is down).
fn turn(a: Pair, b: Pair, p: Pair) -> f64 {
    (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
}

impl Segment {
    /// The segment from `a` to `b`.
    #[must_use]
    pub fn new(a: Pair, b: Pair) -> Self {
        Self { a, b }
    }

    /// The side of the endless line on which the point lies. A point on the line is on the left.
    #[must_use]
    pub fn side(&self, p: Point) -> Side {
        if turn(self.a, self.b, [p.x, p.y]) > 0.0 { Side::Right } else { Side::Left }
    }

    /// Distance of the point from the endless line, after both axes were multiplied by `scale` (so pixels when given
    /// the frame's size). Never negative.
    #[must_use]
    pub fn distance(&self, p: Point, scale: [f64; 2]) -> f64 {
        let at = |q: Pair| [q[0] * scale[0], q[1] * scale[1]];
        let (a, b, p) = (at(self.a), at(self.b), at([p.x, p.y]));
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        turn(a, b, p).abs() / length.max(f64::MIN_POSITIVE)
    }

    /// Where the straight way between two points really crosses the segment, between its ends, the side on which it
    /// arrives.
    #[must_use]
    pub fn crossed_to(&self, from: Point, to: Point) -> Option<Side> {
        let arrives = self.side(to);
        if self.side(from) == arrives {
            return None;
        }
        let (p, q) = ([from.x, from.y], [to.x, to.y]);
        let (ta, tb) = (turn(p, q, self.a), turn(p, q, self.b));
        ((ta <= 0.0) != (tb <= 0.0)).then_some(arrives)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossed(a: Pair, b: Pair, from: Pair, to: Pair) -> Option<Side> {
        let p = |q: Pair| Point { x: q[0], y: q[1] };
        Segment::new(a, b).crossed_to(p(from), p(to))
    }

    #[test]
    fn left_and_right_are_those_of_someone_who_looks_along_the_segment() {
        // Looking right: left is above. Looking up: left is left. Looking left: left is below. Looking down: left is right.
        let table: [(Pair, Pair, Pair, Pair); 4] = [
            ([0.2, 0.5], [0.8, 0.5], [0.5, 0.4], [0.5, 0.6]),
            ([0.5, 0.8], [0.5, 0.2], [0.4, 0.5], [0.6, 0.5]),
            ([0.8, 0.5], [0.2, 0.5], [0.5, 0.6], [0.5, 0.4]),
            ([0.5, 0.2], [0.5, 0.8], [0.6, 0.5], [0.4, 0.5]),
        ];
        for (a, b, left, right) in table {
            assert_eq!(crossed(a, b, left, right), Some(Side::Right), "{a:?} {b:?}");
            assert_eq!(crossed(a, b, right, left), Some(Side::Left), "{a:?} {b:?}");
        }
    }

    #[test]
    fn passing_beside_the_end_is_no_crossing() {
        let (a, b) = ([0.2, 0.5], [0.8, 0.5]);
        assert_eq!(crossed(a, b, [0.9, 0.4], [0.9, 0.6]), None);
        assert_eq!(crossed(a, b, [0.1, 0.4], [0.1, 0.6]), None);
        assert_eq!(crossed(a, b, [0.3, 0.4], [0.7, 0.45]), None);
        assert_eq!(crossed(a, b, [0.5, f64::NAN], [0.5, 0.6]), None);
    }

    #[test]
    fn a_path_with_a_stop_exactly_on_the_line_crosses_once() {
        let (a, b) = ([0.2, 0.5], [0.8, 0.5]);
        let path = [[0.5, 0.4], [0.5, 0.5], [0.5, 0.6]];
        let count = path.windows(2).filter_map(|w| crossed(a, b, w[0], w[1])).count();
        assert_eq!(count, 1);
    }
}
