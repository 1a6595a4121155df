//! The assignment problem: which detection belongs to which track, so that the sum of costs is least.
//!
//! Only pairs that are possible at all are offered. They fall into groups that share no track and no detection (two
//! people at one corner, a queue of cars at another), and each group is solved alone, so the work grows with the number
//! of road users and not with its cube. Within a group: the Hungarian algorithm in its shortest-augmenting-path form
//! with potentials, O(n²·m) (Kuhn 1955; Jonker and Volgenant 1987). Working memory is kept between frames.

/// A possible pair.
#[derive(Debug, Clone, Copy)]
struct Offer {
    /// The group that it belongs to: the number of one of its members.
    group: usize,
    row: usize,
    column: usize,
    cost: f32,
}

/// Working memory and result.
#[derive(Debug, Clone, Default)]
pub(super) struct Assignment {
    offers: Vec<Offer>,
    /// For each row, then each column: another member of its group that is nearer to the group's first, or itself.
    towards: Vec<usize>,
    /// Rows and columns of the group at hand, and the place of each in it.
    rows: Vec<usize>,
    columns: Vec<usize>,
    place: Vec<usize>,
    dense: Dense,
    /// Pairs of row and column.
    pub(super) pairs: Vec<(usize, usize)>,
}

impl Assignment {
    /// Forgets what was offered.
    pub(super) fn clear(&mut self) {
        self.offers.clear();
        self.pairs.clear();
    }

    /// Says that this row and column may be paired, at this cost. Each pair is offered once at most.
    pub(super) fn offer(&mut self, row: usize, column: usize, cost: f32) {
        self.offers.push(Offer { group: 0, row, column, cost });
    }

    /// Finds the pairs with the least sum, where leaving a row alone costs `limit`; no pair costs `limit` or more.
    pub(super) fn solve(&mut self, rows: usize, columns: usize, limit: f32) {
        self.pairs.clear();
        self.offers.retain(|offer| offer.cost < limit);
        self.towards.clear();
        self.towards.extend(0..rows + columns);
        for offer in &self.offers {
            let (a, b) = (first(&mut self.towards, offer.row), first(&mut self.towards, rows + offer.column));
            self.towards[a.max(b)] = a.min(b);
        }
        for offer in &mut self.offers {
            offer.group = first(&mut self.towards, offer.row);
        }
        self.offers.sort_unstable_by_key(|offer| (offer.group, offer.row, offer.column));
        self.place.clear();
        self.place.resize(rows + columns, usize::MAX);
        let offers = std::mem::take(&mut self.offers);
        for group in offers.chunk_by(|a, b| a.group == b.group) {
            self.solve_group(group, rows, limit);
        }
        self.offers = offers;
    }

    fn solve_group(&mut self, group: &[Offer], all_rows: usize, limit: f32) {
        if let [only] = group {
            self.pairs.push((only.row, only.column));
            return;
        }
        self.rows.clear();
        self.columns.clear();
        for offer in group {
            for (node, members, name) in [
                (offer.row, &mut self.rows, offer.row),
                (all_rows + offer.column, &mut self.columns, offer.column),
            ] {
                if self.place[node] == usize::MAX {
                    self.place[node] = members.len();
                    members.push(name);
                }
            }
        }
        // The algorithm wants no more rows than columns.
        let turned = self.rows.len() > self.columns.len();
        let (height, width) = if turned {
            (self.columns.len(), self.rows.len())
        } else {
            (self.rows.len(), self.columns.len())
        };
        // A cost of the limit stands for "leave both alone".
        reset(&mut self.dense.costs, height * width, limit);
        for offer in group {
            let (row, column) = (self.place[offer.row], self.place[all_rows + offer.column]);
            let at = if turned { column * width + row } else { row * width + column };
            self.dense.costs[at] = offer.cost;
        }
        self.dense.run(height, width);
        for column in 1..=width {
            let row = self.dense.holder[column];
            if row > 0 && self.dense.costs[(row - 1) * width + column - 1] < limit {
                let (row, column) = if turned { (column - 1, row - 1) } else { (row - 1, column - 1) };
                self.pairs.push((self.rows[row], self.columns[column]));
            }
        }
    }
}

