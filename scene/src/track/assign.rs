//! The assignment problem: which detection belongs to which track, so that the sum of costs is least.
//!
//! The Hungarian algorithm in its shortest-augmenting-path form with potentials, O(n²·m); its working memory is kept
//! between frames. (Kuhn 1955; Jonker and Volgenant 1987.)

/// Working memory and result.
#[derive(Debug, Clone, Default)]
pub(super) struct Assignment {
    row_potential: Vec<f32>,
    column_potential: Vec<f32>,
    /// For each column (0 is a helper) the row that holds it, counted from 1; 0 for none.
    holder: Vec<usize>,
    came_from: Vec<usize>,
    least: Vec<f32>,
    used: Vec<bool>,
    transposed: Vec<f32>,
    /// Pairs of row and column.
    pub(super) pairs: Vec<(usize, usize)>,
}

impl Assignment {
    /// Finds the pairs with the least sum; no pair costs `limit` or more. `costs` is row by row, none of them NaN.
    pub(super) fn solve(&mut self, costs: &[f32], rows: usize, columns: usize, limit: f32) {
        self.pairs.clear();
        if rows == 0 || columns == 0 {
            return;
        }
        // A cost cut off at the limit stands for "leave both alone"; with no fewer columns than rows there is always
        // a free column for that.
        if rows <= columns {
            self.run(|row, column| costs[row * columns + column].min(limit), rows, columns);
            let pairs = self.holder.iter().enumerate().skip(1).filter(|(_, row)| **row > 0);
            self.pairs.extend(pairs.map(|(column, row)| (row - 1, column - 1)));
        } else {
            let mut transposed = std::mem::take(&mut self.transposed);
            transposed.clear();
            transposed
                .extend((0..columns).flat_map(|c| (0..rows).map(move |r| costs[r * columns + c].min(limit))));
            self.run(|row, column| transposed[row * rows + column], columns, rows);
            let pairs = self.holder.iter().enumerate().skip(1).filter(|(_, row)| **row > 0);
            self.pairs.extend(pairs.map(|(column, row)| (column - 1, row - 1)));
            self.transposed = transposed;
        }
        self.pairs.retain(|(row, column)| costs[row * columns + column] < limit);
    }

    fn run(&mut self, cost: impl Fn(usize, usize) -> f32, rows: usize, columns: usize) {
        reset(&mut self.row_potential, rows + 1, 0.0);
        reset(&mut self.column_potential, columns + 1, 0.0);
        reset(&mut self.holder, columns + 1, 0);
        reset(&mut self.came_from, columns + 1, 0);
        for row in 1..=rows {
            reset(&mut self.least, columns + 1, f32::INFINITY);
            reset(&mut self.used, columns + 1, false);
            self.holder[0] = row;
            let mut column = 0;
            while self.holder[column] != 0 {
                column = self.grow_tree(&cost, column, columns);
            }
            while column != 0 {
                let before = self.came_from[column];
                self.holder[column] = self.holder[before];
                column = before;
            }
        }
    }

    /// One step of the search for a free column: settles `column` and returns the nearest one not yet settled.
    fn grow_tree(&mut self, cost: &impl Fn(usize, usize) -> f32, column: usize, columns: usize) -> usize {
        self.used[column] = true;
        let row = self.holder[column];
        let (mut step, mut nearest) = (f32::INFINITY, column);
        for j in 1..=columns {
            if self.used[j] {
                continue;
            }
            let reduced = cost(row - 1, j - 1) - self.row_potential[row] - self.column_potential[j];
            if reduced < self.least[j] {
                self.least[j] = reduced;
                self.came_from[j] = column;
            }
            if self.least[j] < step || nearest == column {
                step = self.least[j];
                nearest = j;
            }
        }
        for j in 0..=columns {
            if self.used[j] {
                self.row_potential[self.holder[j]] += step;
                self.column_potential[j] -= step;
            } else {
                self.least[j] -= step;
            }
        }
        nearest
    }
}

fn reset<T: Clone>(values: &mut Vec<T>, length: usize, value: T) {
    values.clear();
    values.resize(length, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least sum by trying everything; leaving a row alone costs `limit`. `used` marks the taken columns.
    fn brute(costs: &[f32], columns: usize, limit: f32, used: u32) -> f32 {
        if costs.is_empty() {
            return 0.0;
        }
        let (row, rest) = costs.split_at(columns);
        let mut best = limit + brute(rest, columns, limit, used);
        for c in (0..columns).filter(|c| used & (1 << c) == 0 && row[*c] < limit) {
            best = best.min(row[c] + brute(rest, columns, limit, used | (1 << c)));
        }
        best
    }

    proptest! {
        #[test]
        fn the_sum_is_the_least_that_trying_everything_finds(
            rows in 1usize..6, columns in 1usize..6, seed in prop::collection::vec(0u8..100, 36)
        ) {
            let costs: Vec<f32> = seed.iter().take(rows * columns).map(|c| f32::from(*c) / 50.0).collect();
            let mut assignment = Assignment::default();
            assignment.solve(&costs, rows, columns, 1.0);
            let paired: f32 = assignment.pairs.iter().map(|(r, c)| costs[r * columns + c]).sum();
            let alone = rows - assignment.pairs.len();
            let sum = paired + f32::from(u8::try_from(alone).unwrap());
            prop_assert!((sum - brute(&costs, columns, 1.0, 0)).abs() < 1e-4);
        }
    }

    #[test]
    fn nothing_is_paired_at_or_above_the_limit() {
        let mut assignment = Assignment::default();
        assignment.solve(&[1.0, f32::INFINITY, 2.0, 1.0], 2, 2, 1.0);
        assert!(assignment.pairs.is_empty());
        assignment.solve(&[], 0, 3, 1.0);
        assert!(assignment.pairs.is_empty());
    }
}
