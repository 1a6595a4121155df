//! The websocket: no hole and no double over resumes, a slow client alone suffers, and ended sessions are cut.

use crate::harness::{Center, NewAlert, Socket, next, next_json};
use control_center::access::users::Role;
use control_center::alerts::Severity;
use control_center::clock;
use control_center::live::{Frame, Hub};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_util::sync::CancellationToken;

const HIGH: NewAlert<'static> = NewAlert { edge: "e-1", severity: Severity::High };

pub(crate) async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Message::Close(frame) = next(socket).await {
            return frame.map_or(0, |frame| CloseCode::into(frame.code));
        }
    }
}

#[tokio::test]
async fn a_client_gets_the_state_first_and_then_each_change() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Operator).await;
    let ids = center.raise(&[HIGH, HIGH, HIGH]).await;
    sqlx::query("update alerts set active = false, acknowledged_at = now() where id = $1")
        .bind(ids[0])
        .execute(&center.pool)
        .await
        .unwrap();
    let mut socket = browser.live(None).await;
    let snapshot = next_json(&mut socket).await;
    assert_eq!((&snapshot["type"], &snapshot["seq"]), (&"snapshot".into(), &3.into()));
    let shown: Vec<_> =
        snapshot["alerts"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!(
        shown,
        [ids[2].to_string(), ids[1].to_string()],
        "finished ones are not shown, the newest is first"
    );
    let path = format!("/api/v1/alerts/{}/acknowledge", ids[1]);
    assert_eq!(browser.request(Method::POST, &path).send().await.unwrap().status(), 200);
    let change = next_json(&mut socket).await;
    assert_eq!((&change["type"], &change["seq"]), (&"change".into(), &4.into()));
    assert_eq!(
        (&change["change"], &change["alert"]["id"]),
        (&"acknowledged".into(), &ids[1].to_string().into())
    );
    assert_eq!(change["alert"]["acknowledged_by"]["name"], "Người lan");
}

#[tokio::test]
async fn where_not_all_has_room_in_the_state_the_gravest_stands_first_and_the_rest_is_counted() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Operator).await;
    let ids = center.raise(&[NewAlert { severity: Severity::Critical, ..HIGH }, HIGH]).await;
    // As many low ones as there is room for, all of them newer.
    sqlx::query(
        "insert into alerts (id, seq, key, kind, severity, edge, camera, rule, active, first_at, last_at, raised_at, count) \
         select gen_random_uuid(), 2 + n, n::text, 'congestion', 'low', 'e-1', 'north', 'rule', true, now(), now(), now(), 1 \
         from generate_series(1, 5000) n",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into alert_log (seq, at, alert, change, alert_row) \
         select a.seq, now(), a.id, 'raised', l.alert_row || jsonb_build_object('id', a.id, 'seq', a.seq, 'severity', 'low') \
         from alerts a, alert_log l where l.seq = 1 and a.severity = 'low'",
    )
    .execute(&center.pool)
    .await
    .unwrap();
    let snapshot = next_json(&mut browser.live(None).await).await;
    let alerts = snapshot["alerts"].as_array().unwrap();
    assert_eq!((alerts.len(), &snapshot["left_out"], &snapshot["seq"]), (5000, &2.into(), &5002.into()));
    assert_eq!(
        (&snapshot["incidents_left_out"], snapshot["incidents"].as_array().unwrap().len()),
        (&0.into(), 0)
    );
    let first: Vec<_> = alerts[..3].iter().map(|alert| alert["severity"].as_str().unwrap()).collect();
    assert_eq!(first, ["critical", "high", "low"]);
    assert_eq!(alerts[0]["id"], ids[0].to_string());
}

#[tokio::test]
async fn a_thousand_changes_over_many_resumes_arrive_once_each_and_in_order() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let write = async {
        for batch in 0..300_i64 {
            center.log_changes(id, "repeated", 1 + batch % 9).await;
        }
        center.log_changes(id, "repeated", 1).await
    };
    let read = async {
        let mut got = Vec::new();
        let mut after = 1;
        // Drops the connection after 1, 2, 3 … changes, in the middle of whatever comes.
        for patience in 1.. {
            let mut socket = browser.live(Some(after)).await;
            for _ in 0..patience {
                let message = next_json(&mut socket).await;
                if message["type"] == "change" {
                    after = message["seq"].as_i64().unwrap();
                    got.push(after);
                }
            }
            if got.len() >= 1000 {
                return got;
            }
        }
        unreachable!("the loop ends by returning")
    };
    let (written, got) = tokio::join!(write, read);
    let expected: Vec<i64> = (2..).take(got.len()).collect();
    assert_eq!(got, expected, "of {written}");
}

