//! Dispatch over HTTP and out of the house: a real webhook receiver, a real mail server, and a clock that the test holds.

use crate::harness::{Browser, Center};
use crate::incidents::{answer, post};
use crate::schema::complaints;
use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use control_center::access::users::Role;
use control_center::broker::BrokerAddress;
use control_center::clock;
use control_center::dispatch::guard::Allowed;
use control_center::dispatch::message::Sender;
use control_center::dispatch::send::{Mailer, Senders};
use control_center::dispatch::sign::Check;
use control_center::dispatch::{Runner, Settings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

/// What arrived, in order.
pub(crate) type Arrived<T> = Arc<Mutex<Vec<T>>>;

pub(crate) fn taken<T: Clone>(arrived: &Arrived<T>) -> Vec<T> {
    arrived.lock().unwrap().clone()
}

/// A receiver of webhooks that answers with one status after the other, the last for ever.
pub(crate) async fn receiver(statuses: Vec<u16>) -> (SocketAddr, Arrived<(HeaderMap, String)>) {
    let arrived: Arrived<(HeaderMap, String)> = Arrived::default();
    let kept = arrived.clone();
    let handler = move |headers: HeaderMap, body: String| async move {
        let mut kept = kept.lock().unwrap();
        let status = statuses[kept.len().min(statuses.len() - 1)];
        kept.push((headers, body));
        StatusCode::from_u16(status).unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().route("/hook", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, arrived)
}

/// A mail server of RFC 5321's smallest kind.
pub(crate) async fn mail_server() -> (SocketAddr, Arrived<String>) {
    let arrived: Arrived<String> = Arrived::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept = arrived.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 test\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.split(' ').next().unwrap_or_default().to_uppercase().as_str() {
                    "DATA" => {
                        write.write_all(b"354 go on\r\n").await.unwrap();
                        let mut mail = String::new();
                        while let Ok(Some(line)) = lines.next_line().await {
                            if line == "." {
                                break;
                            }
                            mail.push_str(&line);
                            mail.push('\n');
                        }
                        kept.lock().unwrap().push(mail);
                        "250 kept\r\n"
                    }
                    "QUIT" => "221 bye\r\n",
                    _ => "250 test\r\n",
                };
                if write.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (address, arrived)
}

pub(crate) async fn runner(center: &Center, mail: Option<SocketAddr>, networks: &[&str]) -> Runner {
    let mailer =
        mail.map(|address| Mailer { smtp: format!("smtp://{address}"), from: "center@example.vn".into() });
    let broker = BrokerAddress { host: "127.0.0.1".into(), port: 1, tls: None, credentials: None };
    let allowed = Allowed::parse(networks.iter().copied()).unwrap();
    let senders = Senders::new(allowed, mailer.as_ref(), broker).unwrap();
    let sender = Sender { id: "center.example.vn".into(), name: "Trung tâm".into() };
    let settings = Settings { public_url: center.origin(), sender };
    Runner::new(center.pool.clone(), senders, settings).await.unwrap()
}

/// Does all that is due at a moment.
pub(crate) async fn settle(runner: &Runner, now: DateTime<Utc>) {
    for _ in 0..50 {
        if !runner.pass(now).await.unwrap() {
            return;
        }
    }
    panic!("the runner does not come to rest");
}

pub(crate) async fn put_unit(admin: &Browser<'_>, id: &str, settings: Value) -> Value {
    let mut unit = json!({ "name_vi": "Công an", "name_en": "Police", "kind": "police", "areas": ["*"], "read_within_s": 60 });
    unit.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let request = admin.request(Method::PUT, &format!("/api/v1/units/{id}")).json(&unit);
    let (status, unit) = answer(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{unit}");
    unit
}

pub(crate) async fn open(browser: &Browser<'_>) -> String {
    let incident =
        json!({ "kind": "fire", "title": "Khói <b>lớn</b>", "place": { "lat": 20.4463, "lon": 106.3366 } });
    let (status, incident) = post(browser, "/api/v1/incidents", incident).await;
    assert_eq!(status, 201, "{incident}");
    incident["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn send(browser: &Browser<'_>, incident: &str, unit: &str) -> Value {
    let body = json!({ "incident": incident, "unit": unit, "note": "Đến ngay" });
    let (status, dispatch) = post(browser, "/api/v1/dispatches", body).await;
    assert_eq!(status, 201, "{dispatch}");
    dispatch
}

pub(crate) async fn get(browser: &Browser<'_>, path: &str) -> Value {
    let (status, body) = answer(browser.request(Method::GET, path).send().await.unwrap()).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[tokio::test]
async fn a_unit_is_asked_over_its_channels_then_another_unit_and_every_step_has_its_time() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![500, 503, 500]).await;
    let (smtp, mails) = mail_server().await;
    let runner = runner(&center, Some(smtp), &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    let (doi, other) = (center.person("doi", Role::Unit).await, center.person("other", Role::Unit).await);
    put_unit(&admin, "fire-2", json!({ "channels": [{ "kind": "inbox" }], "members": ["doi"] })).await;
    let channels = json!([{ "kind": "webhook", "url": format!("http://{hook}/hook") }, { "kind": "mail", "to": "doi@example.vn" }]);
    let unit = put_unit(&admin, "fire-1", json!({ "channels": channels, "fallback": ["fire-2"] })).await;
    let incident = open(&lan).await;
    let first = send(&lan, &incident, "fire-1").await;
    let again = json!({ "incident": incident, "unit": "fire-1" });
    assert_eq!(post(&lan, "/api/v1/dispatches", again).await.0, 409, "it has the incident already");

    let start = clock::now();
    settle(&runner, start).await;
    // The second attempt counts from the end of the first; nothing else is due before a minute is over.
    settle(&runner, start + TimeDelta::seconds(36)).await;
    let attempts = taken(&hooked);
    assert_eq!(attempts.len(), 2);
    let public = unit["webhook_public_key"].as_str().unwrap();
    for (headers, body) in &attempts {
        let header = |name: &str| headers[name].to_str().unwrap();
        let at = DateTime::from_timestamp(header("webhook-timestamp").parse().unwrap(), 0).unwrap();
        let (id, signature) = (header("webhook-id"), header("webhook-signature"));
        assert!(Check::parse(public).unwrap().accepts((id, at), body.as_bytes(), signature, start));
        assert_eq!(id, attempts[0].0["webhook-id"], "the same id at every attempt");
        let event: Value = serde_json::from_str(body).unwrap();
        assert_eq!(event["data"]["number"], first["incident_number"]);
        assert_eq!(event["type"], "vn.ngatu.dispatch.v1");
    }

    settle(&runner, start + TimeDelta::seconds(61)).await;
    let mail = taken(&mails).pop().expect("a mail");
    assert!(mail.contains("To: doi@example.vn") && mail.to_lowercase().contains("message-id: <"), "{mail}");
    settle(&runner, start + TimeDelta::seconds(122)).await;

    let inbox = get(&doi, "/api/v1/inbox").await;
    let item = &inbox["items"][0];
    assert_eq!(item["dispatch"]["unit"], "fire-2");
    assert_eq!(item["dispatch"]["note"], "Đến ngay");
    assert_eq!(get(&other, "/api/v1/inbox").await["items"], json!([]), "not a member");
    let second = item["dispatch"]["id"].as_str().unwrap();
    let path = format!("/api/v1/inbox/{second}/state");
    assert_eq!(post(&other, &path, json!({ "state": "read" })).await.0, 404);
    assert_eq!(post(&doi, &path, json!({ "state": "done" })).await.0, 409, "not before it was accepted");
    assert_eq!(post(&doi, &path, json!({ "state": "refused" })).await.0, 422, "a refusal says why");
    for state in ["read", "accepted", "on_scene", "done"] {
        let (status, dispatch) = post(&doi, &path, json!({ "state": state })).await;
        assert_eq!((status, dispatch["state"].as_str()), (StatusCode::OK, Some(state)));
        assert!(dispatch["times"][state].is_string());
    }
    settle(&runner, start + TimeDelta::seconds(4000)).await;
    let all = get(&lan, &format!("/api/v1/dispatches?incident={incident}")).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "nobody else was asked: {all}");
    let (done, asked) = (&all["items"][0], &all["items"][1]);
    assert_eq!((&done["state"], &asked["passed_on"]), (&json!("done"), &json!(true)));
    assert_eq!(asked["deliveries"][0]["state"], "pending", "the webhook goes on trying");
    assert_eq!(asked["deliveries"][1]["state"], "delivered");
    let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
    let states: Vec<&str> = view["log"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["change"] == "dispatch" && row["detail"]["dispatch"] == *second)
        .map(|row| row["detail"]["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["queued", "sent", "delivered", "read", "accepted", "on_scene", "done"]);
}

#[tokio::test]
async fn when_no_unit_answers_the_supervisor_is_called_once() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "mail", "to": "a@example.vn" }] })).await;
    let incident = open(&lan).await;
    send(&lan, &incident, "u-1").await;
    for minutes in 0..5 {
        settle(&runner, clock::now() + TimeDelta::minutes(minutes)).await;
    }
    let view = get(&lan, &format!("/api/v1/incidents/{incident}")).await;
    let called = view["log"].as_array().unwrap().iter().filter(|row| row["change"] == "escalated");
    assert_eq!(called.count(), 1, "{view}");
    let dispatch = &get(&lan, "/api/v1/dispatches").await["items"][0];
    assert_eq!(dispatch["state"], "failed");
    let error = dispatch["deliveries"][0]["error"].as_str().unwrap();
    assert!(error.contains("dispatch.mail"), "{error}");
}

