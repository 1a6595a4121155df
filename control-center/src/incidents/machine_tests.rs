//! The state machine by tables and by random acts.

use super::*;
use crate::incidents::defaults::procedures;
use crate::incidents::model::Origin;
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(s: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + s, 0).unwrap()
}

fn person(n: u128) -> Person {
    Person { id: Uuid::from_u128(n), name: format!("person {n}") }
}

fn procedure() -> Procedure {
    procedures().remove(1) // fire
}

fn incident() -> Incident {
    let procedure = procedure();
    let mut incident = Incident {
        id: Uuid::from_u128(1),
        number: "2026-000001".into(),
        seq: 1,
        kind: procedure.kind.clone(),
        severity: procedure.severity,
        title: "Khói".into(),
        area: None,
        place: None,
        status: Status::Open,
        owner: None,
        unit: None,
        origin: Origin::Person,
        opened_at: at(0),
        opened_by: None,
        last_source_at: at(0),
        sources: 0,
        resolved_at: None,
        closed_at: None,
        verdict: None,
        merged_into: None,
        procedure: 0,
        steps: procedure.new_steps(),
        clocks: procedure.sla_of(None).start(at(0)),
        escalate_at: None,
    };
    incident.wind(&procedure);
    incident
}

fn act(incident: &mut Incident, act: &Act<'_>, by: u128, s: i64) -> Result<Option<Change>, Refusal> {
    let by = (by > 0).then(|| person(by));
    apply(incident, act, by.as_ref(), (&procedure(), at(s))).map(|outcome| match outcome {
        Outcome::Changed(change, _) => Some(change),
        Outcome::Unchanged => None,
    })
}

#[test]
fn from_open_over_every_mandatory_step_to_closed() {
    let mut case = incident();
    assert_eq!(case.escalate_at, Some(at(60)));
    assert_eq!(act(&mut case, &Act::Take, 1, 10), Ok(Some(Change::Taken)));
    assert_eq!(case.status, Status::InProgress);
    assert_eq!(case.escalate_at, Some(at(900)), "next is on scene");
    assert_eq!(act(&mut case, &Act::OnScene, 0, 20), Ok(Some(Change::OnScene)));
    let wanted = ["verify", "fire-brigade", "people", "out"].map(String::from).to_vec();
    let resolve = Act::Resolve(Verdict::True, None);
    assert_eq!(act(&mut case, &resolve, 1, 30), Err(Refusal::StepsOpen(wanted.clone())));
    for step in &wanted {
        assert_eq!(act(&mut case, &Act::Step(step, StepAct::Done), 1, 40), Ok(Some(Change::StepDone)));
    }
    assert_eq!(act(&mut case, &Act::Close, 1, 45), Err(Refusal::Status(Status::InProgress)));
    assert_eq!(act(&mut case, &resolve, 1, 50), Ok(Some(Change::Resolved)));
    assert_eq!(act(&mut case, &resolve, 1, 51), Err(Refusal::Status(Status::Resolved)));
    assert_eq!((case.status, case.resolved_at, case.escalate_at), (Status::Resolved, Some(at(50)), None));
    assert_eq!(act(&mut case, &Act::Close, 1, 60), Ok(Some(Change::Closed)));
    assert_eq!(
        act(&mut case, &Act::Note("sau này"), 1, 70),
        Ok(Some(Change::Noted)),
        "a note is always taken"
    );
    assert!(case.clocks.iter().all(|clock| clock.met_at.is_some()));
}

#[test]
fn a_false_alarm_needs_only_what_is_always_mandatory() {
    let mut case = incident();
    let resolve = Act::Resolve(Verdict::False, Some("hơi nước"));
    assert_eq!(act(&mut case, &resolve, 1, 5), Err(Refusal::StepsOpen(vec!["verify".into()])));
    let skip = Act::Step("verify", StepAct::Skip("camera hỏng"));
    assert_eq!(act(&mut case, &skip, 1, 6), Ok(Some(Change::StepSkipped)));
    assert_eq!(act(&mut case, &resolve, 1, 7), Ok(Some(Change::Resolved)));
}

#[test]
fn one_takes_it_and_the_others_learn_who_until_a_clock_calls() {
    let mut case = incident();
    act(&mut case, &Act::Take, 1, 1).unwrap();
    assert_eq!(act(&mut case, &Act::Take, 1, 2), Ok(None), "the winner may repeat it");
    assert_eq!(act(&mut case, &Act::Take, 2, 3), Err(Refusal::Taken(person(1))));
    act(&mut case, &Act::Escalate(ClockKind::OnScene, vec![person(2)]), 0, 900).unwrap();
    assert_eq!(act(&mut case, &Act::Take, 2, 901), Ok(Some(Change::Taken)));
    assert_eq!(case.owner, Some(person(2)));
    assert_eq!(case.escalate_at, Some(at(14400)), "on scene calls no more, resolving will");
}

#[test]
fn who_is_given_an_incident_has_not_taken_it_yet() {
    let mut case = incident();
    let edit = |owner| Act::Edit(Edit { owner: Some(owner), ..Edit::default() });
    assert_eq!(act(&mut case, &edit(Some(person(2))), 1, 1), Ok(Some(Change::Assigned)));
    assert_eq!((case.status, case.escalate_at), (Status::Open, Some(at(60))));
    assert_eq!(act(&mut case, &edit(Some(person(2))), 1, 2), Ok(None));
    assert_eq!(act(&mut case, &Act::Take, 2, 3), Ok(Some(Change::Taken)));
    assert_eq!(case.status, Status::InProgress);
}

