//! What is too old goes, with its record; what people work on stays.

use crate::harness::{Center, NewAlert, jpeg};
use chrono::TimeDelta;
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::clock;
use control_center::database::retention::{Deleted, Retention, run};
use control_center::database::timeseries;
use control_center::evidence::{Digest, Store};
use reqwest::Method;
use serde_json::{Value, json};

async fn execute(center: &Center, statement: &'static str) {
    sqlx::query(statement).execute(&center.pool).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
}

async fn count(center: &Center, from: &'static str) -> i64 {
    let sql = format!("select count(*) from {from}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&center.pool).await.unwrap()
}

/// Rows of today in each table, and a track of a clock that stood at 2001.
async fn fill(center: &Center) {
    for statement in [
        "insert into events (time, outbox, sequence, received_at, id, edge, kind, phase, rule, confidence, data)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), gen_random_uuid(), 'e-1', 'intrusion', 'start',
           'r', 0.5, '{}' from generate_series(1, 5) n",
        "insert into observations (time, outbox, sequence, received_at, edge, quantity, zone, window_from, window_to, value,
           unit, coverage_s, config)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), 'e-1', 'count', 'z', now(), now(), 1, '1', 60, 1
         from generate_series(1, 4) n",
        "insert into tracks (time, outbox, sequence, received_at, track_from, track, config, confidence, frame_width_px,
           frame_height_px, goes_on, edge, class, points)
         select case n when 1 then '2001-01-01T00:00:00Z' else now() end, '00000000-0000-4000-8000-000000000001', n, now(),
           now(), n, 1, 0.5, 640, 360, false, 'e-1', 'car', '{0,5000,6000,400,1000}' from generate_series(1, 3) n",
        "insert into health (time, outbox, sequence, received_at, edge, data)
         select now(), '00000000-0000-4000-8000-000000000001', n, now(), 'e-1', '{}' from generate_series(1, 2) n",
    ] {
        execute(center, statement).await;
    }
}

#[tokio::test]
async fn each_kind_is_kept_for_its_days_and_what_goes_is_on_record() {
    let center = Center::start().await;
    fill(&center).await;
    center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await;
    let store = Store::open(center.data_dir()).unwrap();
    let (pool, kept, begin) = (&center.pool, Retention::default(), clock::now());
    let at = async |days: i64| run(pool, &store, &kept, begin + TimeDelta::days(days)).await.unwrap();
    assert_eq!(at(20).await, Deleted::default(), "nothing is old, and what a wrong clock sent has just come");
    let month = at(32).await;
    assert_eq!(month.rows, [0, 0, 3, 2]);
    assert!(month.days >= 4, "today's and yesterday's tracks and health: {month:?}");
    let left = [
        count(&center, "events").await,
        count(&center, "observations").await,
        count(&center, "tracks").await,
    ];
    assert_eq!(left, [5, 4, 0]);
    let rows: Vec<(String, Value)> =
        sqlx::query_as("select subject, detail from audit where action = 'retention.delete' order by id")
            .fetch_all(pool)
            .await
            .unwrap();
    let told: Vec<_> =
        rows.iter().map(|(subject, detail)| (subject.as_str(), detail["rows"].as_i64())).collect();
    assert_eq!(told, [("tracks", Some(2)), ("tracks", Some(1)), ("health", Some(2))]);
    assert_eq!(at(32).await, Deleted::default(), "once");
    assert_eq!(at(370).await.rows, [5, 0, 0, 0]);
    assert_eq!(at(735).await.rows, [0, 4, 0, 0]);
    for stays in ["alerts", "alert_log", "audit"] {
        assert!(count(&center, stays).await > 0, "{stays}");
    }
}

#[tokio::test]
async fn partitions_are_dropped_and_made_ahead_at_the_same_time_without_harm() {
    let center = Center::start().await;
    fill(&center).await;
    let store = Store::open(center.data_dir()).unwrap();
    let (pool, later) = (&center.pool, clock::now() + TimeDelta::days(40));
    let kept = Retention { events_days: 7, observations_days: 7, ..Retention::default() };
    let (one, two, made, again) = tokio::join!(
        run(pool, &store, &kept, later),
        run(pool, &store, &kept, later),
        timeseries::prepare(pool, later),
        timeseries::prepare(pool, later),
    );
    made.unwrap();
    again.unwrap();
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.days + two.days, 40, "ten days of four tables, each dropped by one of them");
    for table in ["events", "observations", "tracks", "health"] {
        let days: i64 =
            sqlx::query_scalar("select count(*) from pg_inherits where inhparent = $1::text::regclass")
                .bind(table)
                .fetch_one(pool)
                .await
                .unwrap();
        assert_eq!(days, 11, "{table}: ten days around, and the default");
    }
    assert_eq!(
        count(&center, "audit where action = 'retention.delete' and (detail->>'rows')::int > 0").await,
        5
    );
}

