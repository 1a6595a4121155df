//! The ledger of one outbox and lane: which numbers arrived, which are lost, and up to where nothing is missing.
//!
//! Pure: numbers in, counters and ranges out. What always holds: a number is settled at most once, and
//! `received + dead + lost + acked_before` is the count of settled numbers.

use std::fmt::Write as _;

/// A set of numbers as sorted ranges with a gap between each two; both ends inclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(u64, u64)>);

/// More ranges than this are not kept: an honest edge has a handful of gaps at most, and sends again what was not
/// settled. The worst case, 20,000 messages in random order, needs 5,000; a row of this many is some 250 kB.
pub const MAX_RANGES: usize = 16_384;

impl Ranges {
    /// The ranges, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// Whether the number is in the set.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let next = self.0.partition_point(|(_, to)| *to < number);
        self.0.get(next).is_some_and(|(from, _)| *from <= number)
    }

    /// How many numbers the set has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(from, to)| to - from + 1).sum()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `from..=to` and answers how many of them are new. Changes nothing when that would make too many ranges.
    pub fn insert(&mut self, from: u64, to: u64) -> u64 {
        // The usual case: the next number after the last.
        if let Some(last) = self.0.last_mut()
            && last.1.checked_add(1) == Some(from)
        {
            last.1 = to;
            return to - from + 1;
        }
        let first = self.0.partition_point(|(_, end)| end.saturating_add(1) < from);
        let after = self.0.partition_point(|(start, _)| *start <= to.saturating_add(1));
        let merged = &self.0[first..after];
        if merged.is_empty() && self.0.len() >= MAX_RANGES {
            return 0;
        }
        let known: u64 = merged
            .iter()
            .map(|(start, end)| (*end).min(to).saturating_add(1).saturating_sub((*start).max(from)))
            .sum();
        let start = merged.first().map_or(from, |(start, _)| from.min(*start));
        let end = merged.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..after, [(start, end)]);
        to - from + 1 - known
    }

    /// Takes one number out and answers whether it was there.
    pub fn remove(&mut self, number: u64) -> bool {
        let at = self.0.partition_point(|(_, to)| *to < number);
        let Some(&(from, to)) = self.0.get(at).filter(|(from, _)| *from <= number) else { return false };
        let parts = [(from, number.wrapping_sub(1)), (number + 1, to)];
        self.0.splice(at..=at, parts.into_iter().filter(|(a, b)| a <= b && *b != u64::MAX));
        true
    }

    /// The numbers from 1 to `highest` that are not in the set, as ranges.
    #[must_use]
    pub fn gaps(&self, highest: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut next = 1;
        for &(from, to) in &self.0 {
            if next < from && next <= highest {
                gaps.push((next, (from - 1).min(highest)));
            }
            next = to.saturating_add(1);
        }
        if next <= highest {
            gaps.push((next, highest));
        }
        gaps
    }

    /// The end of the unbroken run from 1; 0 when 1 is missing.
    #[must_use]
    pub fn upto(&self) -> u64 {
        self.0.first().filter(|(from, _)| *from <= 1).map_or(0, |(_, to)| *to)
    }

    /// Reads PostgreSQL's text of an `int8multirange`, such as `{[1,5),[7,9)}`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Ranges> {
        let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
        let mut ranges = Vec::new();
        for part in inner.split_inclusive([')', ']']) {
            let part = part.trim_start_matches(',');
            let closed = part.ends_with(']');
            let (from, to) = part.strip_prefix('[')?.trim_end_matches([')', ']']).split_once(',')?;
            let to: u64 = to.parse().ok()?;
            ranges.push((from.parse().ok()?, if closed { to } else { to.checked_sub(1)? }));
        }
        Some(Ranges(ranges))
    }

    /// The text that PostgreSQL reads as an `int8multirange`.
    #[must_use]
    pub fn to_multirange(&self) -> String {
        let mut text = String::with_capacity(2 + self.0.len() * 12);
        text.push('{');
        for (i, (from, to)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(text, "{comma}[{from},{to}]");
        }
        text.push('}');
        text
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Numbers that need not be waited for.
    pub settled: Ranges,
    /// Those of them that were declared lost.
    pub lost_numbers: Ranges,
    /// The highest number seen.
    pub highest: u64,
    /// Stored rows and declarations of loss.
    pub received: u64,
    /// Dead-lettered.
    pub dead: u64,
    /// Arrived again.
    pub duplicates: u64,
    /// Acknowledged by a center before this ledger began.
    pub acked_before: u64,
}

impl Ledger {
    /// A message was stored; `new` says whether the database took a row or had it already.
    pub fn stored(&mut self, number: u64, new: bool) {
        self.highest = self.highest.max(number);
        if self.settled.contains(number) {
            // It was given up, but here it is.
            if new && self.lost_numbers.remove(number) {
                self.received += 1;
            } else if new && self.acked_before > 0 {
                self.acked_before -= 1;
                self.received += 1;
            } else {
                self.duplicates += 1;
            }
        } else if self.settled.insert(number, number) == 1 {
            self.received += 1;
        }
    }

    /// A message was refused for good. Answers whether that is news.
    pub fn refused(&mut self, number: u64) -> bool {
        self.highest = self.highest.max(number);
        if self.settled.insert(number, number) == 1 {
            self.dead += 1;
            return true;
        }
        self.duplicates += 1;
        false
    }

