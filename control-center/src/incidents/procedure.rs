//! What is to be done for a kind of incident, as data: steps, promises, whom to call, and what belongs together.
//!
//! Each change of a kind's procedure is a new version; an incident keeps the version that it was opened with.

use super::clocks::{Rung, Sla};
use super::model::{Step, words};
use super::text::is_word;
use crate::alerts::Severity;
use ngatu_protocol::EventKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The kind of incident that takes whatever no other kind claims.
pub const OTHER: &str = "other";

/// A text in the languages of the screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

words! {
    /// Whether an incident can be resolved without a step.
    Mandatory {
        /// It can.
        No = "no",
        /// Not when it turned out to be true.
        IfTrue = "if_true",
        /// Never.
        Always = "always",
    }
}

/// A step of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcedureStep {
    /// Its id within the procedure.
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,63}$")]
    pub id: String,
    /// What is to be done.
    pub text: Words,
    /// Whether an incident can be resolved without it.
    pub mandatory: Mandatory,
}

/// What belongs to the same incident.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merging {
    /// As far away as this, metres.
    #[schema(minimum = 0, maximum = 100_000)]
    pub within_m: f64,
    /// As long before or after its newest source as this, seconds.
    #[schema(minimum = 0, maximum = 604_800)]
    pub within_s: i64,
}

/// Whom a clock calls when it has run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// One after the other; the last again and again.
    pub chain: Vec<Rung>,
    /// Seconds between two calls.
    #[schema(minimum = 10, maximum = 86_400)]
    pub every_s: i64,
    /// Names of users who are called at `on_call`.
    #[serde(default)]
    pub on_call: Vec<String>,
}

/// Another promise for a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitSla {
    /// The unit's id.
    pub unit: String,
    /// What holds when the incident is meant for it; what is left out is as for everybody.
    pub sla: Sla,
}

/// The procedure of a kind of incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The kind of incident.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$", example = "fire")]
    pub kind: String,
    /// Which version this is. In a change: the version that it begins from, 0 for a new kind.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub version: i64,
    /// What people call the kind.
    pub name: Words,
    /// How much an incident of the kind matters, unless its source says otherwise.
    pub severity: Severity,
    /// The kinds of events whose alerts are incidents of this kind.
    #[serde(default)]
    pub events: Vec<String>,
    /// What is promised.
    #[serde(default)]
    pub sla: Sla,
    /// What is promised when a certain unit is meant.
    #[serde(default)]
    pub unit_sla: Vec<UnitSla>,
    /// What belongs to the same incident.
    pub merge: Merging,
    /// Whom a clock calls.
    pub escalation: Escalation,
    /// What is to be done.
    pub steps: Vec<ProcedureStep>,
}

/// What cannot be used in a procedure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("procedure[{kind}].{key}: {reason}")]
pub struct ProcedureError {
    /// The procedure's kind.
    pub kind: String,
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

const MAX_STEPS: usize = 50;
const MAX_TEXT_CHARS: usize = 1000;
const YEAR_S: i64 = 365 * 86_400;

impl Procedure {
    /// The steps of a new incident.
    #[must_use]
    pub fn new_steps(&self) -> Vec<Step> {
        let step = |step: &ProcedureStep| Step {
            id: step.id.clone(),
            text: step.text.clone(),
            mandatory: step.mandatory,
            done_at: None,
            done_by: None,
            skipped: None,
        };
        self.steps.iter().map(step).collect()
    }

    /// What is promised for a unit.
    #[must_use]
    pub fn sla_of(&self, unit: Option<&str>) -> Sla {
        let own = unit.and_then(|unit| self.unit_sla.iter().find(|row| row.unit == unit)).map(|row| row.sla);
        let own = own.unwrap_or_default();
        Sla {
            acknowledge_s: own.acknowledge_s.or(self.sla.acknowledge_s),
            on_scene_s: own.on_scene_s.or(self.sla.on_scene_s),
            resolve_s: own.resolve_s.or(self.sla.resolve_s),
        }
    }

