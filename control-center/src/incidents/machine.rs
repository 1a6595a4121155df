//! What may be done to an incident, and what it does: pure. An act and `now` go in; the changed incident and what its log
//! is to say come out, or a refusal that says why.
//!
//! ```text
//! open ──take──▶ in progress ──resolve──▶ resolved ──close──▶ closed
//!   ▲  └──────────resolve──────────────────▲  │                 │
//!   └────────────reopen (nobody took it)───┴──┴─────────────────┘   else back to in progress
//! ```
//! Nothing is rewritten: a reopened incident keeps its log, its steps, and when its clocks were met before.

use super::clocks::{self, ClockKind};
use super::model::{Incident, IncidentChange as Change, Status, Verdict};
use super::procedure::{Mandatory, Procedure};
use crate::alerts::{AlertPlace, Person, Severity};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What is done to an incident.
#[derive(Debug, Clone)]
pub enum Act<'a> {
    /// The person takes it.
    Take,
    /// Several properties change at once.
    Edit(Edit<'a>),
    /// A step of the procedure.
    Step(&'a str, StepAct<'a>),
    /// Something is written down.
    Note(&'a str),
    /// A unit was sent or comes: the incident is meant for it, and what is promised for it holds.
    MeantFor(&'a str),
    /// A unit arrived.
    OnScene,
    /// The work is done.
    Resolve(Verdict, Option<&'a str>),
    /// It is over.
    Close,
    /// It goes on.
    Reopen(&'a str),
    /// It is not the same as the one that it was merged into.
    Unmerge(&'a str),
    /// A clock ran out; the people are those who are called.
    Escalate(ClockKind, Vec<Person>),
    /// It is the same as another one.
    MergeInto(Uuid, &'a str),
}

/// What is done to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAct<'a> {
    /// It was done.
    Done,
    /// It is left out, with the reason.
    Skip(&'a str),
    /// It is to be done after all.
    Undo,
}

/// Properties that change; none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit<'a> {
    /// Who works on it; `Some(None)`: nobody.
    pub owner: Option<Option<Person>>,
    /// The unit that it is meant for; `Some(None)`: none.
    pub unit: Option<Option<String>>,
    /// How much it matters.
    pub severity: Option<Severity>,
    /// What people call it.
    pub title: Option<String>,
    /// Where it is.
    pub place: Option<AlertPlace>,
    /// Its kind, with the kind's procedure.
    pub kind: Option<&'a Procedure>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The incident's state does not allow it.
    #[error("the incident is {}", .0.as_str())]
    Status(Status),
    /// It is part of another one: split it off there.
    #[error("the incident was merged into another one: split it off there")]
    Merged,
    /// Someone else has it.
    #[error("taken by {} already", .0.name)]
    Taken(Person),
    /// Mandatory steps are open: their ids.
    #[error("mandatory steps are open: {}", .0.join(", "))]
    StepsOpen(Vec<String>),
    /// The procedure has no such step.
    #[error("there is no such step")]
    UnknownStep,
    /// Someone did that step already.
    #[error("that step was done by {} already", .0.name)]
    StepDone(Person),
}

/// What an act came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The incident changed: what its log is to say.
    Changed(Change, Value),
    /// It was so already: nothing is to be stored.
    Unchanged,
}

/// Does it. `by` is none for the machine; `procedure` is the one that holds for the incident.
///
/// # Errors
/// [`Refusal`]; the incident is as it was then.
pub fn apply(
    incident: &mut Incident,
    act: &Act<'_>,
    by: Option<&Person>,
    (procedure, now): (&Procedure, DateTime<Utc>),
) -> Result<Outcome, Refusal> {
    let mut next = incident.clone();
    let outcome = next.act(act, by, (procedure, now))?;
    if outcome != Outcome::Unchanged {
        let in_force = if let Act::Edit(Edit { kind: Some(kind), .. }) = act { kind } else { procedure };
        next.wind(in_force);
        *incident = next;
    }
    Ok(outcome)
}

impl Incident {
    /// Sets when the next clock calls.
    pub(crate) fn wind(&mut self, procedure: &Procedure) {
        let call = clocks::next_call(&self.clocks, procedure.escalation.every_s);
        self.escalate_at = if self.is_unfinished() { call.map(|(at, _)| at) } else { None };
    }

    fn act(
        &mut self,
        act: &Act<'_>,
        by: Option<&Person>,
        (procedure, now): (&Procedure, DateTime<Utc>),
    ) -> Result<Outcome, Refusal> {
        let changed = |change, detail| Ok(Outcome::Changed(change, detail));
        match act {
            Act::Note(text) => changed(Change::Noted, json!({ "text": text })),
            Act::Take => self.take(by, now),
            Act::Edit(edit) => self.edit(edit, by, (procedure, now)),
            Act::Step(id, step) => self.step(id, *step, by, now),
            Act::OnScene => {
                self.check_unfinished()?;
                if self.clocks.iter().any(|c| c.kind == ClockKind::OnScene && c.met_at.is_some()) {
                    return Ok(Outcome::Unchanged);
                }
                clocks::meet(&mut self.clocks, ClockKind::OnScene, now);
                changed(Change::OnScene, json!({}))
            }
            Act::MeantFor(unit) => {
                self.check_unfinished()?;
                if self.unit.as_deref() == Some(*unit) {
                    return Ok(Outcome::Unchanged);
                }
                let before = procedure.sla_of(self.unit.as_deref());
                let from = self.unit.replace((*unit).to_owned());
                procedure.sla_of(Some(unit)).restart(&mut self.clocks, &before, self.opened_at);
                changed(Change::Dispatch, json!({ "from": from, "to": unit }))
            }
            Act::Resolve(verdict, note) => self.resolve(*verdict, *note, by, now),
            Act::Close => {
                if self.status != Status::Resolved {
                    return Err(Refusal::Status(self.status));
                }
                self.status = Status::Closed;
                self.closed_at = Some(now);
                changed(Change::Closed, json!({ "verdict": self.verdict }))
            }
            Act::Reopen(_) if self.merged_into.is_some() => Err(Refusal::Merged),
            Act::Unmerge(_) if self.merged_into.is_none() => Err(Refusal::Status(self.status)),
            Act::Reopen(reason) | Act::Unmerge(reason) => self.reopen(reason, procedure, now),
            Act::Escalate(clock, people) => {
                self.check_unfinished()?;
                let call = clocks::call(&mut self.clocks, *clock, now);
                let rung = clocks::rung(&procedure.escalation.chain, call, self.owner.is_some());
                changed(
                    Change::Escalated,
                    json!({ "clock": clock, "call": call + 1, "rung": rung, "to": people }),
                )
            }
            Act::MergeInto(other, number) => {
                self.check_unfinished()?;
                self.status = Status::Closed;
                self.verdict = Some(Verdict::Duplicate);
                self.closed_at = Some(now);
                self.merged_into = Some(*other);
                changed(Change::Merged, json!({ "into": other, "number": number }))
            }
        }
    }

    fn check_unfinished(&self) -> Result<(), Refusal> {
        if self.is_unfinished() { Ok(()) } else { Err(Refusal::Status(self.status)) }
    }

    /// A person works on it: from now on it has been taken, and has an owner.
    fn begin(&mut self, by: &Person, now: DateTime<Utc>) {
        self.owner.get_or_insert_with(|| by.clone());
        self.status = Status::InProgress;
        clocks::meet(&mut self.clocks, ClockKind::Acknowledge, now);
        clocks::take(&mut self.clocks, now);
    }

    fn take(&mut self, by: Option<&Person>, now: DateTime<Utc>) -> Result<Outcome, Refusal> {
        self.check_unfinished()?;
        let Some(by) = by else { return Ok(Outcome::Unchanged) };
        let calls = self.clocks.iter().any(|c| c.calls > 0 && c.met_at.is_none() && c.taken_at.is_none());
        match &self.owner {
            // While a clock calls anybody who hears it may take over.
            Some(owner) if self.status == Status::InProgress && !calls => {
                return if owner.id == by.id {
                    Ok(Outcome::Unchanged)
                } else {
                    Err(Refusal::Taken(owner.clone()))
                };
            }
            _ => {}
        }
        let from = self.owner.replace(by.clone());
        self.begin(by, now);
        Ok(Outcome::Changed(Change::Taken, json!({ "from": from })))
    }

    fn edit(
        &mut self,
        edit: &Edit<'_>,
        by: Option<&Person>,
        (procedure, now): (&Procedure, DateTime<Utc>),
    ) -> Result<Outcome, Refusal> {
        self.check_unfinished()?;
        let before = procedure.sla_of(self.unit.as_deref());
        let mut detail = Map::new();
        let mut note = |key: &str, from: Value, to: Value| {
            if from != to {
                detail.insert(key.to_owned(), json!({ "from": from, "to": to }));
            }
        };
        if let Some(owner) = &edit.owner {
            note("owner", json!(self.owner), json!(owner));
            self.owner.clone_from(owner);
            if let (Some(owner), Some(by)) = (owner, by)
                && owner.id == by.id
            {
                self.begin(by, now);
            }
        }
        if let Some(severity) = edit.severity {
            note("severity", json!(self.severity), json!(severity));
            self.severity = severity;
        }
        if let Some(title) = &edit.title {
            note("title", json!(self.title), json!(title));
            self.title.clone_from(title);
        }
        if let Some(place) = edit.place {
            note("place", json!(self.place), json!(place));
            self.place = Some(place);
        }
        if let Some(unit) = &edit.unit {
            note("unit", json!(self.unit), json!(unit));
            self.unit.clone_from(unit);
        }
        let in_force = edit.kind.unwrap_or(procedure);
        if let Some(kind) = edit.kind.filter(|kind| kind.kind != self.kind) {
            note("kind", json!(self.kind), json!(kind.kind));
            self.adopt(kind);
        }
        if detail.contains_key("kind") || detail.contains_key("unit") {
            in_force.sla_of(self.unit.as_deref()).restart(&mut self.clocks, &before, self.opened_at);
        }
        if detail.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let change = if detail.contains_key("owner") { Change::Assigned } else { Change::Edited };
        Ok(Outcome::Changed(change, detail.into()))
    }

    /// Takes another kind's procedure; what was done of a step with the same id stays done.
    fn adopt(&mut self, procedure: &Procedure) {
        let old = std::mem::replace(&mut self.steps, procedure.new_steps());
        for step in &mut self.steps {
            if let Some(old) = old.iter().find(|old| old.id == step.id) {
                step.done_at = old.done_at;
                step.done_by.clone_from(&old.done_by);
                step.skipped.clone_from(&old.skipped);
            }
        }
        self.kind.clone_from(&procedure.kind);
        self.procedure = procedure.version;
    }

    fn step(
        &mut self,
        id: &str,
        act: StepAct<'_>,
        by: Option<&Person>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Refusal> {
        self.check_unfinished()?;
        let step = self.steps.iter_mut().find(|step| step.id == id).ok_or(Refusal::UnknownStep)?;
        let skipped = if let StepAct::Skip(reason) = act { Some(reason.to_owned()) } else { None };
        if act == StepAct::Undo {
            if step.done_at.is_none() {
                return Ok(Outcome::Unchanged);
            }
            (step.done_at, step.done_by, step.skipped) = (None, None, None);
            return Ok(Outcome::Changed(Change::StepUndone, json!({ "step": id })));
        }
        if step.done_at.is_some() {
            let same = step.skipped == skipped && step.done_by.as_ref().map(|by| by.id) == by.map(|by| by.id);
            return match &step.done_by {
                Some(done_by) if !same => Err(Refusal::StepDone(done_by.clone())),
                _ => Ok(Outcome::Unchanged),
            };
        }
        step.done_at = Some(now);
        step.done_by = by.cloned();
        step.skipped.clone_from(&skipped);
        if let Some(by) = by {
            self.begin(by, now);
        }
        Ok(match skipped {
            Some(reason) => Outcome::Changed(Change::StepSkipped, json!({ "step": id, "reason": reason })),
            None => Outcome::Changed(Change::StepDone, json!({ "step": id })),
        })
    }

    /// The mandatory steps that stand between the incident and that verdict.
    #[must_use]
    pub fn open_steps(&self, verdict: Verdict) -> Vec<String> {
        let needed = |mandatory| match mandatory {
            Mandatory::No => false,
            Mandatory::IfTrue => verdict == Verdict::True,
            Mandatory::Always => true,
        };
        let open = self.steps.iter().filter(|step| step.done_at.is_none() && needed(step.mandatory));
        open.map(|step| step.id.clone()).collect()
    }

    fn resolve(
        &mut self,
        verdict: Verdict,
        note: Option<&str>,
        by: Option<&Person>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Refusal> {
        self.check_unfinished()?;
        let open = self.open_steps(verdict);
        if !open.is_empty() {
            return Err(Refusal::StepsOpen(open));
        }
        if let Some(by) = by {
            self.begin(by, now);
        }
        self.status = Status::Resolved;
        self.resolved_at = Some(now);
        self.verdict = Some(verdict);
        clocks::meet(&mut self.clocks, ClockKind::Resolve, now);
        Ok(Outcome::Changed(Change::Resolved, json!({ "verdict": verdict, "note": note })))
    }

    fn reopen(
        &mut self,
        reason: &str,
        procedure: &Procedure,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Refusal> {
        if self.is_unfinished() {
            return Err(Refusal::Status(self.status));
        }
        let before = json!({
            "reason": reason, "status": self.status, "verdict": self.verdict,
            "resolved_at": self.resolved_at, "closed_at": self.closed_at, "merged_into": self.merged_into,
        });
        self.status = if self.owner.is_some() { Status::InProgress } else { Status::Open };
        (self.resolved_at, self.closed_at, self.verdict, self.merged_into) = (None, None, None, None);
        // A new promise for what is to be done again; who took it and who was there stays true.
        let fresh = procedure.sla_of(self.unit.as_deref()).start(now);
        self.clocks.retain(|clock| clock.kind != ClockKind::Resolve);
        let waits =
            |kind| kind == ClockKind::Resolve || (kind == ClockKind::Acknowledge && self.owner.is_none());
        let again: Vec<_> = fresh.into_iter().filter(|clock| waits(clock.kind)).collect();
        self.clocks.retain(|clock| again.iter().all(|fresh| fresh.kind != clock.kind));
        self.clocks.extend(again);
        self.clocks.sort_by_key(|clock| clock.kind as u8);
        Ok(Outcome::Changed(Change::Reopened, before))
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
