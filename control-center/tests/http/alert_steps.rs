//! What people do with alerts: one wins, everything is a row of the log and of the audit, and shelves end on time.

use crate::harness::{Browser, Center, NewAlert};
use chrono::{DateTime, TimeDelta, Utc};
use control_center::access::sessions;
use control_center::access::users::Role;
use control_center::alerts::{Severity, shelves, store};
use control_center::clock;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const HIGH: NewAlert<'_> = NewAlert { edge: "e-1", severity: Severity::High };

async fn step(browser: &Browser<'_>, id: Uuid, word: &str, body: Value) -> Response {
    let request = browser.request(Method::POST, &format!("/api/v1/alerts/{id}/{word}"));
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}

async fn done(browser: &Browser<'_>, id: Uuid, word: &str, body: Value) -> Value {
    let response = step(browser, id, word, body).await;
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{word}: {text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn of_a_hundred_simultaneous_claims_and_acknowledgements_one_wins_and_99_learn_who_did() {
    let center = Center::start().await;
    let id = center.raise(&[HIGH]).await[0];
    let mut people = Vec::new();
    // A hundred people, without hashing a hundred passwords.
    let first = center.add_user("lan", Role::Operator).await;
    for n in 0..100 {
        let user = Uuid::now_v7();
        sqlx::query(
            "insert into users (id, name, full_name, role, password, created_at, areas) \
             select $1, $2, $2, role, password, created_at, areas from users where id = $3",
        )
        .bind(user)
        .bind(format!("ca-{n}"))
        .bind(first)
        .execute(&center.pool)
        .await
        .unwrap();
        let token = sessions::begin(
            &mut center.pool.acquire().await.unwrap(),
            user,
            sessions::Limits::default(),
            clock::now(),
        )
        .await
        .unwrap();
        people.push(center.browser(&format!("__Host-session={token}")));
    }
    for (word, field) in [("claim", "owner"), ("acknowledge", "acknowledged_by")] {
        let tries = join_all(people.iter().map(|browser| step(browser, id, word, Value::Null))).await;
        let mut statuses = HashMap::new();
        let mut named = Vec::new();
        for response in tries {
            let status = response.status().as_u16();
            *statuses.entry(status).or_insert(0) += 1;
            let body: Value = response.json().await.unwrap();
            named.push(if status == 200 { body[field]["name"].clone() } else { body["by"]["name"].clone() });
        }
        assert_eq!(statuses, HashMap::from([(200, 1), (409, 99)]), "{word}");
        assert!(named[0].as_str().unwrap().starts_with("ca-"));
        assert!(named.iter().all(|name| *name == named[0]), "everybody learns the same winner: {named:?}");
        assert_eq!(center.audit_rows(&format!("alert.{word}")).await, 1, "who lost changed nothing");
    }
}

#[tokio::test]
async fn each_step_is_a_row_of_the_log_with_who_when_and_why_and_a_repeated_one_is_none() {
    let center = Center::start().await;
    let id = center.raise(&[HIGH]).await[0];
    let lan = center.person("lan", Role::Operator).await;
    let minh = center.person("minh", Role::Operator).await;
    let until = clock::now() + TimeDelta::hours(1);
    let shelf = json!({ "until": until, "reason": "sửa đường" });
    for _ in 0..2 {
        let alert = done(&lan, id, "claim", Value::Null).await;
        assert_eq!(alert["owner"]["name"], "Người lan");
    }
    assert_eq!(step(&minh, id, "release", Value::Null).await.status(), 409);
    let refused: Value =
        step(&minh, id, "forward", json!({ "user": "minh", "message": "x" })).await.json().await.unwrap();
    assert_eq!(refused["by"]["name"], "Người lan");
    let alert = done(&lan, id, "forward", json!({ "user": "minh", "message": "xem giúp" })).await;
    assert_eq!(alert["forwarded_to"]["user"]["name"], "Người minh");
    assert_eq!(alert["owner"], Value::Null);
    done(&minh, id, "claim", Value::Null).await;
    done(&minh, id, "release", Value::Null).await;
    for _ in 0..2 {
        let alert = done(&minh, id, "shelve", shelf.clone()).await;
        assert_eq!(alert["shelved"]["reason"], "sửa đường");
        assert_eq!(alert["shelved"]["by"]["name"], "Người minh");
    }
    let shelved = lan.get("/api/v1/alerts?state=shelved").await;
    assert_eq!(shelved["items"].as_array().unwrap().len(), 1);
    let open = lan.get("/api/v1/alerts?state=open").await;
    assert_eq!((open["items"].as_array().unwrap().len(), open["open"]["high"].as_i64()), (0, Some(0)));
    done(&lan, id, "unshelve", Value::Null).await;
    let dismissed = json!({ "verdict": "false", "reason": "shadow", "note": "bóng cây" });
    let alert = done(&lan, id, "dismiss", dismissed.clone()).await;
    assert_eq!(
        (&alert["verdict"]["verdict"], &alert["acknowledged_by"]["name"]),
        (&json!("false"), &json!("Người lan"))
    );
    done(&lan, id, "dismiss", dismissed).await;
    let other = step(&minh, id, "dismiss", json!({ "verdict": "true", "reason": "seen" })).await;
    assert_eq!(other.status(), 409);

    let log = minh.get(&format!("/api/v1/alerts/{id}/log")).await;
    let items = log["items"].as_array().unwrap();
    let told: Vec<_> = items
        .iter()
        .filter(|item| !item["actor"].is_null())
        .map(|item| (item["change"].as_str().unwrap(), item["actor"]["name"].as_str().unwrap()))
        .collect();
    let (l, m) = ("Người lan", "Người minh");
    let wanted = [
        ("claimed", l),
        ("forwarded", l),
        ("claimed", m),
        ("released", m),
        ("shelved", m),
        ("unshelved", l),
        ("dismissed", l),
    ];
    assert_eq!(told, wanted);
    let of = |change: &str| items.iter().find(|item| item["change"] == change).unwrap()["detail"].clone();
    assert_eq!(of("shelved")["reason"], "sửa đường");
    assert_eq!(of("forwarded")["message"], "xem giúp");
    assert_eq!(of("dismissed")["note"], "bóng cây");
    for (action, rows) in
        [("claim", 2), ("forward", 1), ("release", 1), ("shelve", 1), ("unshelve", 1), ("dismiss", 1)]
    {
        assert_eq!(center.audit_rows(&format!("alert.{action}")).await, rows, "{action}");
    }
    let other = Uuid::now_v7();
    for word in ["claim", "release", "unshelve"] {
        assert_eq!(step(&lan, other, word, Value::Null).await.status(), 404, "{word}");
    }
    let missing = lan.request(Method::GET, &format!("/api/v1/alerts/{other}/log"));
    assert_eq!(missing.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_a_step_needs_is_mandatory() {
    let center = Center::start().await;
    let id = center.raise(&[HIGH]).await[0];
    let lan = center.person("lan", Role::Operator).await;
    let soon = clock::now() + TimeDelta::hours(1);
    let table = [
        ("shelve", json!({ "until": soon })),
        ("shelve", json!({ "reason": "x" })),
        ("shelve", json!({ "until": soon, "reason": " " })),
        ("shelve", json!({ "until": soon - TimeDelta::hours(2), "reason": "x" })),
        ("shelve", json!({ "until": soon + TimeDelta::hours(24), "reason": "x" })),
        ("shelve", json!({ "until": soon, "reason": "x", "forever": true })),
        ("forward", json!({ "message": "x" })),
        ("forward", json!({ "user": "lan", "unit": "u-1", "message": "x" })),
        ("forward", json!({ "user": "nobody", "message": "x" })),
        ("forward", json!({ "unit": "U 1", "message": "x" })),
        ("dismiss", json!({ "verdict": "maybe", "reason": "x" })),
        ("dismiss", json!({ "verdict": "true" })),
        ("dismiss", json!({ "verdict": "true", "reason": "Not A Code" })),
    ];
    for (word, body) in table {
        let refused = step(&lan, id, word, body.clone()).await;
        let wanted = if body["forever"].is_null() { 422 } else { 400 };
        assert_eq!(refused.status(), wanted, "{word} {body}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    let changes: i64 = sqlx::query_scalar("select count(*) from alert_log where actor is not null")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(changes, 0);
}

#[tokio::test]
async fn many_are_acknowledged_at_once_and_what_others_have_is_named() {
    let center = Center::start().await;
    let ids = center.raise(&[HIGH; 5]).await;
    let (lan, minh) =
        (center.person("lan", Role::Operator).await, center.person("minh", Role::Operator).await);
    done(&minh, ids[1], "acknowledge", Value::Null).await;
    done(&lan, ids[2], "acknowledge", Value::Null).await;
    let unknown = Uuid::now_v7();
    let body = json!({ "ids": [ids[0], ids[1], ids[2], ids[3], unknown] });
    let request = lan.request(Method::POST, "/api/v1/alerts/acknowledge").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let acknowledged: Vec<_> =
        answer["acknowledged"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
    assert_eq!(acknowledged, [json!(ids[0]), json!(ids[2]), json!(ids[3])]);
    assert_eq!(
        answer["taken"],
        json!([{ "id": ids[1], "acknowledged_by": answer["taken"][0]["acknowledged_by"] }])
    );
    assert_eq!(answer["taken"][0]["acknowledged_by"]["name"], "Người minh");
    assert_eq!(answer["unknown"], json!([unknown]));
    assert_eq!(center.audit_rows("alert.acknowledge").await, 3, "one row a request");
    let seqs: Vec<i64> =
        sqlx::query_scalar("select seq from alert_log where change = 'acknowledged' order by seq")
            .fetch_all(&center.pool)
            .await
            .unwrap();
    assert_eq!(seqs.len(), 4);
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "numbers without holes: {seqs:?}");
    let empty = lan.request(Method::POST, "/api/v1/alerts/acknowledge").json(&json!({ "ids": [] }));
    assert_eq!(empty.send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn filters_find_by_kind_owner_time_and_words() {
    let center = Center::start().await;
    let ids = center.raise(&[HIGH, HIGH, NewAlert { edge: "e-2", severity: Severity::Low }]).await;
    sqlx::query("update alerts set kind = 'wrong_way', zone = 'lane-2' where id = $1")
        .bind(ids[1])
        .execute(&center.pool)
        .await
        .unwrap();
    center.add_edge("e-2").await;
    sqlx::query("insert into cameras (edge, id, name, created_at) values ('e-2', 'north', 'Ngã tư Phúc Khánh', now())")
        .execute(&center.pool)
        .await
        .unwrap();
    let lan = center.person("lan", Role::Operator).await;
    let owned = done(&lan, ids[0], "claim", Value::Null).await;
    let owner = owned["owner"]["id"].as_str().unwrap();
    let times: Vec<DateTime<Utc>> = sqlx::query_scalar("select raised_at from alerts order by raised_at")
        .fetch_all(&center.pool)
        .await
        .unwrap();
    let at = |i: usize| times[i].to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let table = [
        ("kind=wrong_way".to_owned(), vec![1]),
        ("owner=me".to_owned(), vec![0]),
        (format!("owner={owner}"), vec![0]),
        (format!("owner={}", Uuid::now_v7()), vec![]),
        ("owner=none".to_owned(), vec![2, 1]),
        (format!("from={}", at(1)), vec![2, 1]),
        (format!("from={}&to={}", at(1), at(2)), vec![1]),
        ("text=wrong".to_owned(), vec![1]),
        ("text=lan%202".to_owned(), vec![1]),
        ("text=ph%C3%BAc".to_owned(), vec![2]),
        ("text=kh%C3%A1nh%20intrusion".to_owned(), vec![2]),
        ("text=e-1%20north".to_owned(), vec![1, 0]),
        ("text=e-1%20kh%C3%A1nh".to_owned(), vec![]),
    ];
    for (filter, wanted) in table {
        let page = lan.get(&format!("/api/v1/alerts?{filter}")).await;
        let found: Vec<_> = page["items"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
        let wanted: Vec<_> = wanted.into_iter().map(|i: usize| json!(ids[i])).collect();
        assert_eq!(found, wanted, "{filter}");
    }
    for bad in ["owner=lan", "text=", "text=%27%26", "from=today"] {
        let refused = lan.request(Method::GET, &format!("/api/v1/alerts?{bad}")).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{bad}");
    }
}

#[tokio::test]
async fn alerts_of_other_areas_are_as_if_they_were_not_there() {
    use control_center::access::AreaScope;
    let center = Center::start().await;
    let ids = center.raise(&[HIGH, HIGH, HIGH]).await;
    for (id, area) in [(ids[0], "bac"), (ids[1], "nam")] {
        let update = sqlx::query("update alerts set area = $2 where id = $1").bind(id).bind(area);
        update.execute(&center.pool).await.unwrap();
    }
    center.add_user_of("lan", Role::Supervisor, AreaScope::of(vec!["bac".into()])).await;
    let lan = center.sign_in("lan").await;
    let page = lan.get("/api/v1/alerts").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["open"]["high"]), (1, &json!(1)));
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["area"]), (&json!(ids[0]), &json!("bac")));
    let until = clock::now() + TimeDelta::hours(1);
    for id in &ids[1..] {
        for (word, body) in [
            ("acknowledge", Value::Null),
            ("claim", Value::Null),
            ("release", Value::Null),
            ("unshelve", Value::Null),
            ("shelve", json!({ "until": until, "reason": "x" })),
            ("forward", json!({ "user": "lan", "message": "x" })),
            ("dismiss", json!({ "verdict": "true", "reason": "x" })),
        ] {
            assert_eq!(step(&lan, *id, word, body).await.status(), 404, "{word}");
        }
        for path in ["", "/log"] {
            let read = lan.request(Method::GET, &format!("/api/v1/alerts/{id}{path}"));
            assert_eq!(read.send().await.unwrap().status(), 404, "{path}");
        }
    }
    let request = lan.request(Method::POST, "/api/v1/alerts/acknowledge").json(&json!({ "ids": ids }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["acknowledged"].as_array().unwrap().len(), 1);
    assert_eq!(answer["unknown"], json!([ids[1], ids[2]]));
}

/// When each shelved alert came back, and when it should have.
async fn returns(center: &Center) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    sqlx::query_as(
        "select at, (detail ->> 'until')::timestamptz from alert_log where change = 'unshelved' and actor is null",
    )
    .fetch_all(&center.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_shelved_alert_returns_on_time_and_over_a_restart_of_the_center() {
    let center = Center::start().await;
    let ids = center.raise(&[HIGH, HIGH, HIGH]).await;
    let lan = center.person("lan", Role::Operator).await;
    let begin = clock::now();
    let until = |ms: i64| begin + TimeDelta::milliseconds(ms);
    // The job of a center that stops before anything is due.
    let first = CancellationToken::new();
    let job = tokio::spawn(shelves::keep(center.pool.clone(), first.clone()));
    for (id, ms) in ids.iter().zip([8000, 8300, 3_600_000]) {
        done(&lan, *id, "shelve", json!({ "until": until(ms), "reason": "thử" })).await;
    }
    first.cancel();
    job.await.unwrap();
    assert_eq!(store::unshelve_due(&center.pool, until(7999)).await.unwrap(), (0, Some(micros(until(8000)))));
    // The next one.
    let mut live = lan.live(None).await;
    crate::harness::next_json(&mut live).await;
    let second = CancellationToken::new();
    let begun = clock::now();
    let job = tokio::spawn(shelves::keep(center.pool.clone(), second.clone()));
    for _ in 0..2 {
        let change = crate::harness::next_json(&mut live).await;
        assert_eq!((&change["change"], &change["alert"]["shelved"]), (&json!("unshelved"), &Value::Null));
    }
    second.cancel();
    job.await.unwrap();
    for (at, due) in returns(&center).await {
        // Since somebody could.
        let late = at - due.max(micros(begun));
        assert!(at >= due && late <= TimeDelta::seconds(10), "{late} late");
    }
    // While no center runs: back with the first look, and nothing else is.
    let (back, next) = store::unshelve_due(&center.pool, until(3_600_000)).await.unwrap();
    assert_eq!((back, next), (1, None));
    assert_eq!(returns(&center).await.len(), 3);
    assert_eq!(lan.get("/api/v1/alerts?state=shelved").await["items"], json!([]));
}

fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::SubsecRound as _;
    time.trunc_subsecs(6)
}

#[tokio::test]
async fn an_alert_is_forwarded_only_to_who_works_on_alerts_and_sees_it() {
    let center = Center::start().await;
    let id = center.raise(&[HIGH]).await[0];
    crate::areas::import(&center).await;
    sqlx::query("update alerts set area = 'south'").execute(&center.pool).await.unwrap();
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    center.person("viewer", Role::Viewer).await;
    center.person("doi", Role::Unit).await;
    center.person_of("north", Role::Operator, &["north"]).await;
    center.person_of("south", Role::Operator, &["south"]).await;
    let token = json!({ "name": "robot", "role": "operator", "areas": ["*"], "days": 1 });
    let token = crate::incidents::post(&admin, "/api/v1/tokens", token).await.1;
    let robot = format!("machine:{}", token["token"]["id"].as_str().unwrap());
    let known: i64 = sqlx::query_scalar("select count(*) from users where name = $1")
        .bind(&robot)
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(known, 1);
    let unit = |areas: &str, disabled: bool| json!({ "channels": [{ "kind": "inbox" }], "areas": [areas], "disabled": disabled });
    for (name, unit) in
        [("u-north", unit("north", false)), ("u-off", unit("south", true)), ("u-south", unit("south", false))]
    {
        crate::dispatch::put_unit(&admin, name, unit).await;
    }
    for (key, who) in [
        ("user", "viewer"),
        ("user", "doi"),
        ("user", "north"),
        ("user", robot.as_str()),
        ("unit", "u-north"),
        ("unit", "u-off"),
        ("unit", "u-9"),
    ] {
        let refused = step(&lan, id, "forward", json!({ key: who, "message": "x" })).await;
        assert_eq!(refused.status(), 422, "{key} {who}");
    }
    for (key, who) in [("user", "south"), ("unit", "u-south")] {
        done(&lan, id, "forward", json!({ key: who, "message": "x" })).await;
    }
}