#[test]
fn a_clock_calls_up_the_chain_until_somebody_takes_it() {
    let mut case = incident();
    act(&mut case, &Act::Edit(Edit { owner: Some(Some(person(1))), ..Edit::default() }), 9, 1).unwrap();
    let mut rungs = Vec::new();
    for _ in 0..4 {
        let now = case.escalate_at.unwrap();
        let call = Act::Escalate(ClockKind::Acknowledge, vec![]);
        let Outcome::Changed(Change::Escalated, detail) =
            apply(&mut case, &call, None, (&procedure(), now)).unwrap()
        else {
            panic!("it calls")
        };
        rungs.push(detail["rung"].as_str().unwrap().to_owned());
        assert_eq!(case.escalate_at, Some(now + TimeDelta::seconds(60)));
    }
    assert_eq!(rungs, ["owner", "supervisor", "on_call", "on_call"]);
    act(&mut case, &Act::Take, 3, 500).unwrap();
    assert_eq!(case.escalate_at, Some(at(900)));
}

#[test]
fn a_reopened_incident_goes_on_with_a_new_promise_and_what_was_done() {
    let mut case = incident();
    act(&mut case, &Act::Step("verify", StepAct::Done), 1, 5).unwrap();
    act(&mut case, &Act::Resolve(Verdict::False, None), 1, 10).unwrap();
    assert_eq!(act(&mut case, &Act::Reopen("vẫn còn khói"), 2, 100), Ok(Some(Change::Reopened)));
    assert_eq!((case.status, case.verdict), (Status::InProgress, None), "it has an owner still");
    assert_eq!(case.owner, Some(person(1)), "who begins owns what nobody owned");
    assert!(case.steps[0].done_at.is_some());
    let resolve = case.clocks.iter().find(|clock| clock.kind == ClockKind::Resolve).unwrap();
    assert_eq!((resolve.due_at, resolve.met_at), (at(14500), None));
    assert_eq!(case.escalate_at, Some(at(900)), "nobody was on scene yet");
    assert_eq!(act(&mut case, &Act::Reopen("x"), 2, 101), Err(Refusal::Status(Status::InProgress)));
}

#[test]
fn another_kind_brings_its_procedure_and_keeps_what_was_done() {
    let mut case = incident();
    act(&mut case, &Act::Step("verify", StepAct::Done), 1, 5).unwrap();
    let other = procedures().pop().unwrap();
    let edit = Act::Edit(Edit { kind: Some(&other), ..Edit::default() });
    assert_eq!(act(&mut case, &edit, 1, 6), Ok(Some(Change::Edited)));
    assert_eq!(case.kind, "other");
    assert!(case.steps.iter().any(|step| step.id == "verify" && step.done_at.is_some()));
    assert_eq!(case.steps.len(), other.steps.len());
    assert_eq!(case.escalate_at, Some(at(86_400)));
}

#[test]
fn two_who_do_the_same_step_at_once_learn_of_each_other() {
    let mut case = incident();
    act(&mut case, &Act::Step("verify", StepAct::Done), 1, 5).unwrap();
    assert_eq!(act(&mut case, &Act::Step("verify", StepAct::Done), 1, 6), Ok(None));
    let late = act(&mut case, &Act::Step("verify", StepAct::Done), 2, 6);
    assert_eq!(late, Err(Refusal::StepDone(person(1))));
    assert_eq!(act(&mut case, &Act::Step("verify", StepAct::Undo), 2, 7), Ok(Some(Change::StepUndone)));
    assert_eq!(act(&mut case, &Act::Step("dance", StepAct::Done), 2, 7), Err(Refusal::UnknownStep));
}

fn any_act(n: u8, by: u128) -> Act<'static> {
    match n {
        0 => Act::Take,
        1 => Act::Note("n"),
        2 => Act::Step("verify", StepAct::Done),
        3 => Act::Step("out", StepAct::Skip("r")),
        4 => Act::Step("verify", StepAct::Undo),
        5 => Act::Resolve(Verdict::False, None),
        6 => Act::Resolve(Verdict::True, None),
        7 => Act::Close,
        8 => Act::Reopen("r"),
        9 => Act::OnScene,
        10 => Act::Edit(Edit { owner: Some(None), ..Edit::default() }),
        11 => Act::Edit(Edit {
            owner: Some(Some(person(by + 1))),
            unit: Some(Some("u".into())),
            ..Edit::default()
        }),
        12 => Act::Unmerge("r"),
        13 => Act::Escalate(ClockKind::Acknowledge, vec![]),
        _ => Act::MergeInto(Uuid::from_u128(9), "2026-000009"),
    }
}

proptest! {
    #[test]
    fn whatever_is_done_the_incident_stays_whole(acts in prop::collection::vec((0..15_u8, 0..3_u128), 1..60)) {
        let mut case = incident();
        for (s, (n, by)) in acts.into_iter().enumerate() {
            let before = case.clone();
            let done = act(&mut case, &any_act(n, by), by, 10 * i64::try_from(s).unwrap());
            if !matches!(done, Ok(Some(_))) {
                prop_assert_eq!(&case, &before, "what is refused or was so already changes nothing");
            }
            prop_assert_eq!(case.status == Status::Closed, case.closed_at.is_some());
            prop_assert_eq!(case.is_unfinished(), case.verdict.is_none());
            prop_assert!(case.status != Status::Resolved || case.resolved_at.is_some());
            prop_assert!(case.merged_into.is_none() || case.status == Status::Closed);
            prop_assert!(case.is_unfinished() || case.escalate_at.is_none());
            let kinds: std::collections::HashSet<_> = case.clocks.iter().map(|clock| clock.kind).collect();
            prop_assert_eq!(kinds.len(), case.clocks.len());
        }
    }
}