    /// The edge declared `from..=to` lost. What arrived all the same does not count. Answers how many are lost.
    pub fn lost(&mut self, from: u64, to: u64) -> u64 {
        let missing = self.settled.gaps(to);
        let mut count = 0;
        for (start, end) in missing.into_iter().filter(|(_, end)| *end >= from) {
            let start = start.max(from);
            if self.settled.insert(start, end) > 0 {
                self.lost_numbers.insert(start, end);
                count += end - start + 1;
            }
        }
        self.highest = self.highest.max(to);
        count
    }

    /// The edge's outbox begins at `oldest`: what lies below was acknowledged before, if not here then to an earlier
    /// database of ours.
    pub fn begins_at(&mut self, oldest: u64) {
        if oldest > 1 {
            self.acked_before += self.settled.insert(1, oldest - 1);
            self.highest = self.highest.max(oldest - 1);
        }
    }

    /// How many numbers are lost.
    #[must_use]
    pub fn lost_count(&self) -> u64 {
        self.lost_numbers.len()
    }

    /// Up to where nothing is missing: what the edge may forget.
    #[must_use]
    pub fn upto(&self) -> u64 {
        self.settled.upto()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set_of(ranges: &Ranges) -> BTreeSet<u64> {
        ranges.as_slice().iter().flat_map(|(from, to)| *from..=*to).collect()
    }

    #[test]
    fn a_gap_is_pending_until_it_is_filled() {
        let mut ledger = Ledger::default();
        for number in [1, 2, 5] {
            ledger.stored(number, true);
        }
        assert_eq!((ledger.upto(), ledger.highest), (2, 5));
        assert_eq!(ledger.settled.gaps(ledger.highest), [(3, 4)]);
        ledger.stored(4, true);
        ledger.stored(3, true);
        assert_eq!((ledger.upto(), ledger.received), (5, 5));
    }

    #[test]
    fn a_gap_that_the_edge_gives_up_is_lost_and_what_arrived_is_not() {
        let mut ledger = Ledger::default();
        ledger.stored(1, true);
        ledger.stored(4, true);
        assert_eq!(ledger.lost(2, 5), 3);
        ledger.stored(6, true);
        assert_eq!((ledger.upto(), ledger.lost_count(), ledger.received), (6, 3, 3));
        ledger.stored(3, true);
        assert_eq!(
            (ledger.lost_count(), ledger.received),
            (2, 4),
            "a lost message that comes late is not lost"
        );
    }

    #[test]
    fn a_new_database_does_not_wait_for_what_an_older_one_acknowledged() {
        let mut ledger = Ledger::default();
        ledger.stored(101, true);
        assert_eq!(ledger.upto(), 0);
        ledger.begins_at(100);
        assert_eq!((ledger.upto(), ledger.acked_before), (99, 99));
        ledger.stored(100, true);
        assert_eq!(ledger.upto(), 101);
    }

    #[test]
    fn text_of_the_database_reads_back() {
        assert_eq!(Ranges::parse("{}"), Some(Ranges::default()));
        assert_eq!(Ranges::parse("{[1,5),[7,9)}"), Some(Ranges(vec![(1, 4), (7, 8)])));
        assert_eq!(
            Ranges::parse(&Ranges(vec![(1, 4), (7, 7)]).to_multirange()),
            Some(Ranges(vec![(1, 4), (7, 7)]))
        );
        assert_eq!(Ranges::parse("nonsense"), None);
    }

    #[test]
    fn an_edge_cannot_make_the_ledger_grow_without_end() {
        let mut ledger = Ledger::default();
        for number in (1..40_000).step_by(2) {
            ledger.stored(number, true);
        }
        assert_eq!(ledger.settled.as_slice().len(), MAX_RANGES);
    }

    proptest! {
        #[test]
        fn ranges_are_a_set(steps in prop::collection::vec((1_u64..60, 0_u64..10, prop::bool::ANY), 0..60)) {
            let mut ranges = Ranges::default();
            let mut model = BTreeSet::new();
            for (from, length, add) in steps {
                if add {
                    let new = (from..=from + length).filter(|n| model.insert(*n)).count();
                    prop_assert_eq!(ranges.insert(from, from + length), new as u64);
                } else {
                    prop_assert_eq!(ranges.remove(from), model.remove(&from));
                }
                prop_assert_eq!(set_of(&ranges), model.clone());
                prop_assert!(ranges.as_slice().windows(2).all(|w| w[0].1 + 1 < w[1].0));
                prop_assert_eq!(ranges.len(), model.len() as u64);
                let gaps: BTreeSet<u64> = ranges.gaps(70).iter().flat_map(|(a, b)| *a..=*b).collect();
                prop_assert_eq!(gaps, (1..=70).filter(|n| !model.contains(n)).collect());
                let upto = (1..).find(|n| !model.contains(n)).unwrap() - 1;
                prop_assert_eq!(ranges.upto(), upto);
                prop_assert_eq!(Ranges::parse(&ranges.to_multirange()).unwrap(), ranges.clone());
            }
        }

        #[test]
        fn every_settled_number_is_counted_once(
            steps in prop::collection::vec((0_u8..4, 1_u64..40, 0_u64..6), 0..80),
        ) {
            let mut ledger = Ledger::default();
            let mut rows = BTreeSet::new();
            for (what, number, length) in steps {
                match what {
                    0 => ledger.stored(number, rows.insert(number)),
                    1 => { ledger.refused(number); }
                    2 => { ledger.lost(number, number + length); }
                    _ => ledger.begins_at(number),
                }
                let counted = ledger.received + ledger.dead + ledger.lost_count() + ledger.acked_before;
                prop_assert_eq!(counted, ledger.settled.len());
            }
        }
    }
}
