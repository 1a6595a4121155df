//! HOTA, the measure in which the tracker is judged, small enough to run in a unit test.
//!
//! Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 2021: the geometric mean of
//! detection and association accuracy, averaged over 19 overlap thresholds.

use crate::BoxPx;
use crate::geometry::iou;
use crate::track::assign::Assignment;
use std::collections::BTreeMap;

/// Boxes with the id of their owner, by frame.
pub(crate) type Boxes = BTreeMap<u32, Vec<(u64, BoxPx)>>;

/// Ids numbered from 0, as the matrices want them.
#[derive(Default)]
struct Ids {
    number: BTreeMap<u64, usize>,
    boxes: Vec<f64>,
}

impl Ids {
    fn of(&mut self, id: u64) -> usize {
        let next = self.number.len();
        let number = *self.number.entry(id).or_insert(next);
        if number == self.boxes.len() {
            self.boxes.push(0.0);
        }
        number
    }
}

/// HOTA in percent of `found` against `truth`, over the frames of `frames`.
pub(crate) fn hota(truth: &Boxes, found: &Boxes, frames: impl Iterator<Item = u32> + Clone) -> f64 {
    let (mut truth_ids, mut found_ids) = (Ids::default(), Ids::default());
    let numbered = |boxes: &Boxes, ids: &mut Ids, frame: u32| -> Vec<(usize, BoxPx)> {
        let boxes = boxes.get(&frame).map_or(&[][..], Vec::as_slice);
        boxes.iter().map(|(id, bbox)| (ids.of(*id), *bbox)).collect()
    };
    let frames: Vec<_> =
        frames.map(|f| (numbered(truth, &mut truth_ids, f), numbered(found, &mut found_ids, f))).collect();
    let columns = found_ids.number.len();
    let mut likely = vec![0.0_f64; truth_ids.number.len() * columns];
    for (truth, found) in &frames {
        let overlap = |a: &BoxPx, b: &BoxPx| f64::from(iou(*a, *b));
        let of_truth: Vec<f64> =
            truth.iter().map(|(_, a)| found.iter().map(|(_, b)| overlap(a, b)).sum()).collect();
        let of_found: Vec<f64> =
            found.iter().map(|(_, b)| truth.iter().map(|(_, a)| overlap(a, b)).sum()).collect();
        for (i, (t, a)) in truth.iter().enumerate() {
            truth_ids.boxes[*t] += 1.0;
            for (j, (f, b)) in found.iter().enumerate() {
                let both = overlap(a, b);
                if both > 0.0 {
                    likely[t * columns + f] += both / (of_truth[i] + of_found[j] - both);
                }
            }
        }
        found.iter().for_each(|(f, _)| found_ids.boxes[*f] += 1.0);
    }
    let (all_truth, all_found) = (truth_ids.boxes.iter().sum::<f64>(), found_ids.boxes.iter().sum::<f64>());
    let union = |t: usize, f: usize, both: f64| truth_ids.boxes[t] + found_ids.boxes[f] - both;
    // The pairs do not depend on the threshold, so each pair's overlap is kept and judged 19 times.
    let mut pairs = Vec::new();
    let mut assignment = Assignment::default();
    for (truth, found) in &frames {
        let mut costs = Vec::new();
        for (t, a) in truth {
            for (f, b) in found {
                let both = likely[t * columns + f];
                #[allow(clippy::cast_possible_truncation, reason = "a cost")]
                costs.push(1.0 - (both / union(*t, *f, both)) as f32 * iou(*a, *b));
            }
        }
        assignment.solve(&costs, truth.len(), found.len(), 1.0);
        for (i, j) in &assignment.pairs {
            pairs.push((truth[*i].0 * columns + found[*j].0, f64::from(iou(truth[*i].1, found[*j].1))));
        }
    }
    let mut sum = 0.0;
    for step in 1..20 {
        let threshold = 0.05 * f64::from(step) - 1e-6;
        let mut matched: BTreeMap<usize, f64> = BTreeMap::new();
        for (pair, _) in pairs.iter().filter(|(_, overlap)| *overlap >= threshold) {
            *matched.entry(*pair).or_default() += 1.0;
        }
        let hits: f64 = matched.values().sum();
        let associated: f64 =
            matched.iter().map(|(pair, n)| n * n / union(pair / columns, pair % columns, *n)).sum();
        // DetA = TP / (TP + FN + FP); AssA = mean over TP of TPA / (TPA + FNA + FPA).
        sum += ((hits / (all_truth + all_found - hits)) * (associated / hits.max(1.0))).sqrt();
    }
    100.0 * sum / 19.0
}