#[tokio::test]
async fn no_webhook_goes_inside_the_house_or_follows_a_redirect() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![302]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    let port = hook.port();
    let urls = [
        format!("http://127.0.0.1:{port}/hook"),
        format!("https://127.0.0.1:{port}/hook"),
        format!("http://[::1]:{port}/hook"),
        format!("http://[::ffff:127.0.0.1]:{port}/hook"),
        format!("https://localhost:{port}/hook"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        format!("http://2130706433:{port}/hook"),
        format!("https://0.0.0.0:{port}/hook"),
    ];
    let closed = runner(&center, None, &[]).await;
    for (i, url) in urls.iter().enumerate() {
        let unit = format!("u-{i}");
        put_unit(&admin, &unit, json!({ "channels": [{ "kind": "webhook", "url": url }] })).await;
        let dispatch = send(&lan, &open(&lan).await, &unit).await;
        settle(&closed, clock::now()).await;
        let dispatch = get(&lan, &format!("/api/v1/dispatches/{}", dispatch["id"].as_str().unwrap())).await;
        let error = dispatch["deliveries"][0]["error"].as_str().unwrap();
        assert!(error.contains("not an address of the internet"), "{url}: {error}");
    }
    assert!(taken(&hooked).is_empty(), "nothing was called");
    let open_house = runner(&center, None, &["127.0.0.0/8"]).await;
    put_unit(&admin, "u-r", json!({ "channels": [{ "kind": "webhook", "url": urls[0] }] })).await;
    send(&lan, &open(&lan).await, "u-r").await;
    settle(&open_house, clock::now()).await;
    assert_eq!(taken(&hooked).len(), 1);
    let dispatch = &get(&lan, "/api/v1/dispatches?unit=u-r").await["items"][0];
    assert!(dispatch["deliveries"][0]["error"].as_str().unwrap().contains("redirects are not followed"));
}