/// A frame as ingest hands it over, told from the log's own by its alert.
fn by_hand(seq: i64) -> Frame {
    Frame::new(seq, "repeated", r#"{"by":"hand"}"#)
}

/// Numbers and ways of the next changes.
async fn arrived(socket: &mut Socket, count: usize) -> Vec<(i64, &'static str)> {
    let mut arrived = Vec::new();
    while arrived.len() < count {
        let message = next_json(socket).await;
        if message["type"] == "change" {
            let way = if message["alert"]["by"] == "hand" { "hand" } else { "log" };
            arrived.push((message["seq"].as_i64().unwrap(), way));
        }
    }
    arrived
}

#[tokio::test]
async fn what_ingest_hands_over_is_sent_once_and_what_it_forgets_comes_from_the_log() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let mut socket = browser.live(None).await;
    next(&mut socket).await;

    center.log(id, ("repeated", 2), |_| None).await;
    center.hub.hand_over(vec![by_hand(2), by_hand(3)]);
    // The reader's own look may have been before the hand.
    let numbers = async |socket: &mut Socket, count| -> Vec<i64> {
        arrived(socket, count).await.into_iter().map(|(seq, _)| seq).collect()
    };
    assert_eq!(numbers(&mut socket, 2).await, [2, 3]);

    // Another center's change, 4, is missing in what is handed over.
    center.log(id, ("repeated", 2), |_| None).await;
    center.hub.hand_over(vec![by_hand(5)]);
    assert_eq!(arrived(&mut socket, 2).await, [(4, "log"), (5, "log")]);

    // Handed over late, or twice, or half of it again.
    center.hub.hand_over(vec![by_hand(4), by_hand(5)]);
    center.log(id, ("repeated", 1), |_| None).await;
    center.hub.hand_over(vec![by_hand(5), by_hand(6)]);
    assert_eq!(numbers(&mut socket, 1).await, [6]);

    // The bell rings and nothing is handed over: the answer to COMMIT was lost.
    center.log(id, ("repeated", 1), |seq| Some(center.hub.bell(seq))).await;
    assert_eq!(arrived(&mut socket, 1).await, [(7, "log")]);
    center.hub.hand_over(vec![by_hand(7)]);

    // And nobody rings at all.
    center.log(id, ("repeated", 1), |_| None).await;
    assert_eq!(arrived(&mut socket, 1).await, [(8, "log")]);
}

#[tokio::test]
async fn commits_of_another_center_arrive_between_those_that_are_handed_over() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let other = Hub::start(center.pool.clone(), CancellationToken::new());
    let mut socket = browser.live(None).await;
    let write = async {
        for round in 0..200 {
            if round % 3 == 0 {
                center.log(id, ("repeated", 2), |seq| Some(other.bell(seq))).await;
            } else {
                let seq = center.log(id, ("repeated", 2), |seq| Some(center.hub.bell(seq))).await;
                center.hub.hand_over(vec![by_hand(seq - 1), by_hand(seq)]);
            }
        }
    };
    next(&mut socket).await;
    let ((), arrived) = tokio::join!(write, arrived(&mut socket, 400));
    let seqs: Vec<i64> = arrived.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, (2..402).collect::<Vec<_>>());
    assert!(arrived.iter().any(|(_, way)| *way == "hand") && arrived.iter().any(|(_, way)| *way == "log"));
}

