//! Sensors and other systems: stored once, judged by the city's thresholds, joined into incidents.

use crate::harness::Center;
use crate::incidents::post;
use control_center::access::users::Role;
use control_center::city::{self, CityFile};
use control_center::clock;
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
