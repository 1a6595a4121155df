//! How much the alerts ask of their operators, as EEMUA 191 and ISA-18.2 measure it. Pure: activations and times in,
//! figures out.

use super::Severity;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use utoipa::ToSchema;

/// The window of EEMUA 191 and ISA-18.2.
pub const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// A flood begins with more alerts than this in a window, per operator (ISA-18.2, EEMUA 191).
pub const FLOOD_BEGINS_ABOVE: f64 = 10.0;
/// And ends with fewer than this (ISA-18.2).
pub const FLOOD_ENDS_BELOW: f64 = 5.0;
/// A source chatters when it activates so often
pub const CHATTER_COUNT: usize = 3;
/// within this time (ISA-18.2).
pub const CHATTER_WITHIN: TimeDelta = TimeDelta::minutes(1);
/// An alert that is active for longer is stale (ISA-18.2).
pub const STALE_AFTER: TimeDelta = TimeDelta::hours(24);
/// Sources that are named.
const TOP: usize = 10;

/// An alert that was raised, or that happened again.
#[derive(Debug, Clone, PartialEq)]
pub struct Activation {
    /// When, by the center's clock.
    pub at: DateTime<Utc>,
    /// Whether it is a new alert; else it was merged into one.
    pub raised: bool,
    /// How much it matters.
    pub severity: Severity,
    /// `edge/camera/rule`.
    pub source: String,
}

/// Alerts in 10 minutes, per operator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Rate {
    /// Alerts.
    pub alerts: u64,
    /// Windows of 10 minutes.
    pub windows: u64,
    /// Mean per operator and window; at most 1 is manageable (EEMUA 191).
    pub average: f64,
    /// Most per operator in a window; at most 10 is manageable (EEMUA 191).
    pub maximum: f64,
    /// Share of windows in a flood, 0..=1; below 0.01 is wanted (ISA-18.2).
    pub flood_share: f64,
    /// Floods that began.
    pub floods: u64,
}

/// A severity's share beside what EEMUA 191 recommends: 5 % high, 15 % medium, 80 % low. Critical counts into high.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Priority {
    /// The severity.
    pub severity: Severity,
    /// Alerts of it.
    pub alerts: u64,
    /// Their share, 0..=1.
    pub share: f64,
    /// The recommended share; of critical and high together for these two.
    pub recommended: f64,
}

/// A source and what it asks of the operators.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertSource {
    /// `edge/camera/rule`.
    pub source: String,
    /// How often: alerts among the top sources, most activations within a minute among those that chatter.
    pub count: u64,
    /// Share of all alerts, 0..=1.
    pub share: f64,
    /// When, the last time.
    pub last_at: DateTime<Utc>,
}

/// What follows from the activations alone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Load {
    /// Alerts in 10 minutes.
    pub rate: Rate,
    /// By severity.
    pub priorities: Vec<Priority>,
    /// The ten sources with the most alerts.
    pub top: Vec<AlertSource>,
    /// Sources that activated at least three times within a minute.
    pub chattering: Vec<AlertSource>,
    /// Alerts raised in each window of 10 minutes from the begin on, for all operators together.
    pub windows: Vec<u64>,
}

/// How often, and when the last time.
type Often = (u64, DateTime<Utc>);

/// What is known of a source so far.
#[derive(Debug, Default)]
struct Source {
    alerts: u64,
    last_raised: Option<DateTime<Utc>>,
    /// Its activations within [`CHATTER_WITHIN`] of the newest.
    recent: VecDeque<DateTime<Utc>>,
    /// Most activations within that time, and the last time at which it chattered.
    worst: Option<Often>,
}

/// Measures a time for so many operators, activation by activation: what it holds grows with the sources and the windows,
/// not with the activations.
#[derive(Debug)]
pub struct Meter {
    from: DateTime<Utc>,
    operators: u32,
    by_severity: HashMap<Severity, u64>,
    /// How many alerts each window has; the last may be cut off by the end.
    windows: Vec<u64>,
    sources: HashMap<String, Source>,
}

impl Meter {
    /// Nothing has happened in `from..to` yet.
    #[must_use]
    pub fn new((from, to): (DateTime<Utc>, DateTime<Utc>), operators: u32) -> Meter {
        let length = WINDOW.num_milliseconds();
        let windows = ((to - from).num_milliseconds().max(0) + length - 1) / length;
        let windows = vec![0; usize::try_from(windows).unwrap_or(0)];
        Meter { from, operators, by_severity: HashMap::new(), windows, sources: HashMap::new() }
    }

