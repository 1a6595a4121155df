//! Bad messages: each is kept with its reason, and neither its neighbours nor the process notice.

#![allow(clippy::unwrap_used, reason = "a test")]

use chrono::Duration as Span;
use ngatu_protocol::{Body, EventData, Lane, Topic, Why};
use ngatu_tests::clock;
use ngatu_tests::faults::center;
use ngatu_tests::faults::storm::HandMade;
use ngatu_tests::stack::wire::{Wire, WireOptions};
use ngatu_tests::stack::{Center, Database, Operator};
use ngatu_tests::virtual_edge::{event, event_of, health};
use ngatu_tests::wait::{Seen, wait_for};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

async fn dead_letters(operator: &Operator, edge: &str, count: usize) -> Vec<Value> {
    wait_for("dead letters", SOON, async || {
        let letters = operator.items("dead-letters?limit=200").await?;
        let own: Vec<Value> = letters.into_iter().filter(|letter| letter["edge"] == edge).collect();
        let reasons: Vec<_> = own.iter().map(|letter| letter["reason"].to_string()).collect();
        Ok(Seen::when(own.len() >= count, own, format!("{reasons:?}")))
    })
    .await
    .unwrap()
}

async fn run_ends_at(database: &Database, edge: &str, upto: u64) {
    wait_for("unbroken run", SOON, async || {
        let line = database.ledger(edge, "events").await?;
        Ok(Seen::when(line.upto == upto, (), format!("{line:?}")))
    })
    .await
    .unwrap();
}

