//! Which boxes are near which, without looking at every pair: boxes in the order of their left edges.

use crate::BoxPx;

/// The boxes of one frame, in the order of their left edges.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// Left edge and number of each box.
    by_left: Vec<(f32, usize)>,
    /// Largest width among them.
    widest: f32,
}

impl Order {
    /// Takes the boxes of a frame with their numbers.
    pub(super) fn fill(&mut self, boxes: impl Iterator<Item = (usize, BoxPx)>) {
        self.by_left.clear();
        self.widest = 0.0;
        for (number, bbox) in boxes {
            self.by_left.push((bbox.left, number));
            self.widest = self.widest.max(bbox.width);
        }
        self.by_left.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }

    /// The numbers of the boxes that may reach into the columns of pixels from `left` to `right`: all that do, and
    /// some that end before `left`.
    pub(super) fn between(&self, left: f32, right: f32) -> impl Iterator<Item = usize> + '_ {
        let from = self.by_left.partition_point(|(edge, _)| *edge < left - self.widest);
        let to = self.by_left.partition_point(|(edge, _)| *edge <= right).max(from);
        self.by_left[from..to].iter().map(|(_, number)| *number)
    }
}

#[cfg(test)]
impl Order {
    pub(super) fn capacity(&self) -> usize {
        self.by_left.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_box_that_reaches_into_the_columns_is_left_out(
            boxes in prop::collection::vec((-50.0f32..50.0, 0.1f32..40.0), 0..20), left in -60.0f32..60.0, width in 0.0f32..30.0
        ) {
            let mut order = Order::default();
            let of = |(left, width): &(f32, f32)| BoxPx { left: *left, top: 0.0, width: *width, height: 1.0 };
            order.fill(boxes.iter().map(of).enumerate());
            let found: Vec<_> = order.between(left, left + width).collect();
            for (i, (l, w)) in boxes.iter().enumerate() {
                if *l <= left + width && l + w >= left {
                    prop_assert!(found.contains(&i));
                }
            }
        }
    }
}