    /// Takes the next activation, in the order of time.
    pub fn push(&mut self, activation: Activation) {
        let Activation { at, raised, severity, source } = activation;
        let source = self.sources.entry(source).or_default();
        if raised {
            *self.by_severity.entry(severity).or_default() += 1;
            let window = (at - self.from).num_milliseconds().div_euclid(WINDOW.num_milliseconds());
            if let Some(count) = usize::try_from(window).ok().and_then(|window| self.windows.get_mut(window))
            {
                *count += 1;
            }
            source.alerts += 1;
            source.last_raised = source.last_raised.max(Some(at));
        }
        source.recent.push_back(at);
        while source.recent.front().is_some_and(|first| at - *first > CHATTER_WITHIN) {
            source.recent.pop_front();
        }
        if source.recent.len() >= CHATTER_COUNT {
            let count = u64::try_from(source.recent.len()).unwrap_or(u64::MAX);
            source.worst = Some((source.worst.map_or(0, |worst| worst.0).max(count), at));
        }
    }

    /// The figures.
    #[must_use]
    pub fn finish(self) -> Load {
        let alerts: u64 = self.by_severity.values().sum();
        let priority = |severity| self.priority(severity, alerts);
        let priorities = Severity::ALL.into_iter().map(priority).collect();
        let named = |pick: fn(&Source) -> Option<Often>| {
            let named = self.sources.iter().filter_map(|(name, source)| {
                let (count, last_at) = pick(source)?;
                let share = share(source.alerts, alerts);
                Some(AlertSource { source: name.clone(), count, share, last_at })
            });
            let mut named: Vec<AlertSource> = named.collect();
            named.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.source.cmp(&b.source)));
            named
        };
        let mut top = named(|source| Some((source.alerts, source.last_raised?)));
        top.truncate(TOP);
        let chattering = named(|source| source.worst);
        Load { rate: self.rate(), priorities, top, chattering, windows: self.windows }
    }

    fn rate(&self) -> Rate {
        let per_operator = |count: u64| real(count) / f64::from(self.operators.max(1));
        let (mut in_flood, mut flooded, mut floods, mut maximum) = (false, 0_u64, 0, 0.0_f64);
        for count in &self.windows {
            let count = per_operator(*count);
            maximum = maximum.max(count);
            let before = in_flood;
            in_flood = if before { count >= FLOOD_ENDS_BELOW } else { count > FLOOD_BEGINS_ABOVE };
            floods += u64::from(in_flood && !before);
            flooded += u64::from(in_flood);
        }
        let windows = u64::try_from(self.windows.len()).unwrap_or(u64::MAX);
        let alerts = self.windows.iter().sum();
        let average = if windows == 0 { 0.0 } else { per_operator(alerts) / real(windows) };
        Rate { alerts, windows, average, maximum, flood_share: share(flooded, windows), floods }
    }

    fn priority(&self, severity: Severity, all: u64) -> Priority {
        let alerts = self.by_severity.get(&severity).copied().unwrap_or(0);
        let recommended = match severity {
            Severity::Critical | Severity::High => 0.05,
            Severity::Medium => 0.15,
            Severity::Low => 0.80,
        };
        Priority { severity, alerts, share: share(alerts, all), recommended }
    }
}

fn real(count: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "counts of alerts are far below 2^52")]
    let real = count as f64;
    real
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { real(part) / real(whole) }
}

/// Whether alerts come faster than they can be worked: begins above 10 in the last 10 minutes per operator and ends below 5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flood(bool);

impl Flood {
    /// Takes how many alerts were raised within the last [`WINDOW`], and answers whether there is a flood now.
    pub fn step(&mut self, alerts: u64, operators: u32) -> bool {
        let count = real(alerts) / f64::from(operators.max(1));
        self.0 = if self.0 { count >= FLOOD_ENDS_BELOW } else { count > FLOOD_BEGINS_ABOVE };
        self.0
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.0
    }
}

/// A share with its 95 % interval after Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927): it holds for few trials, and for shares near 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Share {
    /// The share, 0..=1; none without trials.
    pub share: Option<f64>,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// The share of `hits` among `trials`.
