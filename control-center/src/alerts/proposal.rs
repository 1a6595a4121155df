//! From verdicts to a proposed change of the policy. Pure: what people judged in, the smallest change out that spares them
//! most of what was wrong. A person decides; nothing here changes anything.

use super::Severity;
use crate::policy::body::{Matcher, PolicyBody, PolicyRule};
use ngatu_protocol::EventKind;
use serde::Serialize;
use utoipa::ToSchema;

/// A threshold must keep so much of what was right.
const KEEPS_RIGHT: f64 = 0.9;
/// And spare so much of what was wrong; else the alerts only matter less.
const SPARES_WRONG: f64 = 0.5;

/// A judged alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// How sure the detector was, 0..=1.
    pub confidence: f64,
    /// Whether it was right.
    pub right: bool,
}

/// What is proposed for one rule of one camera.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Proposal {
    /// The detector must be at least so sure; none when no threshold tells right from wrong, and only the severity is lowered.
    pub min_confidence: Option<f64>,
    /// Of the judged alerts that were right: how many would still be raised as before.
    pub right_kept: u64,
    /// Of those that were wrong: how many would no longer be, or would matter less.
    pub wrong_spared: u64,
    /// The whole policy with the change, to be tried and activated.
    pub policy: PolicyBody,
}

/// Which rule of which camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// `edge/camera`.
    pub camera: String,
    /// The rule.
    pub rule: String,
    /// The kind of event.
    pub kind: EventKind,
}

/// Proposes a change for a rule that is wrong more often than right.
#[must_use]
pub fn propose(of: &Of, samples: &[Sample], active: &PolicyBody) -> Proposal {
    let count =
        |of: &dyn Fn(&&Sample) -> bool| u64::try_from(samples.iter().filter(of).count()).unwrap_or(u64::MAX);
    let share = |part: u64, whole: u64| {
        #[allow(clippy::cast_precision_loss, reason = "counts of verdicts are small")]
        let share = if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        share
    };
    let (right, wrong) = (count(&|sample| sample.right), count(&|sample| !sample.right));
    // To two digits, as people set thresholds.
    let thresholds = (1..100_u32).map(|percent| f64::from(percent) / 100.0);
    let kept = |t: f64| count(&|sample| sample.right && sample.confidence >= t);
    let spared = |t: f64| count(&|sample| !sample.right && sample.confidence < t);
    let best = thresholds
        .filter(|t| share(kept(*t), right) >= KEEPS_RIGHT && share(spared(*t), wrong) >= SPARES_WRONG)
        // Of those that spare the same, the lowest.
        .max_by(|a, b| spared(*a).cmp(&spared(*b)).then(b.total_cmp(a)));
    let when = Matcher {
        kinds: vec![of.kind],
        cameras: vec![of.camera.clone()],
        rules: vec![of.rule.clone()],
        below_confidence: best,
        ..Matcher::default()
    };
    let name = format!("{} {} {}", of.camera, of.rule, of.kind);
    let rule = match best {
        Some(_) => PolicyRule { name, when, alert: Some(false), ..PolicyRule::default() },
        None => PolicyRule { name, when, severity: Some(Severity::Low), ..PolicyRule::default() },
    };
    let mut policy = active.clone();
    policy.rules.insert(0, rule);
    let (right_kept, wrong_spared) = best.map_or((right, wrong), |t| (kept(t), spared(t)));
    Proposal { min_confidence: best, right_kept, wrong_spared, policy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of() -> Of {
        Of { camera: "e-1/north".into(), rule: "yard".into(), kind: EventKind::Intrusion }
    }

    fn samples(right: &[f64], wrong: &[f64]) -> Vec<Sample> {
        let of = |right| move |confidence: &f64| Sample { confidence: *confidence, right };
        right.iter().map(of(true)).chain(wrong.iter().map(of(false))).collect()
    }

    #[test]
    fn the_lowest_threshold_that_spares_most_of_the_wrong_ones_and_keeps_the_right_ones_is_proposed() {
        let judged = samples(&[0.8, 0.9], &[0.3, 0.31, 0.4, 0.45, 0.5, 0.55, 0.6, 0.85]);
        let proposal = propose(&of(), &judged, &PolicyBody::default());
        assert_eq!((proposal.right_kept, proposal.wrong_spared), (2, 7));
        assert!((proposal.min_confidence.unwrap() - 0.61).abs() < 1e-9, "{:?}", proposal.min_confidence);
        let rule = &proposal.policy.rules[0];
        assert_eq!((rule.alert, rule.when.below_confidence), (Some(false), proposal.min_confidence));
        assert!(proposal.policy.check().is_empty());
    }

    #[test]
    fn where_no_threshold_tells_them_apart_the_severity_is_lowered_and_nothing_is_dropped() {
        let judged = samples(&[0.3, 0.9], &[0.3, 0.5, 0.7, 0.9, 0.92, 0.95]);
        let proposal = propose(&of(), &judged, &PolicyBody::default());
        let rule = &proposal.policy.rules[0];
        assert_eq!((proposal.min_confidence, rule.alert, rule.severity), (None, None, Some(Severity::Low)));
        assert_eq!((proposal.right_kept, proposal.wrong_spared), (2, 6));
    }
}