/// The first member of the group of `node`; shortens the way there.
fn first(towards: &mut [usize], mut node: usize) -> usize {
    while towards[node] != node {
        towards[node] = towards[towards[node]];
        node = towards[node];
    }
    node
}

/// One full matrix.
#[derive(Debug, Clone, Default)]
struct Dense {
    costs: Vec<f32>,
    row_potential: Vec<f32>,
    column_potential: Vec<f32>,
    /// For each column (0 is a helper) the row that holds it, counted from 1; 0 for none.
    holder: Vec<usize>,
    came_from: Vec<usize>,
    least: Vec<f32>,
    used: Vec<bool>,
}

impl Dense {
    /// Gives each row a column, at the least sum; there are no fewer columns than rows.
    fn run(&mut self, rows: usize, columns: usize) {
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
                column = self.grow_tree(column, columns);
            }
            while column != 0 {
                let before = self.came_from[column];
                self.holder[column] = self.holder[before];
                column = before;
            }
        }
    }

    /// One step of the search for a free column: settles `column` and returns the nearest one not yet settled.
    fn grow_tree(&mut self, column: usize, columns: usize) -> usize {
        self.used[column] = true;
        let row = self.holder[column];
        let (mut step, mut nearest) = (f32::INFINITY, column);
        for j in 1..=columns {
            if self.used[j] {
                continue;
            }
            let cost = self.costs[(row - 1) * columns + j - 1];
            let reduced = cost - self.row_potential[row] - self.column_potential[j];
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
impl Assignment {
    /// Elements that all its vectors have room for.
    pub(super) fn capacity(&self) -> usize {
        let dense = &self.dense;
        let floats = [&dense.costs, &dense.row_potential, &dense.column_potential, &dense.least];
        let numbers =
            [&self.towards, &self.rows, &self.columns, &self.place, &dense.holder, &dense.came_from];
        floats.iter().map(|v| v.capacity()).sum::<usize>()
            + numbers.iter().map(|v| v.capacity()).sum::<usize>()
            + dense.used.capacity()
            + self.offers.capacity()
            + self.pairs.capacity()
    }
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
            rows in 1usize..6, columns in 1usize..6, dear in 0u8..100, seed in prop::collection::vec(0u8..100, 36)
        ) {
            // Costs from `dear` on are out of the question, so that the pairs fall into groups of all sizes.
            let cost = |c: &u8| if *c >= dear { 2.0 } else { f32::from(*c) / 50.0 };
            let costs: Vec<f32> = seed.iter().take(rows * columns).map(cost).collect();
            let mut assignment = Assignment::default();
            for (at, cost) in costs.iter().enumerate() {
                assignment.offer(at / columns, at % columns, *cost);
            }
            assignment.solve(rows, columns, 1.0);
            let mut taken: Vec<_> = assignment.pairs.iter().map(|(_, c)| *c).collect();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), assignment.pairs.len());
            let paired: f32 = assignment.pairs.iter().map(|(r, c)| costs[r * columns + c]).sum();
            let alone = rows - assignment.pairs.len();
            let sum = paired + f32::from(u8::try_from(alone).unwrap());
            prop_assert!((sum - brute(&costs, columns, 1.0, 0)).abs() < 1e-4);
        }
    }

    #[test]
    fn nothing_is_paired_at_or_above_the_limit() {
        let mut assignment = Assignment::default();
        for (row, column, cost) in [(0, 0, 1.0), (0, 1, f32::INFINITY), (1, 0, 2.0), (1, 1, 1.0)] {
            assignment.offer(row, column, cost);
        }
        assignment.solve(2, 2, 1.0);
        assert!(assignment.pairs.is_empty());
        assignment.clear();
        assignment.solve(0, 3, 1.0);
        assert!(assignment.pairs.is_empty());
    }
}