#[tokio::test]
async fn the_link_opens_one_dispatch_without_an_account_until_it_runs_out() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![200]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    put_unit(
        &admin,
        "u-1",
        json!({ "channels": [{ "kind": "webhook", "url": format!("http://{hook}/hook") }] }),
    )
    .await;
    let incident = open(&lan).await;
    let dispatch = send(&lan, &incident, "u-1").await;
    settle(&runner, clock::now()).await;
    let event: Value = serde_json::from_str(&taken(&hooked)[0].1).unwrap();
    let link = event["data"]["link"].as_str().unwrap().strip_prefix(&center.origin()).unwrap().to_owned();

    let response = center.bare(Method::GET, &link).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let page = response.text().await.unwrap();
    assert!(page.contains("Khói &lt;b&gt;lớn&lt;/b&gt;") && !page.contains("<script"), "{page}");
    assert!(page.contains("value=accepted") && !page.contains("value=done"));
    let form = |text: &'static str| {
        let request =
            center.bare(Method::POST, &link).header("content-type", "application/x-www-form-urlencoded");
        request.body(text).send()
    };
    assert_eq!(form("state=recalled").await.unwrap().status(), 422, "only the center takes back");
    let foreign = center.bare(Method::POST, &link).header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/x-www-form-urlencoded").body("state=read");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    assert_eq!(form("state=accepted&answer=").await.unwrap().status(), 200, "sent back to the page");
    let path = format!("/api/v1/dispatches/{}", dispatch["id"].as_str().unwrap());
    assert_eq!(get(&lan, &path).await["state"], "accepted");

    let other = format!("{link}/pictures/sha256:{}", "0".repeat(64));
    for wrong in [other.as_str(), "/link/x", &link.replace("/link/", "/link/A")] {
        assert_eq!(center.bare(Method::GET, wrong).send().await.unwrap().status(), 404, "{wrong}");
    }
    let looks: i64 = sqlx::query_scalar("select count(*) from audit where action = 'link.look'")
        .fetch_one(&center.pool)
        .await
        .unwrap();
    assert_eq!(looks, 2);
    sqlx::query("update dispatches set state = 'refused'").execute(&center.pool).await.unwrap();
    assert_eq!(center.bare(Method::GET, &link).send().await.unwrap().status(), 404, "refused");
    sqlx::query("update dispatches set state = 'accepted'").execute(&center.pool).await.unwrap();
    assert_eq!(center.bare(Method::GET, &link).send().await.unwrap().status(), 200);
    sqlx::query("update dispatches set link_until = now() - interval '1 second'")
        .execute(&center.pool)
        .await
        .unwrap();
    assert_eq!(center.bare(Method::GET, &link).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_was_said_in_cap_is_updated_and_cancelled_with_all_references() {
    let center = Center::start().await;
    let runner = runner(&center, None, &[]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    for unit in ["u-1", "u-2"] {
        put_unit(&admin, unit, json!({ "channels": [{ "kind": "inbox" }] })).await;
    }
    let incident = open(&lan).await;
    for unit in ["u-1", "u-2"] {
        send(&lan, &incident, unit).await;
        settle(&runner, clock::now()).await;
    }
    let closing = json!({ "verdict": "false" });
    assert_eq!(post(&lan, &format!("/api/v1/incidents/{incident}/resolve"), closing.clone()).await.0, 409);
    for step in ["verify", "fire-brigade", "people", "out"] {
        post(&lan, &format!("/api/v1/incidents/{incident}/steps/{step}"), json!({})).await;
    }
    assert_eq!(post(&lan, &format!("/api/v1/incidents/{incident}/resolve"), closing).await.0, 200);
    settle(&runner, clock::now()).await;
    let feed = lan.request(Method::GET, "/cap/v1/feed.atom").send().await.unwrap().text().await.unwrap();
    assert_eq!(feed.matches("<entry>").count(), 3, "{feed}");
    let links: Vec<&str> =
        feed.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let mut messages = Vec::new();
    for link in links {
        messages.push(lan.request(Method::GET, link).send().await.unwrap().text().await.unwrap());
    }
    for message in &messages {
        assert_eq!(complaints(message), "", "{message}");
    }
    let newest =
        messages.iter().find(|message| message.contains("<msgType>Cancel</msgType>")).expect("a Cancel");
    let references = newest.split("<references>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(references.split(' ').count(), 2, "{references}");
    assert!(messages.iter().any(|message| message.contains("<msgType>Update</msgType>")));
    assert!(
        messages.iter().all(|message| !message.contains("/link/")),
        "the unit's link is the unit's alone"
    );
    // Reopened, it is said anew, and taken back once more.
    let reopened =
        post(&lan, &format!("/api/v1/incidents/{incident}/reopen"), json!({ "reason": "lại cháy" })).await;
    assert_eq!(reopened.0, 200, "{}", reopened.1);
    put_unit(&admin, "u-3", json!({ "channels": [{ "kind": "inbox" }] })).await;
    send(&lan, &incident, "u-3").await;
    settle(&runner, clock::now() + TimeDelta::seconds(2)).await;
    let again = json!({ "verdict": "true" });
    let resolved = post(&lan, &format!("/api/v1/incidents/{incident}/resolve"), again).await;
    assert_eq!(resolved.0, 200, "{}", resolved.1);
    settle(&runner, clock::now() + TimeDelta::seconds(4)).await;
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from cap_messages order by sent, length(identifier), identifier")
            .fetch_all(&center.pool)
            .await
            .unwrap();
    assert_eq!(kinds, ["Alert", "Update", "Cancel", "Alert", "Cancel"]);
    assert_eq!(center.bare(Method::GET, "/cap/v1/feed.atom").send().await.unwrap().status(), 401);
    assert_eq!(lan.request(Method::GET, "/cap/v1/alerts/none.xml").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_dispatch_that_is_over_is_not_sent_any_more() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![500]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    let channels = json!([{ "kind": "webhook", "url": format!("http://{hook}/hook") }]);
    put_unit(&admin, "u-1", json!({ "channels": channels })).await;
    let dispatch = send(&lan, &open(&lan).await, "u-1").await;
    settle(&runner, clock::now()).await;
    let path = format!("/api/v1/dispatches/{}", dispatch["id"].as_str().unwrap());
    let recall = json!({ "state": "recalled", "answer": "nhầm" });
    let (status, recalled) = post(&lan, &format!("{path}/state"), recall).await;
    assert_eq!(status, 200, "{recalled}");
    settle(&runner, clock::now() + TimeDelta::hours(80)).await;
    let said: Vec<Value> =
        taken(&hooked).iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
    let types: Vec<&str> = said.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        ["vn.ngatu.dispatch.v1", "vn.ngatu.dispatch.recalled.v1"],
        "only that it is taken back"
    );
    let delivery = &get(&lan, &path).await["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["next_at"]), (&json!("failed"), &json!(null)));
    assert!(delivery["error"].as_str().unwrap().contains("not needed any more"), "{delivery}");
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let center = Center::start().await;
    // Connections are taken by the kernel, and never answered.
    let hangs = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (hook, hooked) = receiver(vec![200]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    for (unit, address) in [("u-1", hangs.local_addr().unwrap()), ("u-2", hook)] {
        let channels = json!([{ "kind": "webhook", "url": format!("http://{address}/hook") }]);
        put_unit(&admin, unit, json!({ "channels": channels })).await;
    }
    let end = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(runner.run(end.clone()));
    let incident = open(&lan).await;
    let hung = send(&lan, &incident, "u-1").await;
    let path = format!("/api/v1/dispatches/{}", hung["id"].as_str().unwrap());
    let count = async |which: &str| {
        let sql = format!("select count(*) from deliveries where {which}");
        while sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql.clone()))
            .fetch_one(&center.pool)
            .await
            .unwrap()
            == 0
        {}
    };
    let story = async {
        count("attempts = 1").await;
        send(&lan, &incident, "u-2").await;
        count("state = 'delivered'").await;
    };
    // The one that hangs is given up after 20 s.
    tokio::time::timeout(std::time::Duration::from_secs(15), story).await.expect("the second one is sent");
    assert_eq!(taken(&hooked).len(), 1);
    assert_eq!(get(&lan, &path).await["deliveries"][0]["state"], "pending");
    end.cancel();
    running.await.unwrap();
}
