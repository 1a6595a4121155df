//! NanoDet's outputs as detections: a pure function of the six tensors.
//!
//! NanoDet (generalised focal loss, <https://arxiv.org/abs/2006.04388>) gives for each cell a score per class and, for
//! each side of the box, a distribution over 11 distances; the distance is the distribution's mean.

use ngatu_protocol::RoadUserClass;
use ngatu_scene::geometry::iou;
use ngatu_scene::{BoxPx, Detection};

/// Names of the model's outputs: the scores and the distances of each level.
pub const OUTPUTS: [(&str, &str, u16); 3] =
    [("cls8", "reg8", 8), ("cls16", "reg16", 16), ("cls32", "reg32", 32)];

/// Classes of COCO in a row of scores.
const CLASSES: usize = 80;
/// Distances in a distribution: 0 to 10 strides.
const BINS: usize = 11;
/// Boxes of one kind that overlap more than this are one object.
const SAME_OBJECT_IOU: f32 = 0.6;
/// Boxes that go into the suppression at most; a picture with more road users is noise.
const MOST_CANDIDATES: usize = 500;

/// The COCO numbers of what we look for.
const ROAD_USERS: [(usize, RoadUserClass); 6] = [
    (0, RoadUserClass::Person),
    (1, RoadUserClass::Bicycle),
    (2, RoadUserClass::Car),
    (3, RoadUserClass::Motorcycle),
    (5, RoadUserClass::Bus),
    (7, RoadUserClass::Truck),
];

/// One level of the output pyramid.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// Pixels of the input between two cells.
    pub stride_px: u16,
    /// Cells in a row.
    pub columns: usize,
    /// For each cell 80 scores, 0..=1.
    pub scores: &'a [f32],
    /// For each cell the left, top, right and bottom distributions, 11 values each.
    pub distances: &'a [f32],
}

/// The detections with a score of at least `min_score`, in pixels of the input, best first. Tensors that are shorter
/// than they should be give fewer detections.
#[must_use]
pub fn decode(levels: &[Level<'_>], min_score: f32) -> Vec<Detection> {
    let mut found = Vec::new();
    for level in levels {
        let rows = level.scores.chunks_exact(CLASSES).zip(level.distances.chunks_exact(4 * BINS));
        for (cell, (scores, distances)) in rows.enumerate() {
            let (class, score) = best_class(scores);
            if score >= min_score {
                found.push(Detection { bbox: bbox(level, cell, distances), class, score: score.min(1.0) });
            }
        }
    }
    found.retain(Detection::is_usable);
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MOST_CANDIDATES);
    suppress(found)
}

/// The likeliest of the classes that we look for.
fn best_class(scores: &[f32]) -> (RoadUserClass, f32) {
    let mut best = (RoadUserClass::Person, f32::MIN);
    for (number, class) in ROAD_USERS {
        if scores[number] > best.1 {
            best = (class, scores[number]);
        }
    }
    best
}

fn bbox(level: &Level<'_>, cell: usize, distances: &[f32]) -> BoxPx {
    let stride = f32::from(level.stride_px);
    let center = |i: usize| (i as f32 + 0.5) * stride;
    let (x, y) = (center(cell % level.columns), center(cell / level.columns));
    let side = |i: usize| mean_bin(&distances[i * BINS..(i + 1) * BINS]) * stride;
    let (left, top, right, bottom) = (x - side(0), y - side(1), x + side(2), y + side(3));
    BoxPx { left, top, width: right - left, height: bottom - top }
}