#[tokio::test]
async fn a_gap_too_large_or_a_number_from_the_future_is_answered_with_the_state() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let last = center.log_changes(id, "repeated", 5_100).await;
    for after in [0, 50, last + 1, i64::MAX] {
        let first = next_json(&mut browser.live(Some(after)).await).await;
        assert_eq!((&first["type"], &first["seq"]), (&"snapshot".into(), &last.into()), "after {after}");
    }
    let mut socket = browser.live(Some(last - 2)).await;
    let kinds: Vec<Value> = [
        next_json(&mut socket).await["seq"].clone(),
        next_json(&mut socket).await["seq"].clone(),
        next_json(&mut socket).await["type"].clone(),
    ]
    .into();
    assert_eq!(kinds, [Value::from(last - 1), Value::from(last), Value::from("heartbeat")]);
    let odd = browser.request(Method::GET, "/api/v1/live?after=x").send().await.unwrap();
    assert_eq!(odd.status(), 400);
    let plain = browser.request(Method::GET, "/api/v1/live").send().await.unwrap();
    assert_eq!(plain.status(), 426);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_told_to_resume_and_nobody_waits_for_it() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let tcp = tokio::net::TcpSocket::new_v4().unwrap();
    tcp.set_recv_buffer_size(4096).unwrap();
    let stream = tcp.connect(center.address).await.unwrap();
    let (mut slow, _) = tokio_tungstenite::client_async(browser.live_request(None), stream).await.unwrap();
    let mut quick = browser.live(None).await;
    assert_eq!(next_json(&mut slow).await["type"], "snapshot");
    assert_eq!(next_json(&mut quick).await["type"], "snapshot");
    // Far more than the sockets' buffers and the ring hold, while the slow one reads nothing.
    let mut waited = Vec::new();
    for _ in 0..16 {
        let last = center.log_changes(id, "repeated", 400).await;
        let begin = clock::instant();
        while next_json(&mut quick).await["seq"] != last {}
        waited.push(begin.elapsed());
    }
    let longest = waited.iter().max().unwrap();
    assert!(*longest < Duration::from_secs(20), "the quick client waited {longest:?}");
    let mut expected = 2;
    let resume = loop {
        let message = next_json(&mut slow).await;
        if message["type"] == "heartbeat" {
            continue;
        }
        if message["type"] != "change" {
            break message;
        }
        assert_eq!(message["seq"], expected);
        expected += 1;
    };
    assert_eq!((&resume["type"], &resume["after"]), (&"resume".into(), &(expected - 1).into()));
    let Message::Close(Some(frame)) = next(&mut slow).await else { panic!("a close follows") };
    assert_eq!(u16::from(frame.code), 1013);
}

#[tokio::test]
async fn signing_out_or_being_disabled_closes_the_websocket() {
    let center = Center::start().await;
    for ending in ["sign out", "disable"] {
        let browser = center.person(&ending.replace(' ', "-"), Role::Viewer).await;
        let mut socket = browser.live(None).await;
        next(&mut socket).await;
        if ending == "disable" {
            sqlx::query("update users set disabled = true where name = $1")
                .bind(ending)
                .execute(&center.pool)
                .await
                .unwrap();
        } else {
            browser.request(Method::DELETE, "/api/v1/session").send().await.unwrap();
        }
        assert_eq!(close_code(&mut socket).await, 1008, "{ending}");
    }
}

#[tokio::test]
async fn clients_survive_a_lost_database_connection_without_a_hole() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let id = center.raise(&[HIGH]).await[0];
    let mut socket = browser.live(None).await;
    next(&mut socket).await;
    for seq in 2..8 {
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and query like '%alert_log%' and pid <> pg_backend_pid()",
        )
        .execute(&center.pool)
        .await
        .unwrap();
        // The pool's own connections may have been among them; what matters is that the change is written.
        loop {
            let written: Result<i64, _> =
                sqlx::query_scalar("select max(seq) from alert_log").fetch_one(&center.pool).await;
            if written.is_ok() {
                break;
            }
        }
        center.log_changes(id, "repeated", 1).await;
        assert_eq!(arrived(&mut socket, 1).await, [(seq, "log")]);
    }
}

#[tokio::test]
async fn the_center_says_goodbye_when_it_stops() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Viewer).await;
    let mut socket = browser.live(None).await;
    next(&mut socket).await;
    let cookie = browser.cookie.clone();
    let restarted = center.restart();
    let (center, code) = tokio::join!(restarted, close_code(&mut socket));
    assert_eq!(code, 1001);
    assert!(socket.next().await.is_none_or(|message| message.is_err()));
    assert_eq!(center.browser(&cookie).get("/api/v1/me").await["name"], "lan", "sessions survive");
}

