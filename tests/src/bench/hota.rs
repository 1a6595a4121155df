//! HOTA, the measure in which trackers are judged.
//!
//! Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 2021: the geometric mean of
//! detection and association accuracy, averaged over 19 overlap thresholds from 0.05 to 0.95. As in the authors' own
//! program, the boxes of a frame are paired once, by how well their owners go together over the whole sequence times
//! their overlap.

use ngatu_scene::BoxPx;
use std::collections::BTreeMap;

/// Boxes with the id of their owner, by frame.
pub type Boxes = BTreeMap<u32, Vec<(u64, BoxPx)>>;

/// Ids numbered from 0, as the matrices want them, with the number of boxes of each.
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
        self.boxes[number] += 1.0;
        number
    }
}

/// The boxes of one frame with their owners' numbers, and all overlaps, truth by truth.
struct Frame {
    truth: Vec<usize>,
    found: Vec<usize>,
    overlaps: Vec<f64>,
}

/// HOTA in percent of `found` against `truth`, over the frames of `frames`.
#[must_use]
pub fn hota(truth: &Boxes, found: &Boxes, frames: impl Iterator<Item = u32>) -> f64 {
    let (mut truth_ids, mut found_ids) = (Ids::default(), Ids::default());
    let frames: Vec<Frame> = frames
        .map(|frame| {
            let of = |boxes: &'_ Boxes| boxes.get(&frame).cloned().unwrap_or_default();
            let (truth, found) = (of(truth), of(found));
            let overlaps = truth.iter().flat_map(|(_, a)| found.iter().map(|(_, b)| iou(*a, *b))).collect();
            Frame {
                truth: truth.iter().map(|(id, _)| truth_ids.of(*id)).collect(),
                found: found.iter().map(|(id, _)| found_ids.of(*id)).collect(),
                overlaps,
            }
        })
        .collect();
    let columns = found_ids.boxes.len();
    let together = together(&frames, truth_ids.boxes.len(), columns);
    let union = |t: usize, f: usize, both: f64| truth_ids.boxes[t] + found_ids.boxes[f] - both;
    // The pairs do not depend on the threshold, so each pair's overlap is kept and judged 19 times.
    let mut pairs: Vec<(usize, f64)> = Vec::new();
    for frame in &frames {
        let width = frame.found.len();
        let worth = |i: usize, j: usize| {
            let (t, f) = (frame.truth[i], frame.found[j]);
            let both = together[t * columns + f];
            both / union(t, f, both) * frame.overlaps[i * width + j]
        };
        for (i, j) in best_pairs(frame.truth.len(), width, &worth) {
            pairs.push((frame.truth[i] * columns + frame.found[j], frame.overlaps[i * width + j]));
        }
    }
    let boxes = truth_ids.boxes.iter().sum::<f64>() + found_ids.boxes.iter().sum::<f64>();
    let mut sum = 0.0;
    for step in 1..20 {
        let threshold = 0.05 * f64::from(step) - f64::EPSILON;
        let mut matched: BTreeMap<usize, f64> = BTreeMap::new();
        for (pair, _) in pairs.iter().filter(|(_, overlap)| *overlap >= threshold) {
            *matched.entry(*pair).or_default() += 1.0;
        }
        let hits: f64 = matched.values().sum();
        let associated: f64 =
            matched.iter().map(|(pair, n)| n * n / union(pair / columns, pair % columns, *n)).sum();
        // DetA = TP / (TP + FN + FP); AssA = mean over TP of TPA / (TPA + FNA + FPA).
        sum += (hits / (boxes - hits).max(1.0) * (associated / hits.max(1.0))).sqrt();
    }
    100.0 * sum / 19.0
}

/// How many frames each pair of owners spends together; a frame counts as the share of their overlap in all overlaps
/// of the two boxes.
fn together(frames: &[Frame], rows: usize, columns: usize) -> Vec<f64> {
    let mut together = vec![0.0_f64; rows * columns];
    for frame in frames {
        let width = frame.found.len();
        let all = |pick: &dyn Fn(usize) -> bool| -> f64 {
            frame.overlaps.iter().enumerate().filter(|(at, _)| pick(*at)).map(|(_, overlap)| overlap).sum()
        };
        let of_truth: Vec<f64> = (0..frame.truth.len()).map(|i| all(&|at| at / width == i)).collect();
        let of_found: Vec<f64> = (0..width).map(|j| all(&|at| at % width == j)).collect();
        for (at, overlap) in frame.overlaps.iter().enumerate().filter(|(_, overlap)| **overlap > 0.0) {
            let (i, j) = (at / width, at % width);
            together[frame.truth[i] * columns + frame.found[j]] +=
                overlap / (of_truth[i] + of_found[j] - overlap);
        }
    }
    together
}

/// Intersection over union.
fn iou(a: BoxPx, b: BoxPx) -> f64 {
    let [a, b] = [a, b].map(|c| [c.left, c.top, c.width, c.height].map(f64::from));
    let x = (a[0] + a[2]).min(b[0] + b[2]) - a[0].max(b[0]);
    let y = (a[1] + a[3]).min(b[1] + b[3]) - a[1].max(b[1]);
    if x <= 0.0 || y <= 0.0 { 0.0 } else { x * y / (a[2] * a[3] + b[2] * b[3] - x * y) }
}