/// The mean of the distribution softmax(`values`) over 0, 1, 2 …
fn mean_bin(values: &[f32]) -> f32 {
    let highest = values.iter().copied().fold(f32::MIN, f32::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (bin, value) in values.iter().enumerate() {
        let weight = (value - highest).exp();
        sum += weight;
        weighted += weight * bin as f32;
    }
    weighted / sum
}

/// Keeps the best of the boxes that show one object. `found` is sorted, best first.
fn suppress(found: Vec<Detection>) -> Vec<Detection> {
    let mut kept: Vec<Detection> = Vec::new();
    for detection in found {
        let covered = kept
            .iter()
            .any(|k| same_kind(k.class, detection.class) && iou(k.bbox, detection.bbox) > SAME_OBJECT_IOU);
        if !covered {
            kept.push(detection);
        }
    }
    kept
}

/// Car, bus and lorry are often taken for each other, so one object must not count as two of them.
fn same_kind(a: RoadUserClass, b: RoadUserClass) -> bool {
    a == b || a.is_large_vehicle() && b.is_large_vehicle()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One level of stride 32 with 13 × 13 cells, in which nothing was found.
    struct Tensors {
        scores: Vec<f32>,
        distances: Vec<f32>,
    }

    impl Tensors {
        fn empty() -> Self {
            Self { scores: vec![0.0; 169 * CLASSES], distances: vec![0.0; 169 * 4 * BINS] }
        }

        /// Puts an object into a cell; each side is that many strides away.
        fn with(mut self, cell: usize, class: usize, score: f32, sides: [usize; 4]) -> Self {
            self.scores[cell * CLASSES + class] = score;
            for (side, bin) in sides.into_iter().enumerate() {
                // So peaked that the mean is the bin itself.
                self.distances[(cell * 4 + side) * BINS + bin] = 100.0;
            }
            self
        }

        fn decode(&self, min_score: f32) -> Vec<Detection> {
            let level =
                Level { stride_px: 32, columns: 13, scores: &self.scores, distances: &self.distances };
            decode(&[level], min_score)
        }
    }

    #[test]
    fn a_box_lies_around_its_cells_centre() {
        let found = Tensors::empty().with(13 * 2 + 3, 0, 0.9, [1, 2, 3, 4]).decode(0.1);
        // The cell in column 3 and row 2 has its centre at (112, 80).
        let bbox = BoxPx { left: 80.0, top: 16.0, width: 128.0, height: 192.0 };
        assert_eq!(found, [Detection { bbox, class: RoadUserClass::Person, score: 0.9 }]);
    }

    #[test]
    fn an_even_distribution_means_five_strides() {
        let mut tensors = Tensors::empty();
        tensors.scores[84 * CLASSES + 2] = 0.5;
        let found = tensors.decode(0.1);
        assert_eq!((found[0].bbox.width, found[0].bbox.height), (320.0, 320.0));
    }

    #[test]
    fn what_the_classes_and_scores_become() {
        let none: &[RoadUserClass] = &[];
        let table = [
            ("each class of ours", vec![(0, 0.5), (30, 0.0)], vec![RoadUserClass::Person]),
            ("a class that is not ours", vec![(16, 0.9)], none.to_vec()),
            ("below the threshold", vec![(2, 0.09)], none.to_vec()),
            ("the likelier of two", vec![(2, 0.4), (7, 0.6)], vec![RoadUserClass::Truck]),
            ("not a number", vec![(3, f32::NAN)], none.to_vec()),
            ("a motorcycle", vec![(3, 0.36)], vec![RoadUserClass::Motorcycle]),
        ];
        for (name, scores, wanted) in table {
            let tensors = scores.iter().fold(Tensors::empty(), |tensors, (class, score)| {
                tensors.with(84, *class, *score, [1, 1, 1, 1])
            });
            let classes: Vec<_> = tensors.decode(0.1).iter().map(|d| d.class).collect();
            assert_eq!(classes, wanted, "{name}");
        }
    }

    #[test]
    fn one_object_is_found_once_but_a_rider_stays_beside_the_motorcycle() {
        let sides = [3, 3, 3, 3];
        let pair = |a, b| Tensors::empty().with(84, a, 0.9, sides).with(85, b, 0.8, sides).decode(0.1).len();
        assert_eq!(pair(0, 0), 1, "two persons at one place");
        assert_eq!(pair(2, 7), 1, "a car that is also taken for a lorry");
        assert_eq!(pair(0, 3), 2, "a rider and the motorcycle");
        assert_eq!(pair(2, 3), 2, "a car and a motorcycle");
        let apart = Tensors::empty().with(84, 0, 0.9, [1; 4]).with(88, 0, 0.8, [1; 4]).decode(0.1);
        assert_eq!(apart.len(), 2, "two persons apart");
        assert!(apart[0].score > apart[1].score, "the best comes first");
    }

    #[test]
    fn broken_tensors_do_no_harm() {
        let nan = vec![f32::NAN; 169 * CLASSES];
        let level = Level { stride_px: 32, columns: 13, scores: &nan, distances: &nan };
        assert_eq!(decode(&[level], 0.1), []);
        let ones = vec![1.0; CLASSES + 3];
        let level = Level { stride_px: 32, columns: 13, scores: &ones, distances: &nan[..4 * BINS] };
        assert_eq!(decode(&[level], 0.1), []);
    }
}