#[tokio::test]
async fn incidents_come_live_beside_the_alerts_and_only_those_of_ones_areas() {
    use control_center::access::AreaScope;
    use reqwest::Method;
    let center = Center::start().await;
    sqlx::query("insert into areas (id, name) values ('north', 'Bắc'), ('south', 'Nam')")
        .execute(&center.pool)
        .await
        .unwrap();
    center.add_user_of("nam", Role::Operator, AreaScope::of(vec!["south".into()])).await;
    let (all, nam) = (center.person("lan", Role::Operator).await, center.sign_in("nam").await);
    let open = async |area: &str| {
        let body = serde_json::json!({ "kind": "fire", "area": area });
        let opened = all.request(Method::POST, "/api/v1/incidents").json(&body).send().await.unwrap();
        assert_eq!(opened.status(), 201);
        opened.json::<serde_json::Value>().await.unwrap()
    };
    let known = open("south").await;
    open("north").await;
    let (mut sees_all, mut sees_south) = (all.live(None).await, nam.live(None).await);
    let (first, southern) = (next_json(&mut sees_all).await, next_json(&mut sees_south).await);
    assert_eq!((first["incidents"].as_array().unwrap().len(), &first["incident_seq"]), (2, &2.into()));
    assert_eq!(southern["incidents"], serde_json::json!([known]));
    assert_eq!(southern["incident_seq"], 2);

    let (north, south) = (open("north").await, open("south").await);
    for (wanted, seq) in [(&north, 3), (&south, 4)] {
        let frame = next_json(&mut sees_all).await;
        assert_eq!((&frame["type"], &frame["seq"]), (&"incident".into(), &seq.into()));
        assert_eq!((&frame["change"], &frame["incident"]), (&"opened".into(), wanted));
        assert_eq!(frame["actor"]["name"], "Người lan");
        let read: control_center::live::LiveMessage = serde_json::from_value(frame.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap()["incident"], frame["incident"]);
    }
    let frame = next_json(&mut sees_south).await;
    assert_eq!((&frame["seq"], &frame["incident"]), (&4.into(), &south), "the northern one passed by");

    // Who comes back gets what was missed, then a heartbeat that says how far the log is.
    let path = |after| format!("ws://{}/api/v1/live?after=0&incidents_after={after}", center.address);
    let back = async |browser: &crate::harness::Browser<'_>, after: i64| {
        let mut request = browser.live_request(None);
        *request.uri_mut() = path(after).parse().unwrap();
        tokio_tungstenite::connect_async(request).await.unwrap().0
    };
    let mut again = back(&nam, 2).await;
    assert_eq!(next_json(&mut again).await["incident"], south);
    let beat = next_json(&mut again).await;
    assert_eq!((&beat["type"], &beat["incident_seq"]), (&"heartbeat".into(), &4.into()));
    let mut future = back(&nam, 99).await;
    assert_eq!(next_json(&mut future).await["type"], "snapshot", "a number from another log");
}

#[tokio::test]
async fn the_state_holds_nothing_that_the_policy_mutes() {
    let center = Center::start().await;
    let browser = center.person("lan", Role::Operator).await;
    let ids = center.raise(&[HIGH, HIGH]).await;
    sqlx::query("update alerts set muted = '{}' where id = $1")
        .bind(ids[0])
        .execute(&center.pool)
        .await
        .unwrap();
    let snapshot = next_json(&mut browser.live(None).await).await;
    let shown: Vec<_> =
        snapshot["alerts"].as_array().unwrap().iter().map(|alert| alert["id"].clone()).collect();
    assert_eq!(shown, [Value::String(ids[1].to_string())]);
}

#[tokio::test]
async fn a_flood_is_told_when_it_begins_and_when_it_ends_to_those_who_see_it() {
    let center = Center::start().await;
    crate::areas::import(&center).await;
    let north = center.person_of("north", Role::Operator, &["north"]).await;
    let south = center.person_of("south", Role::Operator, &["south"]).await;
    let (mut in_north, mut in_south) = (north.live(None).await, south.live(None).await);
    for socket in [&mut in_north, &mut in_south] {
        assert_eq!(next_json(socket).await["type"], "snapshot");
    }
    center.raise(&[HIGH; 12]).await;
    let set = async |what: &str| {
        let sql = sqlx::AssertSqlSafe(format!("update alerts set {what}"));
        sqlx::query(sql).execute(&center.pool).await.unwrap();
    };
    async fn flood(socket: &mut Socket) -> Value {
        loop {
            let frame = next_json(socket).await;
            if frame["type"] == "flood" {
                return frame;
            }
        }
    }
    set("area = 'north', raised_at = now()").await;
    let begun = flood(&mut in_north).await;
    assert_eq!((&begun["on"], &begun["alerts"], &begun["operators"]), (&true.into(), &12.into(), &1.into()));
    // Who comes later learns of it as well.
    let later = flood(&mut north.live(None).await).await;
    assert_eq!(later["on"], true);
    set("muted = '{}'").await;
    assert_eq!(flood(&mut in_north).await["on"], false, "what is muted asks nothing of anybody");
    set("muted = null, area = 'south'").await;
    assert_eq!(flood(&mut in_south).await["on"], true, "and this is the first that the south hears");
}
