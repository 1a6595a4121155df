//! What a person may do with an alert in which state, and what it makes of it. Pure: an alert, a step and `now` in, the
//! changed alert out.

use super::{Alert, Change, Forwarded, Judged, Person, Shelf, Verdict};
use crate::access::AreaScope;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde_json::{Value, json};

/// Nothing is shelved for longer: what a shift does not want to see, the next one decides anew (ISA-18.2 asks for a limit).
pub const MAX_SHELF: TimeDelta = TimeDelta::hours(24);
/// Longest reason, message or note, characters.
const MAX_TEXT: usize = 1000;
/// Longest code of a verdict's reason, characters.
const MAX_CODE: usize = 64;

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hand {
    /// The person.
    pub person: Person,
    /// Whether they may step in for others: a supervisor releases and hands over what someone else has claimed.
    pub leads: bool,
    /// The part of the city whose alerts they see.
    pub areas: AreaScope,
}

/// One step of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// They saw it.
    Acknowledge,
    /// They work on it.
    Claim,
    /// They no longer do.
    Release,
    /// They hand it to someone else.
    Forward(Recipient, String),
    /// They do not want to see it until then, for that reason.
    Shelve(DateTime<Utc>, String),
    /// They want to see it again.
    Unshelve,
    /// They say what it was, with a reason's code and a note.
    Dismiss(Verdict, String, Option<String>),
}

impl Step {
    /// The word of the API and the audit rows.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Step::Acknowledge => "acknowledge",
            Step::Claim => "claim",
            Step::Release => "release",
            Step::Forward(..) => "forward",
            Step::Shelve(..) => "shelve",
            Step::Unshelve => "unshelve",
            Step::Dismiss(..) => "dismiss",
        }
    }
}

/// To whom an alert is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A person.
    User(Person),
    /// A unit, by its id.
    Unit(String),
}

/// Why a step was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Someone else acknowledged it before.
    #[error("acknowledged by {} already", .0.name)]
    Acknowledged(Person),
    /// Someone else works on it.
    #[error("{} works on it", .0.name)]
    Claimed(Person),
    /// Someone else has given another verdict.
    #[error("{} has given a verdict already", .0.name)]
    Decided(Person),
    /// What was asked for is not possible.
    #[error("{0}")]
    Unusable(String),
}

/// What a step made of an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Stepped {
    /// The alert after it.
    pub alert: Alert,
    /// What people hear of.
    pub change: Change,
    /// Why, for the log.
    pub detail: Value,
}

/// Takes a step; `None` when the alert is already as wanted, so that a repeated request changes nothing.
///
/// # Errors
/// [`Refused`] names who was faster, or what cannot be.
pub fn take(alert: &Alert, step: &Step, hand: &Hand, now: DateTime<Utc>) -> Result<Option<Stepped>, Refused> {
    let now = now.trunc_subsecs(6);
    let who = &hand.person;
    let mut next = alert.clone();
    let (change, detail) = match step {
        Step::Acknowledge => match &alert.acknowledged_by {
            Some(by) if by.id == who.id => return Ok(None),
            Some(by) => return Err(Refused::Acknowledged(by.clone())),
            None => {
                acknowledge(&mut next, who, now);
                (Change::Acknowledged, json!({}))
            }
        },
        Step::Claim => match &alert.owner {
            Some(owner) if owner.id == who.id => return Ok(None),
            Some(owner) => return Err(Refused::Claimed(owner.clone())),
            None => {
                (next.owner, next.claimed_at) = (Some(who.clone()), Some(now));
                (Change::Claimed, json!({}))
            }
        },
        Step::Release => {
            let Some(owner) = &alert.owner else { return Ok(None) };
            may_hand_over(alert, hand)?;
            (next.owner, next.claimed_at) = (None, None);
            (Change::Released, json!({ "owner": owner }))
        }
        Step::Forward(to, message) => {
            check_text("message", message)?;
            may_hand_over(alert, hand)?;
            forward(&mut next, (to, message), who, now);
            (Change::Forwarded, json!(next.forwarded_to))
        }
        Step::Shelve(until, reason) => {
            if !shelve(&mut next, (*until, reason), who, now)? {
                return Ok(None);
            }
            (
                Change::Shelved,
                json!({ "until": next.shelved.as_ref().map(|shelf| shelf.until), "reason": reason }),
            )
        }
        Step::Unshelve => {
            let Some(shelf) = next.shelved.take() else { return Ok(None) };
            (Change::Unshelved, json!({ "until": shelf.until }))
        }
        Step::Dismiss(verdict, reason, note) => {
            if !judge(&mut next, (*verdict, reason, note.as_deref()), hand, now)? {
                return Ok(None);
            }
            (Change::Dismissed, json!(next.verdict))
        }
    };
    Ok(Some(Stepped { alert: next, change, detail }))
}

