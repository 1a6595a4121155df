//! Blobs of a mask: connected pixels, and the boxes around them.

use super::DetectError;
use opencv::core::{self, Mat, Rect, Scalar};
use opencv::imgproc;
use opencv::prelude::*;

/// Finds the blobs of masks; keeps its memory between pictures.
#[derive(Default)]
pub(super) struct Blobs {
    labels: Mat,
    stats: Mat,
    centers: Mat,
}

impl Blobs {
    /// Box and label of each blob of at least `min_area` pixels.
    pub(super) fn find(&mut self, mask: &Mat, min_area: f64) -> Result<Vec<(Rect, i32)>, DetectError> {
        let count = imgproc::connected_components_with_stats_def(
            mask,
            &mut self.labels,
            &mut self.stats,
            &mut self.centers,
        )?;
        let mut found = Vec::new();
        // Row 0 is what lies between the blobs.
        for row in 1..count {
            let stat = |column: i32| self.stats.at_2d::<i32>(row, column).copied();
            if f64::from(stat(imgproc::CC_STAT_AREA)?) < min_area {
                continue;
            }
            let corner = (stat(imgproc::CC_STAT_LEFT)?, stat(imgproc::CC_STAT_TOP)?);
            let extent = (stat(imgproc::CC_STAT_WIDTH)?, stat(imgproc::CC_STAT_HEIGHT)?);
            found.push((Rect::new(corner.0, corner.1, extent.0, extent.1), row));
        }
        Ok(found)
    }

    /// 255 inside `rect` where the blob of this label is.
    pub(super) fn mask(&self, rect: Rect, label: i32) -> Result<Mat, DetectError> {
        let (own, mut mask) = (Scalar::all(f64::from(label)), Mat::default());
        core::in_range(&Mat::roi(&self.labels, rect)?, &own, &own, &mut mask)?;
        Ok(mask)
    }
}

/// Joins boxes that overlap: parts of one object that the closing did not reach.
pub(super) fn merge(mut rects: Vec<Rect>) -> Vec<Rect> {
    let mut merged: Vec<Rect> = Vec::new();
    while let Some(mut rect) = rects.pop() {
        // A joined box may reach others, so it is compared with all again.
        match merged.iter().position(|other| (*other & rect).area() > 0) {
            Some(at) => {
                rect |= merged.swap_remove(at);
                rects.push(rect);
            }
            None => merged.push(rect),
        }
    }
    merged.sort_by_key(|rect| (rect.y, rect.x));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_boxes_become_one_and_others_stay() {
        let rects = vec![
            Rect::new(0, 0, 10, 10),
            Rect::new(50, 50, 5, 5),
            Rect::new(18, 0, 10, 10),
            Rect::new(8, 0, 12, 10),
        ];
        assert_eq!(merge(rects), [Rect::new(0, 0, 28, 10), Rect::new(50, 50, 5, 5)]);
    }
}
