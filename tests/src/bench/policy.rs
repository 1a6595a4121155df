//! How fast events are judged: a policy of many rules over many cameras, on one core.

use crate::bench::{Bar, Figure, real};
use crate::clock;
use chrono::{DateTime, TimeDelta, Utc};
use control_center::policy::{Fact, Judgement, Policy, PolicyBody, Says, Site, Sites};
use ngatu_protocol::{
    CameraId, EdgeId, EventData, EventKind, OutboxId, Phase, RoadUserClass, RuleId, ZoneId,
};
use serde_json::json;
use uuid::Uuid;

/// Events that are judged.
const EVENTS: u64 = 400_000;
/// Events of one batch, as ingest takes them.
const BATCH: u64 = 500;
/// Cameras of the city.
const CAMERAS: u64 = 500;
/// Rules of the policy; the last one of them fits most events.
const RULES: u64 = 50;
/// Events a second that must be reached.
const WANTED: f64 = 100_000.0;

/// Events a second through policy and judgement; the floor is the judgement without a policy.
///
/// # Errors
/// When the policy is refused.
pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let policy = policy()?;
    let plain = Policy::new(1, &PolicyBody::default(), &[], &Sites::new(), &[]);
    let (value, floor) = (judge(&policy)?, judge(&plain)?);
    let name = "policy-evaluation";
    Ok(vec![Figure { name, value, unit: "events/s", floor, bar: Bar::AtLeast(WANTED) }])
}

fn policy() -> anyhow::Result<Policy> {
    let mut rules: Vec<_> = (0..RULES - 1)
        .map(|n| {
            json!({ "name": format!("rule {n}"), "severity": "high", "hold_off_s": 5,
                "when": { "kinds": ["intrusion", "loitering"], "cameras": [format!("edge-{n}/camera-{n}")],
                    "areas": ["bac"], "classes": ["person"], "min_confidence": 0.5,
                    "hours": [{ "from": "22:00", "to": "06:00" }] } })
        })
        .collect();
    rules.push(
        json!({ "name": "rest", "when": { "areas": ["nam"] }, "group": { "by": ["kind"], "metres": 100 } }),
    );
    let body = json!({ "rule": rules, "inhibit": [{ "while_active": ["camera_lost", "camera_tampered"] }] });
    let body = PolicyBody::parse(&body).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let site = |n: u64| {
        let along = f64::from(u32::try_from(n).unwrap_or(0)) / 1000.0;
        let area = if n.is_multiple_of(2) { "bac" } else { "nam" };
        let of = Site { area: Some(area.into()), place: Some((20.4 + along, 106.3)) };
        ((format!("edge-{n}"), format!("camera-{n}")), of)
    };
    Ok(Policy::new(1, &body, &[], &(0..CAMERAS).map(site).collect(), &[]))
}

fn event(n: u64) -> anyhow::Result<EventData> {
    let kinds = [EventKind::Intrusion, EventKind::WrongWay, EventKind::Loitering, EventKind::StoppedVehicle];
    Ok(EventData {
        kind: kinds[usize::try_from(n / 2 % 4)?],
        rule: RuleId::new(format!("rule-{}", n / 2 % 4))?,
        zone: Some(ZoneId::new("lane-2")?),
        track: Some(n / 2),
        class: Some(if n % 8 < 4 { RoadUserClass::Person } else { RoadUserClass::Car }),
        phase: if n.is_multiple_of(2) { Phase::Start } else { Phase::End },
        confidence: 0.7,
        picture: None,
        place: None,
        speed_kmh: None,
        snapshot: None,
        model: None,
        config: 1,
        clock_error_ms: None,
        why: None,
    })
}

/// Judges every event, batch by batch; the states of the alerts go from one batch to the next as through a database.
fn judge(policy: &Policy) -> anyhow::Result<f64> {
    let places: Vec<(EdgeId, CameraId)> = (0..CAMERAS)
        .map(|n| Ok((EdgeId::new(format!("edge-{n}"))?, CameraId::new(format!("camera-{n}"))?)))
        .collect::<anyhow::Result<_>>()?;
    let events: Vec<EventData> = (0..4096).map(event).collect::<anyhow::Result<_>>()?;
    let begin: DateTime<Utc> = DateTime::from_timestamp(1_763_800_000, 0).unwrap_or_default();
    let inhibiting = policy.inhibiting();
    let mut raised = 0_usize;
    let start = clock::instant();
    for batch in 0..EVENTS / BATCH {
        let mut judgement = Judgement::new(Vec::new(), &inhibiting);
        for n in batch * BATCH..(batch + 1) * BATCH {
            let (edge, camera) = &places[usize::try_from(n / 2 % CAMERAS)?];
            let time = begin + TimeDelta::milliseconds(i64::try_from(n)?);
            let event = &events[usize::try_from(n % 4096)?];
            let outbox = OutboxId(Uuid::nil());
            let fact = Fact { edge, camera: Some(camera), event, time, outbox, sequence: n, ended_at: None };
            judgement.take(&fact, &Says::of(policy, &fact, time), time, || Uuid::from_u128(n.into()));
        }
        raised += judgement.changes().len();
    }
    anyhow::ensure!(raised > 0, "nothing was raised");
    Ok(real(usize::try_from(EVENTS)?) / start.elapsed().as_secs_f64())
}