/// Brings a shelved alert back when its time has come; `None` before.
#[must_use]
pub fn come_back(alert: &Alert, now: DateTime<Utc>) -> Option<Stepped> {
    let shelf = alert.shelved.as_ref().filter(|shelf| shelf.until <= now)?;
    let detail = json!({ "until": shelf.until, "expired": true });
    let alert = Alert { shelved: None, ..alert.clone() };
    Some(Stepped { alert, change: Change::Unshelved, detail })
}

fn acknowledge(alert: &mut Alert, who: &Person, now: DateTime<Utc>) {
    (alert.acknowledged_at, alert.acknowledged_by) = (Some(now), Some(who.clone()));
}

/// What someone else works on, only they or a leader hand over.
fn may_hand_over(alert: &Alert, hand: &Hand) -> Result<(), Refused> {
    match &alert.owner {
        Some(owner) if owner.id != hand.person.id && !hand.leads => Err(Refused::Claimed(owner.clone())),
        _ => Ok(()),
    }
}

fn forward(alert: &mut Alert, (to, message): (&Recipient, &str), who: &Person, now: DateTime<Utc>) {
    let (user, unit) = match to {
        Recipient::User(person) => (Some(person.clone()), None),
        Recipient::Unit(unit) => (None, Some(unit.clone())),
    };
    let message = message.trim().to_owned();
    alert.forwarded_to = Some(Forwarded { user, unit, message, by: who.clone(), at: now });
    // Who hands it over no longer works on it; who got it claims it.
    (alert.owner, alert.claimed_at) = (None, None);
}

/// Answers whether anything changes.
fn shelve(
    alert: &mut Alert,
    (until, reason): (DateTime<Utc>, &str),
    who: &Person,
    now: DateTime<Utc>,
) -> Result<bool, Refused> {
    check_text("reason", reason)?;
    let (until, reason) = (until.trunc_subsecs(6), reason.trim());
    if until <= now {
        return Err(Refused::Unusable("until: is not in the future".into()));
    }
    if until > now + MAX_SHELF {
        return Err(Refused::Unusable(format!("until: at most {} hours from now", MAX_SHELF.num_hours())));
    }
    let same = |shelf: &Shelf| shelf.until == until && shelf.reason == reason && shelf.by.id == who.id;
    if alert.shelved.as_ref().is_some_and(same) {
        return Ok(false);
    }
    alert.shelved = Some(Shelf { until, reason: reason.to_owned(), by: who.clone(), at: now });
    Ok(true)
}

/// Answers whether anything changes. Who judges has seen it, and nothing that was judged has to come back from a shelf.
fn judge(
    alert: &mut Alert,
    (verdict, reason, note): (Verdict, &str, Option<&str>),
    hand: &Hand,
    now: DateTime<Utc>,
) -> Result<bool, Refused> {
    check_code(reason)?;
    if let Some(note) = note {
        check_text("note", note)?;
    }
    if let Some(known) = &alert.verdict {
        if known.verdict == verdict && known.reason == reason && known.note.as_deref() == note {
            return Ok(false);
        }
        if known.by.id != hand.person.id && !hand.leads {
            return Err(Refused::Decided(known.by.clone()));
        }
    }
    let (by, note) = (hand.person.clone(), note.map(str::to_owned));
    alert.verdict = Some(Judged { verdict, reason: reason.to_owned(), note, by, at: now });
    alert.shelved = None;
    if alert.acknowledged_by.is_none() && alert.acknowledged_at.is_none() {
        acknowledge(alert, &hand.person, now);
    }
    Ok(true)
}

fn check_text(key: &str, text: &str) -> Result<(), Refused> {
    let chars = text.trim().chars().count();
    if (1..=MAX_TEXT).contains(&chars) && !text.contains('\0') {
        Ok(())
    } else {
        Err(Refused::Unusable(format!("{key}: wanted 1 to {MAX_TEXT} characters")))
    }
}

fn check_code(code: &str) -> Result<(), Refused> {
    let letters = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if letters && (1..=MAX_CODE).contains(&code.len()) {
        Ok(())
    } else {
        Err(Refused::Unusable(format!("reason: wanted 1 to {MAX_CODE} of a-z, 0-9 and _")))
    }
}

#[cfg(test)]
mod tests;