    /// Everything that cannot be used.
    #[must_use]
    pub fn check(&self) -> Vec<ProcedureError> {
        let mut errors = Vec::new();
        let mut error = |key: &str, reason: String| {
            errors.push(ProcedureError { kind: self.kind.clone(), key: key.to_owned(), reason });
        };
        if !is_word(&self.kind, "_") || self.kind.starts_with(|c: char| c.is_ascii_digit()) {
            error("kind", "wanted a to z, 0 to 9 and _, beginning with a letter, at most 64".into());
        }
        check_words("name", &self.name, &mut error);
        for event in &self.events {
            if EventKind::ALL.iter().all(|kind| kind.as_str() != event) {
                error("events", format!("there is no kind of event `{}`", shorten(event)));
            }
        }
        check_sla("sla", self.sla, &mut error);
        for row in &self.unit_sla {
            check_sla("unit_sla", row.sla, &mut error);
            if !is_word(&row.unit, "_-") {
                error("unit_sla", format!("`{}` is not a unit's id", shorten(&row.unit)));
            }
        }
        if !(0.0..=100_000.0).contains(&self.merge.within_m) {
            error("merge.within_m", "wanted 0 to 100000 metres".into());
        }
        if !(0..=604_800).contains(&self.merge.within_s) {
            error("merge.within_s", "wanted 0 to 604800 seconds".into());
        }
        if !(10..=86_400).contains(&self.escalation.every_s) {
            error("escalation.every_s", "wanted 10 to 86400 seconds".into());
        }
        if self.escalation.chain.len() > 10 || self.escalation.on_call.len() > 50 {
            error("escalation", "wanted at most 10 in the chain and 50 on call".into());
        }
        if self.escalation.on_call.iter().any(|name| !is_line(name, 64)) {
            error("escalation.on_call", "wanted names of users".into());
        }
        if self.steps.len() > MAX_STEPS {
            error("steps", format!("wanted at most {MAX_STEPS}"));
        }
        let mut seen = BTreeSet::new();
        for step in &self.steps {
            let key = format!("step[{}]", shorten(&step.id));
            if !is_word(&step.id, "_-") {
                error(&key, "its id is not a to z, 0 to 9, _ and -, at most 64".into());
            }
            if !seen.insert(&step.id) {
                error(&key, "two steps have this id".into());
            }
            check_words(&key, &step.text, &mut error);
        }
        errors
    }
}

fn check_words(key: &str, words: &Words, error: &mut impl FnMut(&str, String)) {
    for (language, text) in [("vi", &words.vi), ("en", &words.en)] {
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT_CHARS || text.contains('\0') {
            error(&format!("{key}.{language}"), format!("wanted 1 to {MAX_TEXT_CHARS} characters"));
        }
    }
}

fn check_sla(key: &str, sla: Sla, error: &mut impl FnMut(&str, String)) {
    let all =
        [("acknowledge_s", sla.acknowledge_s), ("on_scene_s", sla.on_scene_s), ("resolve_s", sla.resolve_s)];
    for (name, seconds) in all {
        if seconds.is_some_and(|seconds| !(1..=YEAR_S).contains(&seconds)) {
            error(&format!("{key}.{name}"), format!("wanted 1 to {YEAR_S} seconds"));
        }
    }
}

/// One line of 1 to `max_chars` printing characters.
pub(crate) fn is_line(text: &str, max_chars: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// Checks procedures that hold together: each by itself, each kind once, no event claimed by two.
#[must_use]
pub fn check_all(procedures: &[Procedure]) -> Vec<ProcedureError> {
    let mut errors: Vec<_> = procedures.iter().flat_map(Procedure::check).collect();
    let (mut kinds, mut events) = (BTreeSet::new(), BTreeSet::new());
    for procedure in procedures {
        let mut error = |key: &str, reason: String| {
            errors.push(ProcedureError { kind: procedure.kind.clone(), key: key.to_owned(), reason });
        };
        if !kinds.insert(&procedure.kind) {
            error("kind", "two procedures are of this kind".into());
        }
        for event in &procedure.events {
            if !events.insert(event) {
                error("events", format!("`{}` is claimed twice", shorten(event)));
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::super::defaults::procedures;
    use super::*;

    #[test]
    fn the_shipped_procedures_are_usable_and_cover_every_kind_of_event_once() {
        let shipped = procedures();
        assert_eq!(check_all(&shipped), []);
        let kinds: Vec<_> = shipped.iter().map(|procedure| procedure.kind.as_str()).collect();
        let wanted = [
            "traffic_accident",
            "fire",
            "person_down",
            "abandoned_object",
            "disorder",
            "flood",
            "forest_fire",
            "other",
        ];
        assert_eq!(kinds, wanted);
        for procedure in &shipped {
            assert!(procedure.steps.iter().any(|step| step.mandatory != Mandatory::No), "{}", procedure.kind);
            assert!(procedure.sla.acknowledge_s.is_some(), "{}", procedure.kind);
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let good = procedures().remove(0);
        type Spoil = fn(&mut Procedure);
        let table: [(Spoil, &str); 7] = [
            (|p| p.kind = "Fire".into(), "kind"),
            (|p| p.name.en = " ".into(), "name.en"),
            (|p| p.events = vec!["earthquake".into()], "events"),
            (|p| p.sla.resolve_s = Some(0), "sla.resolve_s"),
            (|p| p.merge.within_m = f64::NAN, "merge.within_m"),
            (|p| p.escalation.every_s = 1, "escalation.every_s"),
            (|p| p.steps.push(p.steps[0].clone()), "step[verify]"),
        ];
        for (spoil, key) in table {
            let mut bad = good.clone();
            spoil(&mut bad);
            assert_eq!(bad.check().iter().map(|error| error.key.as_str()).collect::<Vec<_>>(), [key]);
        }
        let twice = check_all(&[good.clone(), good]);
        assert!(twice.iter().any(|error| error.key == "kind"));
    }

    #[test]
    fn a_units_own_promise_comes_before_everybodys() {
        let mut procedure = procedures().remove(0);
        procedure.sla = Sla { acknowledge_s: Some(60), on_scene_s: Some(600), resolve_s: None };
        let sla = Sla { on_scene_s: Some(300), ..Sla::default() };
        procedure.unit_sla = vec![UnitSla { unit: "csgt-1".into(), sla }];
        assert_eq!(procedure.sla_of(Some("csgt-1")).on_scene_s, Some(300));
        assert_eq!(procedure.sla_of(Some("csgt-1")).acknowledge_s, Some(60));
        assert_eq!(procedure.sla_of(None).on_scene_s, Some(600));
    }
}
