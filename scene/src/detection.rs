//! What a detector found in one frame: boxes in pixels of that frame, with class and score.

use ngatu_protocol::RoadUserClass;
use ngatu_protocol::geometry::Point;

/// Largest side or coordinate of a usable box, pixels. Beyond it a detector has gone mad.
const LARGEST_PX: f32 = 100_000.0;

/// An upright box in pixels of the analysed frame: x to the right, y down, from the upper left corner. It may reach
/// beyond the frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BoxPx {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Width, more than 0 in a usable box.
    pub width: f32,
    /// Height, more than 0 in a usable box.
    pub height: f32,
}

impl BoxPx {
    /// The centre, x and y.
    #[must_use]
    pub fn center(self) -> [f32; 2] {
        [self.left + self.width / 2.0, self.top + self.height / 2.0]
    }

    /// The middle of the lower edge: where the road user touches the ground.
    #[must_use]
    pub fn foot(self) -> [f32; 2] {
        [self.left + self.width / 2.0, self.top + self.height]
    }

    /// Area in square pixels.
    #[must_use]
    pub fn area(self) -> f32 {
        self.width * self.height
    }

    /// Whether all numbers are finite, the sides are positive and nothing is absurdly large.
    #[must_use]
    pub fn is_usable(self) -> bool {
        let sides = self.width > 0.0 && self.height > 0.0 && self.width.max(self.height) <= LARGEST_PX;
        // Comparisons with a NaN are false, so this also refuses those.
        sides && self.left.abs() <= LARGEST_PX && self.top.abs() <= LARGEST_PX
    }

    /// The box with its coordinates multiplied by `x` and `y`.
    #[must_use]
    pub fn scaled(self, x: f32, y: f32) -> BoxPx {
        BoxPx { left: self.left * x, top: self.top * y, width: self.width * x, height: self.height * y }
    }
}

/// One box, class and score in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Where, pixels.
    pub bbox: BoxPx,
    /// What the detector takes it for.
    pub class: RoadUserClass,
    /// How sure the detector is, 0..=1.
    pub score: f32,
}

impl Detection {
    /// Whether box and score are numbers that can be worked with. Others are ignored by the tracker.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.bbox.is_usable() && self.score >= 0.0 && self.score.is_finite()
    }
}

/// Width and height of the analysed frame, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameSize {
    /// Width, pixels.
    pub width_px: u32,
    /// Height, pixels.
    pub height_px: u32,
}

impl FrameSize {
    /// A frame size; a zero is taken as one pixel.
    #[must_use]
    pub fn new(width_px: u32, height_px: u32) -> Self {
        Self { width_px: width_px.max(1), height_px: height_px.max(1) }
    }

    /// Distance of two normalised points as it looks, in heights of the picture.
    #[must_use]
    pub fn apart(self, a: Point, b: Point) -> f64 {
        let aspect = f64::from(self.width_px) / f64::from(self.height_px.max(1));
        ((a.x - b.x) * aspect).hypot(a.y - b.y)
    }

    /// A box's foot point in normalised picture coordinates, clamped to the picture. This is the border between
    /// pixels and normalised coordinates.
    #[must_use]
    pub fn foot(self, bbox: BoxPx) -> Point {
        let [x, y] = bbox.foot();
        Point {
            x: (f64::from(x) / f64::from(self.width_px)).clamp(0.0, 1.0),
            y: (f64::from(y) / f64::from(self.height_px)).clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_with_a_bad_number_is_not_usable() {
        let good = BoxPx { left: -3.0, top: 4.0, width: 10.0, height: 20.0 };
        assert!(good.is_usable());
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e9] {
            for i in 0..4 {
                let mut numbers = [good.left, good.top, good.width, good.height];
                numbers[i] = bad;
                let [left, top, width, height] = numbers;
                assert!(!BoxPx { left, top, width, height }.is_usable(), "{bad} at {i}");
            }
        }
        assert!(!BoxPx { width: 0.0, ..good }.is_usable());
        assert!(!BoxPx { height: -1.0, ..good }.is_usable());
    }

    #[test]
    fn a_foot_point_below_the_picture_is_clamped_to_its_edge() {
        let foot = FrameSize::new(100, 100).foot(BoxPx { left: 40.0, top: 90.0, width: 20.0, height: 30.0 });
        assert_eq!((foot.x, foot.y), (0.5, 1.0));
    }
}
