//! A policy that is activated holds for what arrives next: hold-offs, inhibitions and silences, over restarts as well.

use crate::support::{Center, array, until};
use chrono::TimeDelta;
use control_center::alerts::Person;
use control_center::alerts::policies::{self, Draft};
use control_center::clock;
use control_center::ingest::wake;
use control_center::live::Hub;
use control_center::policy::body::Matcher;
use control_center::policy::{PolicyBody, Silence};
use ngatu_protocol::Lane;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn activate(center: &Center, body: Value) {
    let draft = Draft { body: PolicyBody::parse(&body).unwrap(), note: "thử".into(), activate: true };
    policies::add(center.app.pool(), &draft, None, clock::now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_is_held_off_becomes_an_alert_on_time_though_everything_was_killed_meanwhile() {
    let center = Center::start().await;
    let edge = center.edge("held").await;
    activate(
        &center,
        json!({ "rule": [{ "name": "đợi", "hold_off_s": 3600, "severity": "critical", "incident": true }] }),
    )
    .await;
    // Track 1 comes and goes, track 11 under another rule stays.
    edge.send(Lane::Events, array([1, 2].map(|n| edge.event(n)))).await;
    edge.send(Lane::Events, array((3..=21).map(|n| edge.event(n)))).await;
    edge.until_acked(Lane::Events, 21).await;
    assert_eq!((center.count("alerts").await, center.count("alert_pending").await), (0, 1));
    // An hour later, in the eyes of the database.
    sqlx::query(
        "update alert_pending set due = now() + interval '1 second', \
            state = jsonb_set(state, '{pending,due}', to_jsonb(now() + interval '1 second'))",
    )
    .execute(center.app.pool())
    .await
    .unwrap();
    let (postgres, _) = center.app.server_pids();
    kill(Pid::from_raw(postgres.unwrap()), Signal::SIGKILL).unwrap();
    let center = center.again().await;
    let raised = async || center.count("alerts where active and severity = 'critical'").await;
    until("alert that was held off", |n| *n == 1, raised).await;
    assert_eq!(center.count("alert_pending").await, 0);
    assert_eq!(center.count("incidents where origin = 'alert' and opened_by is null").await, 1);
    let detail: Value = center.value("select detail from alert_log where change = 'raised'").await;
    assert_eq!(
        (&detail["incident"], &detail["rule"], &detail["policy"]),
        (&json!(true), &json!("đợi"), &json!(2))
    );
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_camera_mutes_its_rules_until_it_is_back_and_a_silence_until_it_is_ended() {
    let center = Center::start().await;
    let edge = center.edge("muted").await;
    activate(&center, json!({ "inhibit": [{ "while_active": ["camera_lost"] }] })).await;
    let lost = |sequence, phase: &str| {
        let data =
            format!(r#"{{"kind":"camera_lost","rule":"camera-lost","phase":"{phase}","confidence":1}}"#);
        edge.envelope("event", sequence, &data)
    };
    // Twice: the first event of a camera takes the long way, the second one the short way.
    for (first, muted) in [(1_u64, 1_i64), (41, 2)] {
        edge.send(Lane::Events, array([lost(first, "start")])).await;
        edge.until_acked(Lane::Events, first).await;
        // A start of a rule of its own, under the next number.
        let event = edge.event(first * 100 + 1);
        let event = event
            .replace(&format!("\"sequence\":{}", first * 100 + 1), &format!("\"sequence\":{}", first + 1));
        edge.send(Lane::Events, array([event])).await;
        edge.until_acked(Lane::Events, first + 1).await;
        let inhibited =
            center.value::<i64>("select count(*) from alert_log where change = 'inhibited'").await;
        assert_eq!(inhibited, muted);
        let cause: String =
            center.value("select muted ->> 'cause' from alerts where muted is not null").await;
        assert_eq!(cause, "inhibited");
        edge.send(Lane::Events, array([lost(first + 2, "end")])).await;
        edge.until_acked(Lane::Events, first + 2).await;
        until(
            "return of the muted alert",
            |n| *n == 0,
            async || center.count("alerts where muted is not null").await,
        )
        .await;
        if first == 1 {
            let data = r#"{"from":4,"to":39,"count":36,"reason":"outbox_full"}"#;
            edge.send(Lane::Events, array([edge.envelope("loss", 40, data)])).await;
            edge.until_acked(Lane::Events, 40).await;
        }
    }
    let until_at = clock::now() + TimeDelta::hours(1);
    let when = Matcher { edges: vec!["muted".into()], ..Matcher::default() };
    let silence =
        Silence {
            id: Uuid::now_v7(), when, from: clock::now(), until: until_at, reason: "lễ hội".into()
        };
    let author = Person { id: Uuid::now_v7(), name: "Lan".into() };
    policies::silence(center.app.pool(), &silence, &author, clock::now()).await.unwrap();
    let event = edge.event(9001).replace("\"sequence\":9001", "\"sequence\":44");
    edge.send(Lane::Events, array([event])).await;
    edge.until_acked(Lane::Events, 44).await;
    let cause: String = center.value("select muted ->> 'cause' from alerts where muted is not null").await;
    assert_eq!(cause, "silenced");
    policies::end_silence(center.app.pool(), silence.id, &author, clock::now()).await.unwrap();
    until("end of the silence", |n| *n == 0, async || center.count("alerts where muted is not null").await)
        .await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graver_event_in_an_alert_that_was_worked_off_calls_again_and_opens_its_incident() {
    let center = Center::start().await;
    let edge = center.edge("graver").await;
    activate(
        &center,
        json!({ "rule": [
            { "name": "cháy", "when": { "kinds": ["smoke_or_fire"] }, "incident": true, "group": { "by": [] } },
            { "name": "chung", "group": { "by": [] } },
        ] }),
    )
    .await;
    let event = |sequence, kind: &str| {
        let rule = kind.replace('_', "-");
        let data = format!(r#"{{"kind":"{kind}","rule":"{rule}","phase":"start","confidence":0.9}}"#);
        array([edge.envelope("event", sequence, &data)])
    };
    edge.send(Lane::Events, event(1, "loitering")).await;
    edge.until_acked(Lane::Events, 1).await;
    // Somebody saw it, said that it was nothing, and does not want to see it again for an hour.
    sqlx::query(
        r#"update alerts set acknowledged_at = now(), acknowledged_by = null,
           verdict = '{"verdict": "false", "reason": "other", "note": null, "by": {"id": "00000000-0000-0000-0000-000000000001", "name": "Lan"}, "at": "2026-11-22T00:00:00Z"}',
           shelved = '{"until": "2099-01-01T00:00:00Z", "reason": "x", "by": {"id": "00000000-0000-0000-0000-000000000001", "name": "Lan"}, "at": "2026-11-22T00:00:00Z"}',
           shelved_until = '2099-01-01T00:00:00Z'"#,
    )
    .execute(center.app.pool())
    .await
    .unwrap();
    edge.send(Lane::Events, event(2, "smoke_or_fire")).await;
    edge.until_acked(Lane::Events, 2).await;
    let calls = "alerts where severity = 'critical' and acknowledged_at is null and verdict is null \
        and shelved is null and shelved_until is null and wants_incident and count = 2";
    assert_eq!((center.count("alerts").await, center.count(calls).await), (1, 1));
    let rows: Vec<Value> = center
        .values("select jsonb_build_array(change, alert_row -> 'severity', detail -> 'before', detail -> 'rule') from alert_log order by seq")
        .await;
    let wanted =
        [json!(["raised", "medium", null, "chung"]), json!(["raised", "critical", "medium", "cháy"])];
    assert_eq!(rows, wanted);
    assert_eq!(center.count("incidents where severity = 'critical'").await, 1);
    // The same again changes nothing of that.
    edge.send(Lane::Events, event(3, "smoke_or_fire")).await;
    edge.until_acked(Lane::Events, 3).await;
    assert_eq!(center.count("alert_log where change = 'repeated'").await, 1);
    assert_eq!((center.count("incidents").await, center.count(calls).await), (1, 0));
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_maintenance_mutes_comes_back_when_the_policy_drops_it() {
    let center = Center::start().await;
    let edge = center.edge("works").await;
    let (from, until_at) = (clock::now() - TimeDelta::hours(1), clock::now() + TimeDelta::hours(1));
    let window = |name: &str, until| json!({ "name": name, "from": from, "until": until });
    activate(&center, json!({ "maintenance": [window("sửa đường", until_at)] })).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    let muted = async || center.count("alerts where muted is not null").await;
    assert_eq!(muted().await, 1);
    // Longer works mute it as long.
    activate(&center, json!({ "maintenance": [window("sửa đường", until_at + TimeDelta::hours(1))] })).await;
    let hub = Hub::start(center.app.pool().clone(), CancellationToken::new());
    wake::wake_due(center.app.pool(), &hub, until_at + TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(muted().await, 1);
    activate(&center, json!({ "maintenance": [window("khác", until_at)] })).await;
    until("return of what was muted", |n| *n == 0, muted).await;
    assert_eq!(center.count("alert_log where change = 'raised'").await, 1);
    center.app.stop().await;
}
