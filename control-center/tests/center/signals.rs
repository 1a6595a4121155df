//! Sensors over real MQTT: each speaks for itself only, and what cannot be used is kept with its reason.

use crate::support::{Center, until};
use control_center::clock;
use rumqttc::v5::mqttbytes::QoS;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_speaks_over_mqtt_for_itself_only_and_opens_an_incident() {
    let center = Center::start().await;
    let sensor = center.edge("cau-bo").await;
    let signal = |id: &str| {
        let signal =
            json!({ "id": id, "kind": "flood", "time": clock::now(), "value": 80, "severity": "critical" });
        signal.to_string()
    };
    let say = async |topic: &str, text: String| {
        sensor
            .client
            .publish(format!("ngatu/v1/signals/{topic}"), QoS::AtLeastOnce, false, text)
            .await
            .unwrap();
    };
    // Said until it is heard: a broker keeps nothing for a center that has not subscribed yet.
    until(
        "stored signal",
        |stored| *stored == 1,
        async || {
            say("cau-bo", signal("1")).await;
            center.count("signals").await
        },
    )
    .await;
    say("other", signal("1")).await;
    say("cau-bo", "{\"id\":".into()).await;
    say("cau-bo", signal("2").replace("flood", "earthquake")).await;
    say("cau-bo", signal("3")).await;
    until("second signal", |stored| *stored == 2, async || center.count("signals").await).await;
    assert_eq!(center.values::<String>("select distinct source from signals").await, ["cau-bo"]);
    let reasons = "select reason from dead_letters where topic = 'ngatu/v1/signals/cau-bo' order by id";
    let reasons = center.values::<String>(reasons).await;
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].contains("EOF") && reasons[1].contains("no such kind"), "{reasons:?}");
    assert_eq!(center.value::<i64>("select sources from incidents").await, 2, "both are one incident");
    center.app.stop().await;
}
