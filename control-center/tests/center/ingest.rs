//! What arrives is stored once, acknowledged after the commit, and counted.

use crate::support::{Center, array, time_of, until};
use chrono::TimeDelta;
use control_center::alerts::store::unwatch_quiet;
use ngatu_protocol::Lane;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::seq::SliceRandom as _;

#[tokio::test(flavor = "multi_thread")]
async fn each_message_three_times_and_shuffled_is_stored_once_and_leaves_no_alert_open() {
    let center = Center::start().await;
    let edge = center.edge("shuffled").await;
    let mut messages: Vec<u64> = (1..=400).flat_map(|n| [n; 3]).collect();
    messages.shuffle(&mut rand::rng());
    for chunk in messages.chunks(7) {
        edge.send(Lane::Events, array(chunk.iter().map(|n| edge.event(*n)))).await;
    }
    edge.until_acked(Lane::Events, 400).await;
    assert_eq!(center.count("events").await, 400);
    // The last acknowledged number comes before the last duplicate.
    until(
        "count of duplicates",
        |n| *n == 800,
        async || center.value::<i64>("select duplicates from ledger").await,
    )
    .await;
    let ledger: (i64, i64, i64, i64, String) =
        sqlx::query_as("select received, lost, dead, upto, settled::text from ledger")
            .fetch_one(center.app.pool())
            .await
            .unwrap();
    assert_eq!(ledger, (400, 0, 0, 400, "{[1,401)}".into()));
    assert_eq!(center.count("alerts where active").await, 0);
    assert_eq!(center.value::<i64>("select sum(count)::bigint from alerts").await, 200);
    let numbers: Vec<i64> = center.values("select seq from alert_log order by seq").await;
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "the log has no hole: {numbers:?}");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_comes_and_goes_a_thousand_times_is_changed_in_place_and_unwatched_when_it_is_quiet() {
    let center = Center::start().await;
    let edge = center.edge("flips").await;
    let numbers: Vec<u64> = (1..=2000).collect();
    // Nineteen a payload: every other commit leaves the alert active.
    for chunk in numbers.chunks(19) {
        edge.send(Lane::Events, array(chunk.iter().map(|n| edge.event_of_rule(*n, 1)))).await;
        edge.until_acked(Lane::Events, chunk[chunk.len() - 1]).await;
    }
    // PostgreSQL counts up to ten seconds late.
    let counted = "select array[n_tup_upd, n_tup_hot_upd] from pg_stat_user_tables where relname = 'alerts'";
    let updates = until("count of updates", |n: &Vec<i64>| n[0] >= 100, async || center.value(counted).await);
    let updates = updates.await;
    assert!(updates[1] * 10 > updates[0] * 9, "{} of {} changed in place", updates[1], updates[0]);
    assert_eq!(center.values::<i64>("select count from alerts where watched and not active").await, [1000]);
    // However long the log is and however many alerts there were: a commit looks at the ends of indexes only.
    let read = "select array[sum(idx_tup_read) filter (where relname = 'alert_log'), \
        sum(idx_scan) filter (where indexrelname = 'alerts_by_kind')]::bigint[] from pg_stat_user_indexes";
    let read: Vec<i64> = center.value(read).await;
    assert!(
        read[0] < 1000,
        "{} entries of the log's indexes read for {} commits",
        read[0],
        numbers.len() / 19
    );
    assert_eq!(read[1], 0, "looks into all alerts that ever were of a kind");
    let pool = center.app.pool();
    let last = time_of(2000);
    assert_eq!(unwatch_quiet(pool, last + TimeDelta::minutes(9)).await.unwrap(), 0);
    assert_eq!(unwatch_quiet(pool, last + TimeDelta::minutes(11)).await.unwrap(), 1);
    edge.send(Lane::Events, array([edge.event_of_rule(2001, 1)])).await;
    edge.until_acked(Lane::Events, 2001).await;
    assert_eq!(center.count("alerts where watched and active").await, 1);
    assert_eq!(unwatch_quiet(pool, last + TimeDelta::days(1)).await.unwrap(), 0, "active alerts are watched");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_pending_until_it_is_filled_or_declared_lost() {
    let center = Center::start().await;
    let edge = center.edge("gaps").await;
    edge.send(Lane::Events, array([1, 2, 5, 9].map(|n| edge.event(n)))).await;
    edge.until_acked(Lane::Events, 2).await;
    assert_eq!(center.value::<String>("select settled::text from ledger").await, "{[1,3),[5,6),[9,10)}");
    edge.send(Lane::Events, array([edge.event(3), edge.event(4)])).await;
    edge.until_acked(Lane::Events, 5).await;
    let loss = edge.envelope("loss", 10, r#"{"from":6,"to":8,"count":3,"reason":"outbox_full"}"#);
    edge.send(Lane::Events, array([loss])).await;
    edge.until_acked(Lane::Events, 10).await;
    let counts: (i64, i64, i64) = sqlx::query_as("select received, lost, highest from ledger")
        .fetch_one(center.app.pool())
        .await
        .unwrap();
    assert_eq!(counts, (7, 3, 10));
    let loss: (i64, i64, i64, String) =
        sqlx::query_as("select first_lost, last_lost, count, reason from losses")
            .fetch_one(center.app.pool())
            .await
            .unwrap();
    assert_eq!(loss, (6, 8, 3, "outbox_full".into()));
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_with_a_new_database_does_not_wait_for_what_an_older_one_acknowledged() {
    let center = Center::start().await;
    let edge = center.edge("moved").await;
    let state = |oldest: u64, boot: u64, online: bool| {
        format!(
            r#"{{"online":{online},"outbox":"{}","boot":{boot},"version":"9","config":3,"oldest":{{"events":{oldest}}}}}"#,
            edge.outbox
        )
    };
    edge.publish("ngatu/v1/moved/state", state(100, 7, true)).await;
    edge.until_acked(Lane::Events, 99).await;
    edge.send(Lane::Events, array([edge.event(100)])).await;
    edge.until_acked(Lane::Events, 100).await;
    // The will of an older connection comes late.
    edge.publish("ngatu/v1/moved/state", state(101, 6, false)).await;
    edge.send(Lane::Events, array([edge.event(101)])).await;
    edge.until_acked(Lane::Events, 101).await;
    let row: (bool, i64, String, i64) =
        sqlx::query_as("select online, boot, version, config_running from edges where id = 'moved'")
            .fetch_one(center.app.pool())
            .await
            .unwrap();
    assert_eq!(row, (true, 7, "9".into(), 3));
    assert_eq!(center.value::<i64>("select acked_before from ledger").await, 99);
    edge.publish("ngatu/v1/moved/state", state(102, 7, false)).await;
    until(
        "the edge offline",
        |online| !online,
        async || center.value::<bool>("select online from edges where id = 'moved'").await,
    )
    .await;
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_clears_when_the_agent_that_opened_it_was_started_anew() {
    let center = Center::start().await;
    let edge = center.edge("restarted").await;
    edge.send(Lane::Health, array([edge.health(1, 500)])).await;
    edge.send(Lane::Events, array([edge.event(1)])).await;
    edge.until_acked(Lane::Events, 1).await;
    edge.until_acked(Lane::Health, 1).await;
    assert_eq!(center.count("alerts where active").await, 1);
    // Up for 0 s at a time after the event: the track is gone.
    edge.send(Lane::Health, array([edge.health(2000, 0)])).await;
    until("cleared alert", |n| *n == 0, async || center.count("alerts where active").await).await;
    let cleared: Vec<String> = center.values("select change from alert_log order by seq").await;
    assert_eq!(cleared, ["raised", "cleared"]);
    let camera: (bool, i64) = sqlx::query_as(
        "select c.online, e.clock_skew_ms from cameras c join edges e on e.id = c.edge where c.id = 'north'",
    )
    .fetch_one(center.app.pool())
    .await
    .unwrap();
    assert!(camera.0 && camera.1 > 0, "{camera:?}");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_survives_the_database_being_killed_and_nothing_is_stored_twice() {
    let center = Center::start().await;
    let edge = center.edge("steady").await;
    for round in 0..4_u64 {
        for n in 1..=50 {
            edge.send(Lane::Events, array([edge.event(round * 50 + n)])).await;
            if n == 25 {
                let (postgres, _) = center.app.server_pids();
                kill(Pid::from_raw(postgres.unwrap()), Signal::SIGKILL).unwrap();
            }
        }
        edge.until_acked(Lane::Events, (round + 1) * 50).await;
    }
    assert_eq!(center.count("events").await, 200);
    assert_eq!(center.value::<i64>("select received from ledger").await, 200);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_60000_messages_does_not_freeze_the_center() {
    let center = Center::start().await;
    let edge = center.edge("burst").await;
    let _ = time_of(1);
    for n in 1..=60_000 {
        edge.send(Lane::Events, array([edge.event(n)])).await;
    }
    // As long as it goes on: what 60,000 take depends on the machine.
    let mut acked = 0;
    while acked < 60_000 {
        acked = until("more acknowledgements", |seen| *seen > acked, async || edge.acked(Lane::Events)).await;
    }
    assert_eq!(center.count("events").await, 60_000);
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trajectories_are_stored_once_and_a_bad_one_is_refused_alone() {
    let center = Center::start().await;
    let edge = center.edge("ways").await;
    let track = |sequence: u64, more: &str| {
        let from = crate::support::time_of(sequence).to_rfc3339();
        let data = format!(
            r#"{{"track":{sequence},"class":"motorcycle","confidence":0.75,"from":"{from}","frame":[640,360],
            "points":[0,5000,6000,400,1000,120,300,-10,0,5,20,-300,10,0,0]{more},"model":"motion","config":3}}"#
        );
        edge.envelope("track", sequence, &data)
    };
    let good = |sequence| track(sequence, "");
    let payloads = [
        array([
            good(1),
            track(2, r#","unseen":[2],"goes_on":true"#),
            good(3).replace("[0,5000", "[7,5000"),
            good(4),
        ]),
        // A confidence that single precision cannot hold is no reason to refuse a row.
        array([good(1), good(4), good(5).replace("0.75", "1e-60")]),
    ];
    for payload in payloads {
        edge.send(Lane::Tracks, payload).await;
    }
    edge.until_acked(Lane::Tracks, 5).await;
    assert_eq!(center.values::<i64>("select track from tracks order by sequence").await, [1, 2, 4, 5]);
    let row: (Vec<i16>, Option<Vec<i16>>, bool, f32, String) =
        sqlx::query_as("select points, unseen, goes_on, confidence, class from tracks where sequence = 2")
            .fetch_one(center.app.pool())
            .await
            .unwrap();
    let points = vec![0, 5000, 6000, 400, 1000, 120, 300, -10, 0, 5, 20, -300, 10, 0, 0];
    assert_eq!(row, (points, Some(vec![2]), true, 0.75, "motorcycle".into()));
    assert_eq!(
        center.values::<Option<Vec<i16>>>("select unseen from tracks where sequence = 1").await,
        [None]
    );
    let ledger = "select array[received, dead, duplicates, lost] from ledger where lane = 'tracks'";
    assert_eq!(center.value::<Vec<i64>>(ledger).await, [4, 1, 2, 0]);
    let reason = center.value::<String>("select reason from dead_letters").await;
    assert!(reason.contains("first time"), "{reason}");
    center.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_was_not_answered_is_not_counted_twice_when_another_center_wrote_since() {
    let center = Center::start().await;
    let edge = center.edge("unanswered").await;
    edge.send(Lane::Health, array([edge.health(1, 500)])).await;
    edge.until_acked(Lane::Health, 1).await;
    let pool = center.app.pool();
    let say = async |sql: &'static str| center.as_owner(sql).await;
    let waiting = async |kind: &str| {
        let sql = "select count(*) from pg_stat_activity where wait_event_type || '/' || wait_event like $1";
        sqlx::query_scalar::<_, i64>(sql).bind(kind).fetch_one(pool).await.unwrap()
    };
    // Who waits for a standby that is not there has committed, and has no answer yet.
    say("alter system set synchronous_standby_names = 'nobody'").await;
    say("select pg_reload_conf()").await;
    // The setting takes a moment to reach all of the server.
    let mut last = 1;
    let send_until_it_waits = async || {
        last += 1;
        edge.send(Lane::Health, array([edge.health(last, 500)])).await;
        waiting("IPC/SyncRep").await
    };
    until("batch that waits for its answer", |n| *n > 0, send_until_it_waits).await;
    // Another center, which comes as soon as the rows are free.
    let mut other = pool.acquire().await.unwrap();
    let write = tokio::spawn(async move {
        let sql =
            "set synchronous_commit = local; update ledger set updated_at = updated_at + interval '1 s'";
        sqlx::raw_sql(sql).execute(&mut *other).await.unwrap();
        other.close().await.unwrap();
    });
    until("other center that waits for the rows", |n| *n > 0, async || waiting("Lock/%").await).await;
    say("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'").await;
    write.await.unwrap();
    say("alter system reset synchronous_standby_names").await;
    say("select pg_reload_conf()").await;
    edge.until_acked(Lane::Health, last).await;
    let ledger = "select array[received, duplicates, dead, lost] from ledger where lane = 'health'";
    let last = i64::try_from(last).unwrap();
    assert_eq!(center.value::<Vec<i64>>(ledger).await, [last, 0, 0, 0]);
    assert_eq!(center.count("health").await, last);
    center.app.stop().await;
}