#[must_use]
pub fn wilson(hits: u64, trials: u64) -> Share {
    if trials == 0 {
        return Share { share: None, low: 0.0, high: 1.0 };
    }
    let z = 1.959_963_985; // the 97.5 % quantile of the normal distribution
    let (n, p) = (real(trials), real(hits) / real(trials));
    let center = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    Share {
        share: Some(p),
        low: ((center - half) / scale).max(0.0),
        high: ((center + half) / scale).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_800_200 + seconds, 0).unwrap()
    }

    fn measure(all: &[Activation], during: (DateTime<Utc>, DateTime<Utc>), operators: u32) -> Load {
        let mut meter = Meter::new(during, operators);
        all.iter().cloned().for_each(|activation| meter.push(activation));
        meter.finish()
    }

    #[test]
    fn what_is_held_does_not_grow_with_the_activations() {
        let mut meter = Meter::new((at(0), at(86_400)), 1);
        for second in 0..86_400 {
            meter.push(raised(second, Severity::Low, "e/c/r"));
        }
        assert_eq!((meter.sources.len(), meter.windows.len()), (1, 144));
        assert!(meter.sources["e/c/r"].recent.len() <= 61);
        assert_eq!(meter.finish().rate.alerts, 86_400);
    }

    fn raised(seconds: i64, severity: Severity, source: &str) -> Activation {
        Activation { at: at(seconds), raised: true, severity, source: source.into() }
    }

    #[test]
    fn a_flood_begins_above_ten_and_ends_below_five() {
        let per_window = [3_u64, 11, 10, 5, 4, 10, 12, 0];
        let mut all = Vec::new();
        for (window, count) in (0_i64..).zip(per_window) {
            all.extend((0..count.cast_signed()).map(|i| raised(window * 600 + i, Severity::Low, "e/c/r")));
        }
        let Load { rate, windows, .. } = measure(&all, (at(0), at(8 * 600)), 1);
        assert_eq!(windows, per_window);
        assert_eq!((rate.alerts, rate.windows, rate.floods), (55, 8, 2));
        assert!((rate.flood_share - 0.5).abs() < 1e-9, "windows 2, 3, 4 and 7: {}", rate.flood_share);
        assert!((rate.maximum - 12.0).abs() < 1e-9 && (rate.average - 55.0 / 8.0).abs() < 1e-9);
        let two = measure(&all, (at(0), at(8 * 600)), 2).rate;
        assert!(two.floods == 0 && (two.maximum - 6.0).abs() < 1e-9, "two operators share them");
        let none = measure(&[], (at(0), at(0)), 1);
        assert_eq!((none.rate, none.top.len()), (Rate::default(), 0));
    }

    #[test]
    fn the_live_state_has_the_same_two_limits() {
        let mut flood = Flood::default();
        let table = [
            (10, 1, false),
            (11, 1, true),
            (5, 1, true),
            (4, 1, false),
            (20, 2, false),
            (21, 2, true),
            (1, 0, false),
        ];
        for (alerts, operators, wanted) in table {
            assert_eq!(flood.step(alerts, operators), wanted, "{alerts} for {operators}");
            assert_eq!(flood.is_on(), wanted);
        }
    }

    #[test]
    fn shares_stand_beside_the_recommended_ones_and_top_sources_come_first() {
        let mut all: Vec<_> =
            (0..12).map(|i| raised(i * 61, Severity::Low, &format!("e/c/{}", i % 11))).collect();
        all.push(raised(900, Severity::Critical, "e/c/0"));
        let load = measure(&all, (at(0), at(3600)), 1);
        let low = load.priorities.iter().find(|priority| priority.severity == Severity::Low).unwrap();
        assert!(low.alerts == 12 && (low.recommended - 0.8).abs() < 1e-9);
        assert_eq!(load.top.len(), 10);
        assert_eq!(
            (load.top[0].source.as_str(), load.top[0].count, load.top[0].last_at),
            ("e/c/0", 3, at(900))
        );
        assert!(load.chattering.is_empty());
    }

    #[test]
    fn three_activations_within_a_minute_chatter_and_merged_ones_count() {
        let again =
            |seconds, source: &str| Activation { raised: false, ..raised(seconds, Severity::Low, source) };
        let all = [
            raised(0, Severity::Low, "a"),
            raised(1, Severity::Low, "b"),
            again(30, "a"),
            again(60, "a"),
            again(62, "b"),
            again(63, "b"),
        ];
        let load = measure(&all, (at(0), at(600)), 1);
        assert_eq!(load.rate.alerts, 2);
        let names: Vec<_> =
            load.chattering.iter().map(|source| (source.source.as_str(), source.count)).collect();
        assert_eq!(names, [("a", 3)]);
    }

    /// 81 of 263 is the example of Newcombe, Statistics in Medicine 17 (1998), table I; the others follow by hand.
    #[test]
    fn wilsons_interval_equals_known_values() {
        for (hits, trials, low, high) in
            [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)]
        {
            let share = wilson(hits, trials);
            assert!(
                (share.low - low).abs() < 1e-4 && (share.high - high).abs() < 1e-4,
                "{hits}/{trials}: {share:?}"
            );
        }
        assert_eq!(wilson(0, 0), Share { share: None, low: 0.0, high: 1.0 });
    }
}
