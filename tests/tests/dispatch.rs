//! From an event to a unit that has done its work: over real MQTT, PostgreSQL, HTTP and SMTP, with every state and its
//! time, and then once more with the center killed after every step.
//!
//! A unit's channels follow each other after an hour without a reader. That hour is not waited for: the moment from which
//! it counts is moved back in the database, which no recorded time depends on.

#![allow(clippy::unwrap_used, reason = "a test")]

use chrono::{DateTime, Utc};
use ngatu_tests::stack::outside::{Listener, Outside, Received};
use ngatu_tests::stack::{Center, Operator, Part, StackDir};
use ngatu_tests::virtual_edge::VirtualEdge;
use ngatu_tests::wait::{Seen, wait_for};
use ngatu_tests::{clock, faults};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
const UNIT: &str = "police-1";
const CHANNELS: [&str; 4] = ["webhook", "mail", "mqtt", "inbox"];

/// What the incident's log says in the end, each once: the change, and of a dispatch its state.
const LOG: [(&str, &str); 15] = [
    ("opened", ""),
    ("taken", ""),
    ("dispatch", "queued"),
    ("dispatch", "sent"),
    ("dispatch", "delivered"),
    ("dispatch", "read"),
    ("dispatch", "accepted"),
    ("dispatch", "on_scene"),
    ("on_scene", ""),
    ("dispatch", "done"),
    ("step_done", ""),
    ("step_done", ""),
    ("step_done", ""),
    ("resolved", ""),
    ("closed", ""),
];

/// How a story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// In one go; the incident is opened by one click.
    Calm,
    /// The center is killed after each step, and while the other side of a webhook and of a mail has not answered yet; the
    /// incident is opened by the policy.
    Killed,
}

struct Story {
    telling: Telling,
    center: Center,
    hook: Outside<Received>,
    mails: Outside<Received>,
    listener: Listener,
    edge: VirtualEdge,
    operator: Operator,
    officer: Operator,
    kills: usize,
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("{value} is no time")).parse().unwrap()
}

impl Story {
    async fn begin(telling: Telling) -> Story {
        let unanswered = usize::from(telling == Telling::Killed);
        let hook = Outside::webhook(unanswered).await.unwrap();
        let mails = Outside::mail(unanswered).await.unwrap();
        let more = format!(
            "[dispatch]\nallow_networks = [\"127.0.0.0/8\"]\n[dispatch.mail]\nsmtp = \"smtp://{}\"\nfrom = \"center@example.vn\"\n",
            mails.address()
        );
        let dir = Arc::new(StackDir::new("dispatch").unwrap());
        let center = Center::start_with(dir, &more).await.unwrap();
        let person = async |name: &str, role: &str| {
            let password = center.add_user(name, role).await.unwrap();
            Operator::sign_in(&center.http_url(), name, &password).await.unwrap()
        };
        let admin = person("admin", "admin").await;
        let officer = person("officer", "unit").await;
        let operator = person("operator", "operator").await;
        let unit = json!({ "name_vi": "Công an phường", "name_en": "Ward police", "kind": "police", "areas": ["*"],
            "read_within_s": 3600, "members": ["officer"], "channels": [
                { "kind": "webhook", "url": format!("http://{}/hook", hook.address()) },
                { "kind": "mail", "to": "doi@example.vn" }, { "kind": "mqtt" }, { "kind": "inbox" }] });
        let put = (Method::PUT, &*format!("units/{UNIT}"));
        let (status, answer) = admin.send(put, &unit, None).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        if telling == Telling::Killed {
            let body = json!({ "rule": [{ "name": "at once", "severity": "high", "incident": true }] });
            let policy = json!({ "note": "incidents at once", "activate": true, "body": body });
            let (status, answer) = admin.send((Method::POST, "policies"), &policy, None).await.unwrap();
            assert!([200, 201].contains(&status), "{status} {answer}");
        }
        let secret = center.enroll(UNIT).await.unwrap();
        let listener = Listener::start(&center, UNIT, &secret).unwrap();
        let edge = faults::virtual_edge(&center, "edge-1").await.unwrap();
        Story { telling, center, hook, mails, listener, edge, operator, officer, kills: 0 }
    }

