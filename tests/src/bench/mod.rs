//! Benchmarks: each figure stands beside a floor that was measured in the same run on the same machine, because
//! absolute speeds of one disk swing by a factor of thirty within an hour.

pub mod alertlist;
pub mod backtest;
pub mod capacity;
pub mod counts;
pub mod fanout;
pub mod floors;
pub mod gate;
pub mod hota;
pub mod ingest;
pub mod latency;
pub mod policy;
pub mod rules;
pub mod small;
pub mod smoke;
pub mod tracking;
pub mod tracks;
pub mod video;

use std::fmt;

/// What a figure must reach.
#[derive(Debug, Clone, Copy)]
pub enum Bar {
    /// No bar, only a figure.
    None,
    /// The ratio to the floor must be at least this.
    RatioAtLeast(f64),
    /// The ratio to the floor must be at most this.
    RatioAtMost(f64),
    /// The value must be at least this.
    AtLeast(f64),
    /// The value must be at most this.
    AtMost(f64),
    /// The value must be at most this away from the floor, which is the truth then.
    Within(f64),
}

/// One figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The floor, same unit.
    pub floor: f64,
    /// What must hold.
    pub bar: Bar,
}

impl Figure {
    /// Value over floor.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.value / self.floor
    }

    /// Whether the bar is reached; none without a bar.
    #[must_use]
    pub fn passes(&self) -> Option<bool> {
        match self.bar {
            Bar::None => None,
            Bar::RatioAtLeast(wanted) => Some(self.ratio() >= wanted),
            Bar::RatioAtMost(wanted) => Some(self.ratio() <= wanted),
            Bar::AtLeast(wanted) => Some(self.value >= wanted),
            Bar::AtMost(wanted) => Some(self.value <= wanted),
            Bar::Within(wanted) => Some((self.value - self.floor).abs() <= wanted),
        }
    }

    /// The row of the summary's table.
    #[must_use]
    pub fn row(&self) -> String {
        let bar = match self.bar {
            Bar::None => "–".into(),
            Bar::RatioAtLeast(wanted) => format!("ratio ≥ {wanted}"),
            Bar::RatioAtMost(wanted) => format!("ratio ≤ {wanted}"),
            Bar::AtLeast(wanted) => format!("≥ {wanted} {}", self.unit),
            Bar::AtMost(wanted) => format!("≤ {wanted} {}", self.unit),
            Bar::Within(wanted) => format!("{} ± {wanted} {}", self.floor, self.unit),
        };
        let verdict = self.passes().map_or("", |pass| if pass { "PASS" } else { "MISS" });
        format!(
            "| {} | {} {} | {} | {:.2} | {bar} | {verdict} |",
            self.name,
            short(self.value),
            self.unit,
            short(self.floor),
            self.ratio()
        )
    }
}

/// The line of the figure: `bench NAME VALUE UNIT floor VALUE ratio R`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bench {} {} {} floor {} ratio {:.2}",
            self.name,
            short(self.value),
            self.unit,
            short(self.floor),
            self.ratio()
        )
    }
}

/// Four figures are more than a measurement on a shared machine deserves.
fn short(value: f64) -> String {
    if value.abs() >= 1000.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

/// The value below which `share` of the sorted values lie.
#[must_use]
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the length of a slice"
    )]
    let at = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// A count as a number to calculate with.
#[must_use]
pub fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