#[tokio::test]
async fn a_day_that_somebody_reads_goes_later() {
    let center = Center::start().await;
    fill(&center).await;
    let store = Store::open(center.data_dir()).unwrap();
    let later = clock::now() + TimeDelta::days(32);
    let mut reader = center.pool.begin().await.unwrap();
    sqlx::query("select count(*) from tracks").execute(&mut *reader).await.unwrap();
    let deleted = run(&center.pool, &store, &Retention::default(), later).await.unwrap();
    assert_eq!(deleted.rows, [0, 0, 1, 2], "the stray one and health");
    reader.rollback().await.unwrap();
    let deleted = run(&center.pool, &store, &Retention::default(), later).await.unwrap();
    assert_eq!(deleted.rows, [0, 0, 2, 0]);
}

#[tokio::test]
async fn pictures_go_from_disk_and_database_but_not_while_somebody_works_on_what_they_show() {
    let center = Center::start().await;
    let secret = center.add_edge("e-1").await;
    let browser = center.person("lan", Role::Operator).await;
    let digests: Vec<String> = (1..=3).map(|n| Digest::of(&jpeg(n)).to_string()).collect();
    for n in 1..=3 {
        let path = format!("/api/v1/evidence/{}?camera=north", digests[usize::from(n) - 1]);
        let put = center.bare(Method::PUT, &path).basic_auth("e-1", Some(&secret));
        let put = put.header("content-type", "image/jpeg").body(jpeg(n)).send().await.unwrap();
        assert_eq!(put.status(), 201);
    }
    // The second is an alert's of an incident, the third a report's.
    let alert = center.raise(&[NewAlert { edge: "e-1", severity: Severity::High }]).await[0];
    sqlx::query("update alerts set snapshot = $1").bind(&digests[1]).execute(&center.pool).await.unwrap();
    let opened =
        browser.request(Method::POST, "/api/v1/incidents").json(&json!({ "alert": alert })).send().await;
    assert_eq!(opened.unwrap().status(), 201);
    execute(
        &center,
        "insert into reports (number, key_sha256, received_at, kind, text, language, consent, state, due_at)
         values ('R-1', '', now(), 'other', 'x', 'vi', 'x', 'received', now())",
    )
    .await;
    sqlx::query("insert into report_pictures (report, digest) values ('R-1', $1)")
        .bind(&digests[2])
        .execute(&center.pool)
        .await
        .unwrap();
    let store = Store::open(center.data_dir()).unwrap();
    let at = async |days: i64| {
        let now = clock::now() + TimeDelta::days(days);
        let deleted = run(&center.pool, &store, &Retention::default(), now).await.unwrap();
        (deleted.pictures, deleted.picture_bytes)
    };
    let there = async || {
        let mut there = Vec::new();
        for digest in &digests {
            let on_disk = store.read(&digest.parse().unwrap()).await.unwrap().is_some();
            let sql = "select exists (select from evidence where digest = $1)";
            let known: bool = sqlx::query_scalar(sql).bind(digest).fetch_one(&center.pool).await.unwrap();
            assert_eq!(on_disk, known);
            there.push(known);
        }
        there
    };
    assert_eq!((at(89).await, there().await), ((0, 0), vec![true, true, true]));
    assert_eq!((at(91).await, there().await), ((1, 7), vec![false, true, true]));
    let gone =
        browser.request(Method::GET, &format!("/api/v1/evidence/{}", digests[0])).send().await.unwrap();
    assert_eq!(gone.status(), 404);
    execute(&center, "update incidents set status = 'closed', closed_at = now(), verdict = 'true'").await;
    execute(&center, "update reports set state = 'answered'").await;
    // Cut off between disk and database: it is found again.
    store.delete(&digests[2].parse().unwrap()).await.unwrap();
    assert_eq!((at(91).await, there().await), ((2, 14), vec![false, false, false]));
    let told: Vec<Value> =
        sqlx::query_scalar("select detail from audit where action = 'retention.delete' order by id")
            .fetch_all(&center.pool)
            .await
            .unwrap();
    assert_eq!(told.iter().map(|detail| detail["pictures"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
}