    /// The end of a step: the center is killed and comes back.
    async fn step(&mut self) {
        if self.telling == Telling::Killed {
            self.kill().await;
        }
    }

    async fn kill(&mut self) {
        self.kills += 1;
        self.center.kill9(Part::Center).unwrap();
        self.center.ready().await.unwrap();
    }

    async fn sql(&self, sql: &'static str) {
        let database = self.center.database().await.unwrap();
        sqlx::query(sql).execute(database.pool()).await.unwrap();
    }

    async fn post(&self, who: &Operator, path: &str, body: Value) -> Value {
        let (status, answer) = who.send((Method::POST, path), &body, None).await.unwrap();
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// An event comes, and with it an alert.
    async fn alert(&mut self) -> String {
        self.edge.push_events(1).await.unwrap();
        let operator = self.operator.clone();
        let alert = wait_for("alert", SOON, async || {
            let alerts = operator.items("alerts").await?;
            Ok(Seen::when(alerts.len() == 1, alerts, "another number of alerts"))
        })
        .await
        .unwrap();
        assert_eq!(alert[0]["kind"], "intrusion");
        text(&alert[0], "id").to_owned()
    }

    async fn incident(&mut self, alert: &str) -> String {
        if self.telling == Telling::Calm {
            let open = (Method::POST, "incidents");
            let (status, incident) =
                self.operator.send(open, &json!({ "alert": alert }), None).await.unwrap();
            assert_eq!(status, 201, "{incident}");
        }
        // By policy it is there as soon as the alert is: they come in one transaction.
        let incidents = self.operator.items("incidents").await.unwrap();
        assert_eq!(incidents.len(), 1, "{incidents:?}");
        let view = self.operator.get(&format!("incidents/{}", text(&incidents[0], "id"))).await.unwrap();
        assert_eq!(view["sources"][0]["ref"], *alert, "{view}");
        text(&incidents[0], "id").to_owned()
    }

    /// The operator sends the unit; asked again with the same key, because the answer may have been lost.
    async fn send(&mut self, incident: &str) -> String {
        let body = json!({ "incident": incident, "unit": UNIT, "note": "Đến ngay" });
        let send = (Method::POST, "dispatches");
        let (status, first) = self.operator.send(send.clone(), &body, Some("send-1")).await.unwrap();
        assert_eq!(status, 201, "{first}");
        self.step().await;
        let (status, again) = self.operator.send(send, &body, Some("send-1")).await.unwrap();
        assert_eq!((status, &again["id"]), (201, &first["id"]), "{again}");
        text(&first, "id").to_owned()
    }

    async fn dispatch(&self, id: &str) -> Value {
        self.operator.get(&format!("dispatches/{id}")).await.unwrap()
    }

    /// An attempt that was begun belongs to the dead center for a minute; nobody waits for that here.
    async fn end_leases(&self) {
        self.sql("update deliveries set next_at = now() where state = 'pending' and next_at > now()").await;
    }

    /// Waits until the unit's channel number `index` has its message.
    async fn delivered(&mut self, id: &str, index: usize) {
        let held = self.telling == Telling::Killed && index < 2;
        if held {
            let story = &*self;
            wait_for("message that is not answered", SOON, async || {
                let arrived = [&story.hook, &story.mails][index].received().len();
                if arrived == 0 {
                    story.end_leases().await;
                }
                Ok(Seen::when(arrived > 0, (), "nothing arrived"))
            })
            .await
            .unwrap();
            self.kill().await;
            self.end_leases().await;
        }
        let path = format!("dispatches/{id}");
        let operator = self.operator.clone();
        wait_for("delivery", SOON, async || {
            let dispatch = operator.get(&path).await?;
            let state = dispatch["deliveries"][index]["state"].clone();
            Ok(Seen::when(state == "delivered", (), &dispatch["deliveries"]))
        })
        .await
        .unwrap_or_else(|error| panic!("{}: {error:#}", CHANNELS[index]));
    }

    async fn channels(&mut self, id: &str) {
        let mut known: Vec<Value> = Vec::new();
        for index in 0..CHANNELS.len() {
            if index > 0 {
                self.sql("update dispatches set since = since - interval '1 day', act_at = now()").await;
            }
            self.delivered(id, index).await;
            self.step().await;
            let ids: Vec<Value> = self.dispatch(id).await["deliveries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|delivery| delivery["id"].clone())
                .collect();
            assert_eq!(ids.len(), index + 1, "{ids:?}");
            assert_eq!(ids[..index], known, "ids stay");
            known = ids;
            let listener = &self.listener;
            wait_for("listener", SOON, async || Ok(Seen::when(listener.listens(), (), "away")))
                .await
                .unwrap();
        }
    }

    /// What came out of the house: each message under the id of its delivery, however often it was sent.
    async fn check_messages(&self, id: &str) {
        let dispatch = self.dispatch(id).await;
        let deliveries = dispatch["deliveries"].as_array().unwrap();
        let kinds: Vec<&str> = deliveries.iter().map(|delivery| text(delivery, "kind")).collect();
        assert_eq!(kinds, CHANNELS);
        let simple = |index: usize| text(&deliveries[index], "id").replace('-', "");
        let (hooked, mails) = (self.hook.received(), self.mails.received());
        match self.telling {
            Telling::Calm => assert_eq!((hooked.len(), mails.len()), (1, 1)),
            Telling::Killed => {
                assert!(hooked.len() > 1 && mails.len() > 1, "{} {}", hooked.len(), mails.len())
            }
        }
        let ids: BTreeSet<&str> = hooked.iter().map(|message| message.header("webhook-id")).collect();
        assert_eq!(ids, BTreeSet::from([&*format!("msg_{}", simple(0))]));
        assert!(hooked.iter().all(|message| message.body == hooked[0].body), "the same text each time");
        assert!(hooked.iter().all(|message| message.header("webhook-signature").starts_with("v1a,")));

        let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.header("message-id")).collect();
        assert_eq!(ids, BTreeSet::from([&*format!("<{}@example.vn>", simple(1))]));

        let published: Vec<Value> =
            self.listener.received().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        assert!(!published.is_empty() && published.iter().all(|event| event["id"] == deliveries[2]["id"]));
        assert_eq!(published[0]["data"]["number"], dispatch["incident_number"]);
        assert_eq!(published[0]["type"], "vn.ngatu.dispatch.v1");

        let inbox = self.officer.items("inbox").await.unwrap();
        assert_eq!((inbox.len(), &inbox[0]["dispatch"]["id"]), (1, &dispatch["id"]), "{inbox:?}");
    }

    /// The kinds of CAP messages in the feed, the oldest first.
    async fn cap(&self) -> Vec<String> {
        let feed = String::from_utf8(self.operator.bytes("/cap/v1/feed.atom").await.unwrap()).unwrap();
        let mut kinds = Vec::new();
        for entry in feed.split("<entry>").skip(1) {
            let link = entry.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
            let path = &link[link.find("/cap/").unwrap()..];
            let message = String::from_utf8(self.operator.bytes(path).await.unwrap()).unwrap();
            assert!(message.contains("urn:oasis:names:tc:emergency:cap:1.2"), "{message}");
            let kind = message.split("<msgType>").nth(1).unwrap().split('<').next().unwrap();
            kinds.push(kind.to_owned());
        }
        kinds.reverse();
        kinds
    }

    async fn unit_comes(&mut self, id: &str) {
        for state in ["read", "accepted", "on_scene", "done"] {
            let officer = self.officer.clone();
            let dispatch = self.post(&officer, &format!("inbox/{id}/state"), json!({ "state": state })).await;
            assert_eq!(dispatch["state"], state);
            self.step().await;
            // Said twice, because the answer may have been lost: nothing changes.
            let again = self.post(&officer, &format!("inbox/{id}/state"), json!({ "state": state })).await;
            assert_eq!(again["times"], dispatch["times"]);
        }
    }

    async fn end(&mut self, incident: &str) {
        let operator = self.operator.clone();
        for step in ["verify", "police", "calm"] {
            self.post(&operator, &format!("incidents/{incident}/steps/{step}"), json!({})).await;
            self.step().await;
        }
        let resolved = self
            .post(&operator, &format!("incidents/{incident}/resolve"), json!({ "verdict": "true" }))
            .await;
        assert_eq!(resolved["status"], "resolved");
        self.step().await;
        let story = &*self;
        wait_for("Cancel in the feed", SOON, async || {
            let kinds = story.cap().await;
            Ok(Seen::when(kinds.last().is_some_and(|kind| kind == "Cancel"), (), format!("{kinds:?}")))
        })
        .await
        .unwrap();
        let (status, closed) = operator.post(&format!("incidents/{incident}/close")).await.unwrap();
        assert_eq!((status, text(&closed, "status")), (200, "closed"), "{closed}");
        self.step().await;
    }

    /// Every state once, in order, each with its time.
    async fn check_log(&self, incident: &str, (id, begun): (&str, DateTime<Utc>)) {
        let view = self.operator.get(&format!("incidents/{incident}")).await.unwrap();
        let log = view["log"].as_array().unwrap();
        let said: Vec<(&str, &str)> =
            log.iter().map(|row| (text(row, "change"), text(&row["detail"], "state"))).collect();
        let said: Vec<(&str, &str)> = said
            .into_iter()
            .map(|(change, state)| (change, if change == "dispatch" { state } else { "" }))
            .collect();
        assert_eq!(said, LOG, "{view}");
        let times: Vec<DateTime<Utc>> = log.iter().map(|row| time(&row["at"])).collect();
        assert!(times.is_sorted() && times[0] >= begun && times[14] <= clock::now(), "{times:?}");
        let at = |change: &str, state: &str| {
            let row = said.iter().position(|row| *row == (change, state)).unwrap();
            times[row]
        };

        let all = self.operator.items("dispatches").await.unwrap();
        assert_eq!(all.len(), 1, "nobody was sent twice: {all:?}");
        let dispatch = self.dispatch(id).await;
        let states = dispatch["times"].as_object().unwrap();
        assert_eq!(states.len(), 7, "{states:?}");
        for (state, when) in states {
            assert_eq!(time(when), at("dispatch", state), "{state}");
        }
        for delivery in dispatch["deliveries"].as_array().unwrap() {
            assert_eq!(delivery["state"], "delivered");
            let (made, done) = (time(&delivery["created_at"]), time(&delivery["done_at"]));
            assert!(begun <= made && made <= done && done <= at("dispatch", "read"), "{delivery}");
        }
        let incident = if view["incident"].is_object() { &view["incident"] } else { &view };
        assert_eq!(time(&incident["opened_at"]), at("opened", ""));
        assert_eq!(time(&incident["resolved_at"]), at("resolved", ""));
        assert_eq!(time(&incident["closed_at"]), at("closed", ""));
        assert_eq!(incident["verdict"], "true");
    }
}

async fn tell(telling: Telling) -> Story {
    let mut story = Story::begin(telling).await;
    let begun = clock::now();
    let alert = story.alert().await;
    story.step().await;
    let incident = story.incident(&alert).await;
    story.step().await;
    let (status, taken) = story.operator.post(&format!("incidents/{incident}/take")).await.unwrap();
    assert_eq!((status, text(&taken, "status")), (200, "in_progress"), "{taken}");
    story.step().await;
    let id = story.send(&incident).await;
    story.channels(&id).await;
    story.check_messages(&id).await;
    let sent = story.sent();
    assert_eq!(story.cap().await, ["Alert"], "a further channel says nothing new");
    story.unit_comes(&id).await;
    story.end(&incident).await;
    story.check_log(&incident, (&id, begun)).await;
    story.check_messages_stay(sent).await;
    story
}

impl Story {
    /// How many messages have left the house: webhooks, mails, on the broker.
    fn sent(&self) -> [usize; 3] {
        [self.hook.received().len(), self.mails.received().len(), self.listener.received().len()]
    }

    /// Nothing was sent again after it was delivered.
    async fn check_messages_stay(&self, sent: [usize; 3]) {
        assert_eq!(self.sent(), sent);
        assert_eq!(self.cap().await, ["Alert", "Cancel"]);
    }

    async fn finish(mut self) {
        self.edge.stop().await;
        self.center.stop().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_an_incident_and_a_unit_comes_and_every_state_has_its_time() {
    tell(Telling::Calm).await.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_killed_after_every_step_loses_nothing_and_sends_nothing_under_a_new_id() {
    let story = tell(Telling::Killed).await;
    assert_eq!(story.kills, 19);
    story.finish().await;
}
