//! Over IPv6 alone: a camera, an edge, the broker, the center and an operator who have nothing but `[::1]`.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::skip::{has_ipv6, skipped};
use ngatu_tests::stack::{Center, Edge, StackDir};
use ngatu_tests::wait::{Seen, wait_for};
use std::sync::Arc;
use std::time::Duration;

const PASS: Duration = Duration::from_secs(100);

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_with_its_picture_comes_over_ipv6_alone() {
    if !has_ipv6() {
        return skipped("an alert over IPv6 alone: this machine has no ::1");
    }
    let dir = Arc::new(StackDir::new("ipv6").unwrap());
    let mut center = Center::start_on(dir, "[::1]:0", "[::1]:0").await.unwrap();
    let (http, mqtt) = (center.http_url(), center.mqtt_url());
    assert!(http.starts_with("http://[::1]:") && mqtt.starts_with("mqtt://[::1]:"), "{http} {mqtt}");
    // The same ports of IPv4 are nobody's: whatever arrives came over IPv6.
    for url in [&http, &mqtt] {
        let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
        assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err(), "{url}");
    }
    let operator = center.operator().await.unwrap();
    let mut live = operator.live(None).await.unwrap();
    let city = City::start(0).unwrap();
    let _knob = city.camera("junction", Clip::junction(1).unwrap(), Mode::Once);
    let camera = junction::camera("junction", "Ngã tư mô phỏng", &city.url_v6("junction"));
    let mut edge = Edge::start(&center, "nga-tu-6", std::slice::from_ref(&camera)).await.unwrap();

    let is_pictured =
        |alert: &serde_json::Value| alert["kind"] == "intrusion" && !alert["snapshot_url"].is_null();
    let found = live.alert(PASS, is_pictured).await;
    let alert = found.unwrap_or_else(|e| panic!("{e:#}\nedge:\n{}", edge.process().log_tail(15)));
    assert_eq!(alert["edge"], "nga-tu-6");
    // The picture comes on a way of its own: from the edge to the center over HTTP.
    let address = alert["snapshot_url"].as_str().unwrap();
    let picture = wait_for("snapshot", Duration::from_secs(20), async || {
        Ok(Seen::Ready(operator.bytes(address).await?))
    })
    .await
    .unwrap();
    assert!(picture.starts_with(&[0xff, 0xd8]), "a JPEG");
    edge.stop().unwrap();
    center.stop().unwrap();
}