async fn online(center: &Center, edge: &str) -> anyhow::Result<bool> {
    let sql = "select online from edges where id = $1";
    Ok(sqlx::query_scalar(sql).bind(edge).fetch_one(center.database().await?.pool()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_message_is_kept_with_its_reason_and_harms_nobody() {
    let mut center = center("messages").await.unwrap();
    let pid = center.process().pid();
    let operator = center.operator().await.unwrap();
    let database = center.database().await.unwrap();
    let mut edge = HandMade::connect(&center, "foreign").await.unwrap();
    let now = clock::now();
    let topic = Topic::Lane(edge.edge.clone(), Lane::Events);
    let good = |edge: &HandMade, number| edge.sealed(number, &event(number, now));

    // Whole payloads that cannot be read: nothing of them has a number, so the run goes on without a gap.
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let whole = [
        ("{not json".to_owned(), "not a JSON array"),
        (deep, "deeper"),
        (format!("[{}]", " ".repeat(256 * 1024 - 1)), "larger than"),
        ("{}".to_owned(), "not a JSON array"),
    ];
    for (payload, _) in &whole {
        edge.publish(&topic, payload.clone(), false).await.unwrap();
    }
    let letters = dead_letters(&operator, "foreign", whole.len()).await;
    for (_, reason) in &whole {
        assert!(
            letters.iter().any(|l| l["reason"].as_str().unwrap().contains(reason)),
            "{reason} in {letters:?}"
        );
    }
    let longest: i64 =
        database.number("select max(octet_length(raw))::bigint from dead_letters").await.unwrap();
    assert!((1000..=4096).contains(&longest), "raw bytes are kept, cut to 4 KiB: {longest}");

    // Bad elements between good neighbours.
    let bad = [
        (good(&edge, 2).replace("0.83", "NaN"), "envelope"),
        (good(&edge, 4).replace("\"intrusion-yard\"", "\"\\ud800\""), "data"),
        (good(&edge, 6).replace("\"intrusion\"", "\"no_such_kind\""), "no_such_kind"),
        (good(&edge, 8).replace("/edges/foreign/", "/edges/other/"), "does not name edge"),
        (good(&edge, 10).replace("0.83", "1e999"), "number out of range"),
        (good(&edge, 12).replace("intrusion-yard", "sân"), "not a usable name"),
        (edge.sealed(14, &event(14, now + Span::days(400))), "in the future: the edge's clock is wrong"),
    ];
    for ((message, reason), number) in bad.iter().zip((1u64..).step_by(2)) {
        assert_ne!(*message, good(&edge, number + 1), "the row for {reason} changed nothing");
        let payload = format!("[{},{message},{}]", good(&edge, number), good(&edge, number + 2));
        edge.publish(&topic, payload, false).await.unwrap();
    }
    let letters = dead_letters(&operator, "foreign", whole.len() + bad.len()).await;
    for (_, reason) in &bad {
        assert!(
            letters.iter().any(|l| l["reason"].as_str().unwrap().contains(reason)),
            "{reason} in {letters:?}"
        );
    }
    // Each of them has a number, the one that is no JSON as well: it is counted, and nobody waits for it.
    run_ends_at(&database, "foreign", 15).await;
    let line = database.ledger("foreign", "events").await.unwrap();
    assert_eq!((line.received, line.dead), (8, 7), "{line:?}");
    assert_eq!(line.received, database.events_of("foreign").await.unwrap(), "{line:?}");
    // The same bytes again are no new letters: the first has a number, the second none.
    let letters = "select count(*) from dead_letters where edge = 'foreign'";
    let before = database.number(letters).await.unwrap();
    for _ in 0..3 {
        edge.publish(&topic, format!("[{}]", bad[0].0), false).await.unwrap();
        edge.publish(&topic, whole[0].0.clone(), false).await.unwrap();
    }
    let counted = i64::try_from(whole.len() + bad.len()).unwrap() + 3;
    wait_for("the repeated payloads", SOON, async || {
        let sql = "select dead_letters from edges where id = 'foreign'";
        let now = database.number(sql).await?;
        let again = database.ledger("foreign", "events").await?.duplicates - line.duplicates;
        Ok(Seen::when(now == counted && again == 3, (), format!("{now} counted, {again} came again")))
    })
    .await
    .unwrap();
    assert_eq!(database.number(letters).await.unwrap(), before);

    // Vietnamese text, precomposed and decomposed, arrives whole and is stored the same.
    let texts = ["Người vào khu vực cấm", "Ngươ\u{300}i va\u{300}o khu vư\u{323}c câ\u{301}m"];
    for (number, text) in (16u64..).zip(texts) {
        let mut message = event_of("nga-tu", "yard", number, now);
        if let Body::Event(EventData { why, .. }) = &mut message.body {
            *why = Some(Why::note(text));
        }
        edge.publish(&topic, format!("[{}]", edge.sealed(number, &message)), false).await.unwrap();
    }
    run_ends_at(&database, "foreign", 17).await;
    let sql = "select count(*) from events where edge = 'foreign' and sequence >= 16
               and data->'why'->>'note' = 'Người vào khu vực cấm'";
    assert_eq!(database.number(sql).await.unwrap(), 2);

    // Another edge's name: the broker refuses, and nothing arrives.
    let other = Topic::Lane(ngatu_protocol::EdgeId::new("victim").unwrap(), Lane::Events).to_string();
    let answer = edge.wire.publish(&other, "[]", false).await;
    let said = format!("{answer:?}");
    assert!(said.contains("NotAuthorized"), "the broker must refuse another edge's topic: {said}");
    let nobody = WireOptions { secret: "wrong".into(), ..edge.credential() };
    assert!(Wire::connect(nobody).await.is_err(), "a wrong secret must be refused");
    assert_eq!(database.number("select count(*) from edges where id = 'victim'").await.unwrap(), 0);

    assert_eq!(center.process().pid(), pid);
    assert!(center.process().ended().is_none());
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_will_of_an_older_boot_is_ignored() {
    let mut center = center("will").await.unwrap();
    let mut edge = HandMade::connect(&center, "race").await.unwrap();
    let topic = Topic::State(edge.edge.clone());
    let old_will = (topic.to_string(), edge.state(1, false));
    let mut old = Wire::connect(WireOptions { will: Some(old_will), ..edge.credential() }).await.unwrap();
    old.publish(&topic.to_string(), edge.state(1, true), true).await.unwrap();
    // The new session takes the old one's place at the broker, which publishes the old one's will about now.
    edge.wire = Wire::connect(edge.credential()).await.unwrap();
    let birth = edge.state(2, true);
    edge.publish(&topic, birth, true).await.unwrap();
    let seen = async |wanted_boot: i64, wanted: bool| {
        wait_for("state of the edge", SOON, async || {
            let database = center.database().await?;
            let boot: Option<i64> = sqlx::query_scalar("select boot from edges where id = 'race'")
                .fetch_one(database.pool())
                .await?;
            let online = online(&center, "race").await?;
            Ok(Seen::when(
                boot == Some(wanted_boot) && online == wanted,
                (),
                format!("boot {boot:?} online {online}"),
            ))
        })
        .await
        .unwrap();
    };
    seen(2, true).await;
    drop(old);
    // Nobody but the center may read states, so the same words are sent once more, where their order is known.
    let late = edge.state(1, false);
    edge.publish(&topic, late, true).await.unwrap();
    let event_topic = Topic::Lane(edge.edge.clone(), Lane::Events);
    // An event behind the will proves that the center has read past it.
    let behind = edge.event(1, clock::now());
    edge.publish(&event_topic, behind, false).await.unwrap();
    run_ends_at(&center.database().await.unwrap(), "race", 1).await;
    seen(2, true).await;
    // A will of the boot in force counts.
    let newest = edge.state(2, false);
    edge.publish(&topic, newest, true).await.unwrap();
    seen(2, false).await;
    center.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_or_steps_back_breaks_no_order() {
    let mut center = center("skew").await.unwrap();
    let operator = center.operator().await.unwrap();
    let mut edge = HandMade::connect(&center, "skewed").await.unwrap();
    let database = center.database().await.unwrap();
    let topic = Topic::Lane(edge.edge.clone(), Lane::Events);
    let now = clock::now();
    // Ten minutes ahead, then a step back to ten minutes behind: start and end of one intrusion, twice.
    let skews = [Span::minutes(10), Span::minutes(-10), Span::minutes(-10), Span::minutes(10)];
    for (number, skew) in (1u64..).zip(skews) {
        let payload = edge.event(number, now + skew);
        edge.publish(&topic, payload, false).await.unwrap();
    }
    run_ends_at(&database, "skewed", 4).await;
    let line = database.ledger("skewed", "events").await.unwrap();
    assert_eq!((line.received, line.dead), (4, 0), "{line:?}");
    let backwards = database
        .number("select count(*) from alerts where last_at < first_at or cleared_at < raised_at")
        .await
        .unwrap();
    assert_eq!(backwards, 0, "a duration must not be negative");
    let order = database
        .number(
            "select count(*) from (select received_at < lag(received_at) over (order by sequence) as back
                 from events where edge = 'skewed') t where back",
        )
        .await
        .unwrap();
    assert_eq!(order, 0, "the server's time gives the order");
    // Health says what time the edge has now: the skew is shown.
    let health_topic = Topic::Lane(edge.edge.clone(), Lane::Health);
    let health = edge.sealed(1, &health(1.0, clock::now() + Span::minutes(10)));
    edge.publish(&health_topic, format!("[{health}]"), false).await.unwrap();
    wait_for("the edge's clock skew", SOON, async || {
        let edges = operator.items("edges").await?;
        let skew =
            edges.iter().find(|edge| edge["id"] == "skewed").and_then(|edge| edge["clock_skew_ms"].as_i64());
        Ok(Seen::when(
            skew.is_some_and(|ms| (540_000..=660_000).contains(&ms.abs())),
            (),
            format!("{skew:?}"),
        ))
    })
    .await
    .unwrap();
    center.stop().unwrap();
}
