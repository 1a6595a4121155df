//! Bad input: each refusal has its reason, and its neighbours are not touched.

use crate::certificates::admin;
use crate::support::{Center, Edge, array, until};
use control_center::access::claims;
use control_center::clock;
use ngatu_protocol::Lane;

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_message_is_dead_lettered_with_its_reason_and_its_neighbours_are_stored() {
    let center = Center::start().await;
    let edge = center.edge("odd").await;
    let table: &[(&str, &str, &str)] = &[
        ("\"confidence\":0.5", "\"confidence\":1.5", "confidence"),
        ("\"intrusion\"", "\"no_such_kind\"", "no_such_kind"),
        ("/edges/odd/", "/edges/other/", "does not name edge odd"),
        ("vn.ngatu.event.v1", "vn.ngatu.health.v1", "data"),
        ("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\"", "specversion"),
        ("\"yard\"", "\"\\ud800\"", "hex escape"),
        ("\"confidence\":0.5", "\"confidence\":1e99999", "number out of range"),
        ("\"confidence\":0.5", "\"confidence\":0.5,\"new\":\"\\u0000\"", "U+0000"),
    ];
    let mut sequence = 0;
    let mut wanted = Vec::new();
    for (from, to, reason) in table {
        sequence += 3;
        let good = edge.event(sequence - 1);
        let bad = good.replace(from, to);
        assert_ne!(good, bad, "the row for {reason} changes nothing");
        edge.send(Lane::Events, array([edge.event(sequence - 2), bad, edge.event(sequence)])).await;
        wanted.push((i64::try_from(sequence - 1).unwrap(), *reason));
    }
    edge.until_acked(Lane::Events, sequence).await;
    for (sequence, reason) in wanted {
        let letter: (String, String, Vec<u8>) =
            sqlx::query_as("select edge, reason, raw from dead_letters where sequence = $1")
                .bind(sequence)
                .fetch_one(center.app.pool())
                .await
                .unwrap_or_else(|error| panic!("dead letter {sequence} for {reason}: {error}"));
        assert!(letter.1.contains(reason), "{} should speak of {reason}", letter.1);
        assert!(letter.0 == "odd" && !letter.2.is_empty());
    }
    let letters = i64::try_from(table.len()).unwrap();
    assert_eq!(center.count("events").await, 2 * letters);
    assert_eq!(center.value::<i64>("select dead_letters from edges where id = 'odd'").await, letters);
    assert_eq!(center.value::<i64>("select dead from ledger").await, letters);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_a_measure_of_a_newer_edge_is_stored_whole_and_the_measure_counted() {
    let center = Center::start().await;
    let edge = center.edge("newer").await;
    let why =
        r#""why":{"facts":[{"measure":"wheels","value":3},{"measure":"dwell","value":2.5,"threshold":2}]}"#;
    let event = edge.event(1).replace("\"confidence\":0.5", &format!("\"confidence\":0.5,{why}"));
    let end =
        edge.event(2).replace("\"confidence\":0.5", "\"confidence\":0.5,\"why\":{\"ended\":\"teleported\"}");
    edge.send(Lane::Events, array([event, end])).await;
    edge.until_acked(Lane::Events, 2).await;
    assert_eq!((center.count("events").await, center.count("dead_letters").await), (2, 0));
    let kept = "select data->'why'->'facts'->0->>'measure' from events where sequence = 1";
    assert_eq!(center.value::<String>(kept).await, "wheels", "the event is kept as it came");
    let shown = "select why->'facts'->0->>'measure' from alerts";
    assert_eq!(center.value::<String>(shown).await, "dwell");
    assert_eq!(center.app.shed().unknown(), [("newer".to_owned(), 2)]);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_database_refuses_is_found_among_its_neighbours_and_buried_alone() {
    let center = Center::start().await;
    let edge = center.edge("poison").await;
    center.as_owner("alter table events add constraint no_seven check (sequence <> 7)").await;
    edge.send(Lane::Events, array((1..=20).map(|n| edge.event(n)))).await;
    edge.until_acked(Lane::Events, 20).await;
    assert_eq!(center.count("events").await, 19);
    let letter: (i64, String) = sqlx::query_as("select sequence, reason from dead_letters")
        .fetch_one(center.app.pool())
        .await
        .unwrap();
    assert!(letter.0 == 7 && letter.1.contains("no_seven"), "{letter:?}");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_that_hold_no_messages_are_dead_lettered_as_a_whole() {
    let center = Center::start().await;
    let edge = center.edge("broken").await;
    let far = edge.event(4).replace(&crate::support::time_of(4).to_rfc3339(), "2093-01-01T00:00:00Z");
    let big = edge.event(3).replace("\"yard\"", &format!("\"{}\"", "y".repeat(270_000)));
    let payloads: Vec<(Lane, Vec<u8>, &str)> = vec![
        (Lane::Events, b"not json".to_vec(), "not a JSON array"),
        (Lane::Events, "[".repeat(10_000).into_bytes(), "deeper"),
        (Lane::Events, vec![b'[', 0xff, b']'], "UTF-8"),
        (Lane::Events, array([big]).into_bytes(), "larger than"),
        (Lane::Events, array([far]).into_bytes(), "in the future"),
        (Lane::Tracks, array([edge.event(1)]).into_bytes(), "does not belong in lane tracks"),
        (Lane::Health, b"[NaN]".to_vec(), "envelope"),
    ];
    let count = i64::try_from(payloads.len()).unwrap();
    for (lane, payload, _) in &payloads {
        edge.send(*lane, payload.clone()).await;
    }
    until("dead letters", |n| *n == count, async || center.count("dead_letters").await).await;
    let reasons: Vec<String> = center.values("select reason from dead_letters order by id").await;
    for (_, _, wanted) in &payloads {
        assert!(reasons.iter().any(|reason| reason.contains(wanted)), "{wanted} among {reasons:?}");
    }
    // The numbers of the oversized one and of the one from the future are settled, so neither comes for ever.
    edge.send(Lane::Events, array([edge.event(1), edge.event(2)])).await;
    edge.until_acked(Lane::Events, 4).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_was_done_but_not_answered_is_not_counted_twice() {
    let center = Center::start().await;
    let edge = center.edge("unsure").await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    // A COMMIT that is on disk waits for a standby that there is not, and its connection is cut meanwhile.
    let rounds = [
        (b"not json".to_vec(), "select count(*) from dead_letters", 1),
        (array([edge.event(2)]).into_bytes(), "select highest from ledger", 2),
        (array([edge.event(3), edge.event(1)]).into_bytes(), "select highest from ledger", 3),
    ];
    for (payload, query, committed) in rounds {
        wait_for_standby(&center, "alter system set synchronous_standby_names = 'nobody'").await;
        until(
            "commits that wait",
            |waits| *waits,
            async || {
                let probe = sqlx::query("select pg_logical_emit_message(true, 'probe', '')")
                    .execute(center.app.pool());
                tokio::time::timeout(std::time::Duration::from_millis(200), probe).await.is_err()
            },
        )
        .await;
        edge.send(Lane::Events, payload).await;
        until("the committed rows", |seen| *seen == committed, async || {
            let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'";
            center.value::<i64>(cut).await;
            center.value::<i64>(query).await
        })
        .await;
        wait_for_standby(&center, "alter system reset synchronous_standby_names").await;
    }
    edge.send(Lane::Events, array([edge.event(4)])).await;
    edge.until_acked(Lane::Events, 4).await;
    assert_eq!(center.values::<i64>("select duplicates from ledger").await, [1], "event 1 alone came twice");
    assert_eq!(center.count("dead_letters").await, 1);
    assert_eq!(center.value::<i64>("select dead_letters from edges where id = 'unsure'").await, 1);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_changes_between_the_look_and_the_commit_is_judged_again() {
    let center = Center::start().await;
    let edge = center.edge("overtaken").await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    // Who holds the lock of the log changes the alert after ingest has looked.
    let mut other = center.app.pool().begin().await.unwrap();
    sqlx::raw_sql("select pg_advisory_xact_lock(7220501)").execute(&mut *other).await.unwrap();
    edge.send(Lane::Events, array([edge.event(2)])).await;
    until("a commit that waits for the lock", |n| *n == 1, async || {
        let waits = "select count(*) from pg_stat_activity where wait_event = 'advisory' and query like 'with locked%'";
        center.value::<i64>(waits).await
    })
    .await;
    let acknowledge = "update alerts set acknowledged_at = now(), seq = 2; \
        insert into alert_log select 2, now(), alert, 'acknowledged', null, alert_row from alert_log where seq = 1";
    sqlx::raw_sql(acknowledge).execute(&mut *other).await.unwrap();
    other.commit().await.unwrap();
    edge.until_acked(Lane::Events, 2).await;
    assert_eq!(
        center.values::<String>("select change from alert_log order by seq").await,
        ["raised", "acknowledged", "cleared"]
    );
    assert_eq!(center.values::<i64>("select seq from alert_log order by seq").await, [1, 2, 3]);
    let shown = "select alert_row ->> 'acknowledged_at' is not null from alert_log where seq = 3";
    assert!(center.value::<bool>(shown).await, "the newest change knows of the acknowledgement");
    let ledger = "select array[received, dead, duplicates, lost] from ledger";
    assert_eq!(center.value::<Vec<i64>>(ledger).await, [2, 0, 0, 0]);
    assert_eq!(center.count("events").await, 2);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_does_not_wait_for_the_lock_of_the_alert_log() {
    let center = Center::start().await;
    let edge = center.edge("well").await;
    let mut other = center.app.pool().begin().await.unwrap();
    sqlx::raw_sql("select pg_advisory_xact_lock(7220501)").execute(&mut *other).await.unwrap();
    edge.send(Lane::Health, array([edge.health(1, 500)])).await;
    edge.until_acked(Lane::Health, 1).await;
    other.rollback().await.unwrap();
    center.app.stop().await;
}

async fn wait_for_standby(center: &Center, change: &'static str) {
    for step in [change, "select pg_reload_conf()"] {
        center.as_owner(step).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_can_neither_write_nor_read_under_another_name() {
    let center = Center::start().await;
    let (good, bad) = (center.edge("good").await, center.edge("bad").await);
    bad.client.subscribe("ngatu/v1/good/ack", rumqttc::v5::mqttbytes::QoS::AtLeastOnce).await.unwrap();
    bad.publish("ngatu/v1/good/events", array([good.event(1)])).await;
    let refused = |reasons: &Vec<_>| {
        reasons.iter().any(|reason| matches!(reason, rumqttc::v5::mqttbytes::v5::PubAckReason::NotAuthorized))
    };
    until("refusal by the broker", refused, async || bad.heard.lock().unwrap().pubacks.clone()).await;
    good.send(Lane::Events, array([good.event(1)])).await;
    good.until_acked(Lane::Events, 1).await;
    // Another edge's outbox is not settled by one that only claims it.
    let claimed = bad.event(7).replace(&bad.outbox.to_string(), &good.outbox.to_string());
    bad.send(Lane::Events, array([claimed])).await;
    until("dead letter", |n| *n == 1, async || center.count("dead_letters").await).await;
    assert_eq!(center.value::<i64>("select highest from ledger").await, 1);
    assert_eq!(center.count("events").await, 1);
    assert!(bad.heard.lock().unwrap().topics.iter().all(|topic| !topic.contains("/good/")));
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_whose_credential_is_taken_away_is_cut_off_and_stays_out() {
    let center = Center::start().await;
    let (gone, stays) = (center.edge("gone").await, center.edge("stays").await);
    let admin = admin();
    assert!(claims::revoke(center.app.pool(), &admin, &gone.id, clock::now()).await.unwrap());
    let refused = async || {
        let heard = gone.heard.lock().unwrap();
        (heard.connected, heard.refused.clone().unwrap_or_default())
    };
    let is_out =
        |(connected, refused): &(bool, String)| !connected && refused.to_lowercase().contains("authorized");
    until("end of the connection", is_out, refused).await;
    assert!(stays.heard.lock().unwrap().refused.is_none(), "nobody else is cut off");
    stays.send(Lane::Events, array([stays.event(1)])).await;
    stays.until_acked(Lane::Events, 1).await;
    // Enrolled again, it comes in again, with the new credential alone.
    let secret = center.enroll("gone").await;
    let back = Edge::connect(center.mqtt(), "gone", &secret).await;
    back.send(Lane::Events, array([back.event(1)])).await;
    back.until_acked(Lane::Events, 1).await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_does_not_get_in() {
    let center = Center::start().await;
    center.enroll("known").await;
    for (name, secret) in [("known", "wrong"), ("unknown", "wrong")] {
        let edge = Edge::begin(center.mqtt(), name, secret);
        let refused =
            until("refusal", Option::is_some, async || edge.heard.lock().unwrap().refused.clone()).await;
        assert!(refused.is_some_and(|why| why.to_lowercase().contains("authorized")));
    }
    center.app.stop().await;
}
