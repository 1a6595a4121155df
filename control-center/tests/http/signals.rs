//! Sensors and other systems: stored once, judged by the city's thresholds, joined into incidents.

use crate::harness::Center;
use crate::incidents::post;
use control_center::access::users::Role;
use control_center::city::{self, CityFile};
use control_center::clock;
use reqwest::Method;
use serde_json::{Value, json};

const CITY: &str = r#"
    [[area]]
    id = "north"
    name = "Bắc"
    [[signal_source]]
    id = "cau-bo"
    name = "Cầu Bo"
    place = { lat = 20.4463, lon = 106.3366 }
    area = "north"
    [[signal_source.threshold]]
    kind = "flood"
    unit = "cm"
    at_least = 30.0
    severity = "high"
    [[signal_source.threshold]]
    kind = "flood"
    unit = "cm"
    at_least = 60.0
    severity = "critical"
"#;

#[tokio::test]
async fn a_reading_over_the_threshold_is_an_incident_and_the_next_ones_join_it() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let city = CityFile::parse(CITY).unwrap();
    city::import(&center.pool, &city, clock::now()).await.unwrap();
    assert_eq!(city::export(&center.pool).await.unwrap(), city);
    let send = async |id: &str, value: Value, unit: &str| {
        let signal = json!({
            "source": "cau-bo", "id": id, "kind": "flood", "time": clock::now(), "value": value, "unit": unit,
        });
        post(&lan, "/api/v1/signals", signal).await
    };
    let (status, low) = send("1", json!(12.5), "cm").await;
    assert_eq!((status.as_u16(), &low["incident"]), (201, &Value::Null), "a reading only");
    let (status, first) = send("2", json!(31), "cm").await;
    assert_eq!((status.as_u16(), &first["severity"]), (201, &json!("high")));
    let (status, again) = send("2", json!(31), "cm").await;
    assert_eq!((status.as_u16(), &again), (200, &first), "sent again, stored once");
    let (_, second) = send("3", json!(75.5), "cm").await;
    assert_eq!(second["incident"], first["incident"]);
    let path = format!("/api/v1/incidents/{}", first["incident"].as_str().unwrap());
    let view = lan.get(&path).await;
    let incident = &view["incident"];
    assert_eq!(
        (&incident["kind"], &incident["severity"]),
        (&json!("flood"), &json!("critical")),
        "the gravest"
    );
    assert_eq!((&incident["area"], &incident["origin"]), (&json!("north"), &json!("signal")));
    assert_eq!(incident["title"], "Ngập nước: Cầu Bo 31 cm");
    assert_eq!(view["sources"][1]["ref"], "cau-bo/3");
    assert_eq!(send("4", json!(75), "m").await.0, 422, "the threshold is in cm");
    assert_eq!(send("5", json!("deep"), "cm").await.0, 422);
    assert_eq!(send("6\u{0}", json!(1), "cm").await.0, 422);
    let stored: i64 =
        sqlx::query_scalar("select count(*) from signals").fetch_one(&center.pool).await.unwrap();
    assert_eq!((stored, center.audit_rows("signal.send").await), (3, 3));
}

#[tokio::test]
async fn for_a_source_that_names_its_senders_nobody_else_speaks() {
    let center = Center::start().await;
    let (lan, minh) =
        (center.person("lan", Role::Operator).await, center.person("minh", Role::Operator).await);
    let city =
        CityFile::parse(&CITY.replace("area = \"north\"\n", "area = \"north\"\n    senders = [\"lan\"]\n"))
            .unwrap();
    city::import(&center.pool, &city, clock::now()).await.unwrap();
    assert_eq!(city::export(&center.pool).await.unwrap(), city);
    let signal = |source: &str, id: usize| json!({ "source": source, "id": id.to_string(), "kind": "flood", "time": clock::now(), "value": 1, "unit": "cm" });
    assert_eq!(post(&minh, "/api/v1/signals", signal("cau-bo", 1)).await.0, 403);
    assert_eq!(post(&lan, "/api/v1/signals", signal("cau-bo", 1)).await.0, 201, "its number is still free");
    assert_eq!(post(&minh, "/api/v1/signals", signal("another", 1)).await.0, 201);
}

#[tokio::test]
async fn a_token_speaks_for_the_sources_that_it_was_made_for_and_takes_nothing_from_others() {
    let center = Center::start().await;
    let chief = center.person("chief", Role::Admin).await;
    let city = CITY.replace("area = \"north\"\n", "area = \"north\"\n    senders = [\"bridge\"]\n");
    let city = CityFile::parse(&city).unwrap();
    city::import(&center.pool, &city, clock::now()).await.unwrap();
    let token = async |name: &str, sources: Value| {
        let new = json!({ "name": name, "role": "operator", "areas": ["*"], "days": 1, "sources": sources });
        let (status, made) = post(&chief, "/api/v1/tokens", new).await;
        assert_eq!((status.as_u16(), &made["token"]["sources"]), (201, &sources), "{made}");
        made["secret"].as_str().unwrap().to_owned()
    };
    let (forest, bridge, none) = (
        token("forest", json!(["rung-1"])).await,
        token("bridge", json!([])).await,
        token("x", json!([])).await,
    );
    let speak = async |secret: &str, source: &str, id: &str| {
        let signal = json!({ "source": source, "id": id, "kind": "flood", "time": clock::now(), "value": 1, "unit": "cm" });
        let request = center.bare(Method::POST, "/api/v1/signals").bearer_auth(secret).json(&signal);
        request.send().await.unwrap().status().as_u16()
    };
    for (secret, source) in [(&forest, "rung-2"), (&none, "rung-1"), (&forest, "cau-bo"), (&none, "cau-bo")] {
        assert_eq!(speak(secret, source, "1").await, 403, "{source}");
    }
    // Far more than a source may say at once, and none of it counts against the source.
    for _ in 0..700 {
        let status = speak(&none, "rung-1", "1").await;
        assert!([403, 429].contains(&status), "{status}");
    }
    assert_eq!(speak(&forest, "rung-1", "1").await, 201, "its number is still free");
    assert_eq!(speak(&bridge, "cau-bo", "1").await, 201, "the city file names it");
    let wrong = json!({ "name": "y", "role": "operator", "areas": ["*"], "days": 1, "sources": ["A B"] });
    assert_eq!(post(&chief, "/api/v1/tokens", wrong).await.0, 422);
}

#[tokio::test]
async fn a_system_that_the_city_does_not_know_is_believed_when_it_says_that_it_is_grave() {
    let center = Center::start().await;
    let lan = center.person("lan", Role::Operator).await;
    let send = async |id: &str, kind: &str, severity: &str| {
        let place = json!({ "lat": 21.0, "lon": 106.0 });
        let signal = json!({
            "source": "canh-bao-chay-rung", "id": id, "kind": kind, "time": clock::now(), "severity": severity,
            "place": place, "title": "Điểm nóng vệ tinh",
        });
        post(&lan, "/api/v1/signals", signal).await
    };
    assert_eq!(send("1", "forest_fire", "low").await.1["incident"], Value::Null);
    let (_, grave) = send("2", "forest_fire", "critical").await;
    assert!(grave["incident"].is_string(), "{grave}");
    assert_eq!(send("3", "earthquake", "critical").await.0, 422, "no such kind");
    let wrong = json!({ "source": "A B", "id": "1", "kind": "flood", "time": clock::now() });
    assert_eq!(post(&lan, "/api/v1/signals", wrong).await.0, 422);
}