/// The pairs of rows and columns with the largest sum of worths; none that is worth nothing.
///
/// The Hungarian algorithm with shortest augmenting paths, O(n³).
fn best_pairs(rows: usize, columns: usize, worth: &dyn Fn(usize, usize) -> f64) -> Vec<(usize, usize)> {
    if rows > columns {
        let turned = best_pairs(columns, rows, &|i, j| worth(j, i));
        return turned.into_iter().map(|(i, j)| (j, i)).collect();
    }
    // Row 0 and column 0 are helpers; `holder` is the row that holds a column, 0 for none.
    let (mut of_row, mut of_column) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut holder = vec![0_usize; columns + 1];
    for row in 1..=rows {
        let (mut least, mut from) = (vec![f64::INFINITY; columns + 1], vec![0_usize; columns + 1]);
        let mut settled = vec![false; columns + 1];
        holder[0] = row;
        let mut at = 0;
        while holder[at] != 0 {
            settled[at] = true;
            let (mut step, mut next) = (f64::INFINITY, at);
            for j in (1..=columns).filter(|j| !settled[*j]) {
                let reduced = -worth(holder[at] - 1, j - 1) - of_row[holder[at]] - of_column[j];
                if reduced < least[j] {
                    (least[j], from[j]) = (reduced, at);
                }
                if least[j] < step {
                    (step, next) = (least[j], j);
                }
            }
            for j in 0..=columns {
                if settled[j] {
                    of_row[holder[j]] += step;
                    of_column[j] -= step;
                } else {
                    least[j] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            holder[at] = holder[from[at]];
            at = from[at];
        }
    }
    (1..=columns)
        .filter(|j| holder[*j] != 0 && worth(holder[*j] - 1, j - 1) > 0.0)
        .map(|j| (holder[j] - 1, j - 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(left: f32) -> BoxPx {
        BoxPx { left, top: 0.0, width: 10.0, height: 10.0 }
    }

    /// Ten frames of two people, under the ids that `id` gives them.
    fn people(shift: f32, id: impl Fn(u32, u64) -> u64) -> Boxes {
        let frame = |n| (n, vec![(id(n, 1), at(shift)), (id(n, 2), at(100.0 + shift))]);
        (1..=10).map(frame).collect()
    }

    #[test]
    fn hota_of_cases_that_can_be_reckoned_by_hand() {
        let truth = people(0.0, |_, who| who);
        let of = |found: &Boxes| hota(&truth, found, 1..=10);
        assert!((of(&truth) - 100.0).abs() < 1e-9);
        assert!(of(&Boxes::new()).abs() < 1e-9);
        // An overlap of 1/3 passes 6 of the 19 thresholds.
        assert!((of(&people(5.0, |_, who| who)) - 600.0 / 19.0).abs() < 1e-9);
        // Both change their number in the middle: all is detected; each hit shares 5 frames of 10, so AssA is 1/2.
        let changed = of(&people(0.0, |frame, who| if frame > 5 { who + 2 } else { who }));
        assert!((changed - 100.0 * 0.5_f64.sqrt()).abs() < 1e-9, "{changed}");
        // One of two is missed: DetA is 1/2.
        let mut one = truth.clone();
        one.values_mut().for_each(|boxes| boxes.truncate(1));
        assert!((of(&one) - 100.0 * 0.5_f64.sqrt()).abs() < 1e-9);
    }

    /// Forty frames of five who cross each other's ways, and what a poor tracker makes of them: trembling boxes, some
    /// missing, some of nobody, and numbers that change and change owners. Always the same.
    fn poor_tracking() -> (Boxes, Boxes) {
        let mut state = 7_u32;
        let mut dice = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let f = |n: u32| f32::from(u16::try_from(n).unwrap());
        let (mut truth, mut found) = (Boxes::new(), Boxes::new());
        for frame in 1..=40 {
            for who in 0..5 {
                let left = if who % 2 == 0 { 10 * frame } else { 400 - 9 * frame };
                let bbox = BoxPx { left: f(left), top: f(12 * who), width: 30.0, height: 80.0 };
                truth.entry(frame).or_default().push((u64::from(who), bbox));
                if dice(8) == 0 {
                    continue;
                }
                let number = if frame < 20 { who } else { (who + frame / 15) % 7 };
                let trembling = BoxPx { left: f(left + dice(9)), top: f(12 * who + dice(14)), ..bbox };
                found.entry(frame).or_default().push((u64::from(number), trembling));
            }
            if dice(3) == 0 {
                let nobody = BoxPx { left: f(dice(400)), top: f(dice(60)), width: 30.0, height: 70.0 };
                found.entry(frame).or_default().push((u64::from(10 + dice(3)), nobody));
            }
        }
        (truth, found)
    }

    #[test]
    fn hota_of_a_poor_tracker_is_what_trackeval_says() {
        let (truth, found) = poor_tracking();
        let ours = hota(&truth, &found, 1..=40);
        // The same boxes scored with TrackEval 1.3.0, overlaps included.
        assert!((ours - 28.537_780).abs() < 1e-4, "{ours}");
    }

    #[test]
    fn the_largest_sum_is_taken_not_the_largest_pair() {
        let worths = [[0.9, 0.8], [0.8, 0.1], [0.0, 0.0]];
        let mut pairs = best_pairs(3, 2, &|i, j| worths[i][j]);
        pairs.sort_unstable();
        assert_eq!(pairs, [(0, 1), (1, 0)]);
    }
}
