//! What readers of the Common Alerting Protocol are told of an incident, and when.

use crate::dispatch::{put_unit, receiver, runner, send, settle, taken};
use crate::dispatch_after::pictured;
use crate::harness::Center;
use crate::incidents::{answer, post};
use crate::schema::complaints;
use chrono::TimeDelta;
use control_center::access::users::Role;
use control_center::clock;
use reqwest::Method;
use serde_json::{Value, json};

async fn said(center: &Center) -> Vec<(String, String)> {
    sqlx::query_as("select kind, document from cap_messages order by sent, length(identifier), identifier")
        .fetch_all(&center.pool)
        .await
        .unwrap()
}

fn element<'a>(document: &'a str, name: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name}: {document}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}

#[tokio::test]
async fn something_is_said_again_when_it_reads_otherwise_and_not_for_each_channel() {
    let center = Center::start().await;
    let (hook, hooked) = receiver(vec![200]).await;
    let runner = runner(&center, None, &["127.0.0.1"]).await;
    let (admin, lan) =
        (center.person("admin", Role::Admin).await, center.person("lan", Role::Operator).await);
    let webhook = json!({ "kind": "webhook", "url": format!("http://{hook}/hook"), "format": "cap" });
    put_unit(&admin, "u-1", json!({ "channels": [{ "kind": "inbox" }, webhook] })).await;
    let incident = pictured(&center, &lan).await;
    let path = format!("/api/v1/incidents/{}", incident["id"].as_str().unwrap());
    let dispatch = send(&lan, incident["id"].as_str().unwrap(), "u-1").await;
    let start = clock::now();
    settle(&runner, start).await;
    settle(&runner, start + TimeDelta::seconds(61)).await;
    let [(kind, kept)] = &said(&center).await[..] else { panic!("one for both channels") };
    let [(_, told)] = &taken(&hooked)[..] else { panic!("one") };
    assert_eq!((kind.as_str(), element(kept, "addresses")), ("Alert", "u-1"));
    for name in ["identifier", "sent", "msgType"] {
        assert_eq!(element(kept, name), element(told, name));
    }
    for document in [kept, told] {
        assert_eq!(complaints(document), "", "{document}");
    }
    // The unit has no account: it sees the picture by its own link. Readers of the feed have one.
    let own = element(told, "uri").strip_prefix(&center.origin()).unwrap();
    assert!(own.starts_with("/link/") && element(told, "web").ends_with(own.split('/').nth(2).unwrap()));
    assert_eq!(center.bare(Method::GET, own).send().await.unwrap().status(), 200);
    let theirs = element(kept, "uri").strip_prefix(&center.origin()).unwrap();
    assert_eq!(center.bare(Method::GET, theirs).send().await.unwrap().status(), 401);
    assert_eq!(lan.request(Method::GET, theirs).send().await.unwrap().status(), 200);
    assert!(!kept.contains("/link/"), "{kept}");

    let accepted = json!({ "state": "accepted" });
    let state = format!("/api/v1/dispatches/{}/state", dispatch["id"].as_str().unwrap());
    assert_eq!(post(&lan, &state, accepted).await.0, 200);
    let edit = async |edit: Value, later: i64| {
        let (status, edited) =
            answer(lan.request(Method::PATCH, &path).json(&edit).send().await.unwrap()).await;
        assert_eq!(status, 200, "{edited}");
        settle(&runner, start + TimeDelta::seconds(later)).await;
        said(&center).await.len()
    };
    assert_eq!(edit(json!({ "title": "Cháy <chợ> & kho" }), 70).await, 2);
    assert_eq!(edit(json!({ "severity": "low" }), 71).await, 3);
    assert_eq!(edit(json!({ "place": { "lat": 20.41, "lon": 106.31 } }), 72).await, 4);
    assert_eq!(edit(json!({ "owner": null }), 73).await, 4, "nobody outside asks who works on it");
    assert_eq!(post(&lan, &format!("{path}/notes"), json!({ "text": "x" })).await.0, 200);
    settle(&runner, start + TimeDelta::seconds(74)).await;
    let said = said(&center).await;
    assert_eq!(
        said.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["Alert", "Update", "Update", "Update"]
    );
    let (_, newest) = said.last().unwrap();
    assert!(newest.contains("Cháy &lt;chợ&gt; &amp; kho") && element(newest, "severity") == "Minor");
    assert!(newest.contains("<circle>20.410000,106.310000"), "{newest}");
    assert_eq!(element(newest, "references").split(' ').count(), 3);
    assert_eq!(element(newest, "addresses"), "u-1");
    assert_eq!(complaints(newest), "", "{newest}");
}
