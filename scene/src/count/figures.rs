//! Figures of a set of measured values.

use ngatu_protocol::Statistic;

/// Most values of one set in one window: an hour of a busy road. More of them change no figure.
const MOST: usize = 4096;

/// Values that were measured in a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<f64>);

impl Values {
    /// Adds a value; one that is no quantity is not one.
    pub(super) fn push(&mut self, value: f64) {
        if value.is_finite() && value >= 0.0 && self.0.len() < MOST {
            self.0.push(value);
        }
    }

    pub(super) fn samples(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Σv / n; `None` without values.
    pub(super) fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.iter().sum::<f64>() / self.0.len() as f64)
    }

    /// n / Σ(1/v), where nothing counts as slower than `least`; `None` without values.
    pub(super) fn harmonic_mean(&self, least: f64) -> Option<f64> {
        let slowness: f64 = self.0.iter().map(|value| 1.0 / value.max(least)).sum();
        (!self.0.is_empty()).then(|| self.0.len() as f64 / slowness)
    }

    /// The figure; `None` without values. Percentiles are interpolated between the ordered values (Hyndman & Fan,
    /// Sample Quantiles in Statistical Packages, 1996, definition 7).
    pub(super) fn figure(&mut self, statistic: Statistic) -> Option<f64> {
        let share = match statistic {
            Statistic::Mean => return self.mean(),
            Statistic::P15 => 0.15,
            Statistic::P50 => 0.5,
            Statistic::P85 => 0.85,
            Statistic::Max => 1.0,
        };
        self.0.sort_unstable_by(f64::total_cmp);
        let last = self.0.len().checked_sub(1)?;
        let place = share * last as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the last index")]
        let below = place.floor() as usize;
        let (low, high) = (self.0[below], self.0[(below + 1).min(last)]);
        Some(low + (high - low) * (place - below as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_few_values() {
        let mut values = Values::default();
        assert_eq!(values.figure(Statistic::P85), None);
        [4.0, 1.0, f64::NAN, -1.0, 2.0, 3.0, 5.0].into_iter().for_each(|value| values.push(value));
        let table = [
            (Statistic::Mean, 3.0),
            (Statistic::P15, 1.6),
            (Statistic::P50, 3.0),
            (Statistic::P85, 4.4),
            (Statistic::Max, 5.0),
        ];
        for (statistic, wanted) in table {
            let found = values.figure(statistic).unwrap();
            assert!((found - wanted).abs() < 1e-9, "{statistic}: {found}");
        }
        let harmonic = values.harmonic_mean(1.0).unwrap();
        assert!((harmonic - 5.0 / (1.0 + 0.5 + 1.0 / 3.0 + 0.25 + 0.2)).abs() < 1e-9, "{harmonic}");
    }
}
