//! Overlap of boxes.

use crate::BoxPx;

/// Intersection over union of two boxes, 0..=1; 0 for boxes without area.
#[must_use]
pub fn iou(a: BoxPx, b: BoxPx) -> f32 {
    buffered_iou(a, b, 0.0)
}

/// Intersection over union after both boxes were widened by `margin_px` on every side: boxes that do not touch can
/// still be ranked by how far they are apart.
#[must_use]
pub fn buffered_iou(a: BoxPx, b: BoxPx, margin_px: f32) -> f32 {
    let m = 2.0 * margin_px;
    let x = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left) + m;
    let y = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top) + m;
    if x <= 0.0 || y <= 0.0 {
        return 0.0;
    }
    let both = x * y;
    let either = (a.width + m) * (a.height + m) + (b.width + m) * (b.height + m) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: BoxPx = BoxPx { left: 0.0, top: 0.0, width: 10.0, height: 10.0 };

    #[test]
    fn overlap_is_the_shared_part_of_the_common_area() {
        let table = [(0.0, 1.0), (5.0, 50.0 / 150.0), (10.0, 0.0), (30.0, 0.0)];
        for (shift, wanted) in table {
            let b = BoxPx { left: shift, ..A };
            assert!((iou(A, b) - wanted).abs() < 1e-6, "shift {shift}: {}", iou(A, b));
        }
        assert!(buffered_iou(A, BoxPx { left: 12.0, ..A }, 5.0) > 0.0);
        assert!(buffered_iou(A, BoxPx { left: 21.0, ..A }, 5.0) <= 0.0);
    }
}
