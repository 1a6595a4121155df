//! Over IPv6 alone: a camera, an edge, the broker, the center and an operator who have nothing but `[::1]`.
//! On the way the edge and the center are killed, and what was begun is brought to its end.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::city::{City, Clip, Mode, junction};
use ngatu_tests::skip::{has_ipv6, skipped};
use ngatu_tests::stack::edge::write_config;
use ngatu_tests::stack::proxy::{CALM, Proxy, Weather};
use ngatu_tests::stack::{Center, Edge, Part, StackDir};
use ngatu_tests::wait::{Seen, wait_for};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;

const EDGE: &str = "nga-tu-6";
const PASS: Duration = Duration::from_secs(100);

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_with_its_picture_comes_over_ipv6_alone_though_edge_and_center_are_killed() {
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
    let knob = city.camera("junction", Clip::junction(1).unwrap(), Mode::Once);
    let camera = junction::camera("junction", "Ngã tư mô phỏng", &city.url_v6("junction"));
    // Pictures go through a network that lets nothing pass for now.
    let network = Proxy::start_on("[::1]:0", http.strip_prefix("http://").unwrap()).await.unwrap();
    network.set(Weather { partition: true, ..CALM });
    let (dir, secret) = (center.dir().clone(), center.enroll(EDGE).await.unwrap());
    let pictures = format!("http://{}", network.address());
    let config =
        write_config(&dir, EDGE, &secret, (&mqtt, &pictures), std::slice::from_ref(&camera)).unwrap();
    let mut edge = Edge::run(dir, EDGE, config).unwrap();

    let is_pictured =
        |alert: &serde_json::Value| alert["kind"] == "intrusion" && !alert["snapshot_url"].is_null();
    let found = live.alert(PASS, is_pictured).await;
    let alert = found.unwrap_or_else(|e| panic!("{e:#}\nedge:\n{}", edge.process().log_tail(15)));
    assert_eq!((alert["edge"].as_str(), alert["active"].as_bool()), (Some(EDGE), Some(true)), "{alert}");
    let address = alert["snapshot_url"].as_str().unwrap().to_owned();
    assert!(operator.bytes(&address).await.is_err(), "the picture is still at the edge");

    // Both sides are killed while the intruder is in the yard and the picture is under way. Nobody comes in afterwards.
    knob.turn(Mode::Freeze);
    edge.kill9_and_start().unwrap();
    center.kill9(Part::Center).unwrap();
    center.ready().await.unwrap();
    network.reset();
    network.set(CALM);
    let picture = wait_for("snapshot", Duration::from_secs(60), async || {
        Ok(Seen::Ready(operator.bytes(&address).await?))
    })
    .await
    .unwrap_or_else(|e| panic!("{e:#}\nedge:\n{}", edge.process().log_tail(15)));
    assert!(picture.starts_with(&[0xff, 0xd8]), "a JPEG");
    assert!(address.contains(&hex::encode(Sha256::digest(&picture))), "{address} names another picture");

    // The agent that came back ends what the killed one began: one start, one end, nothing left standing.
    let database = center.database().await.unwrap();
    wait_for("end of the intrusion", Duration::from_secs(60), async || {
        let active = database.number("select count(*) from alerts where active").await?;
        let phases = "select string_agg(phase, ' ' order by sequence) from events where kind = 'intrusion'";
        let phases: Option<String> = sqlx::query_scalar(phases).fetch_one(database.pool()).await?;
        let done = active == 0 && phases.as_deref() == Some("start end");
        Ok(Seen::when(done, (), format!("{active} active, {phases:?}")))
    })
    .await
    .unwrap();
    wait_for("what health says of pictures", Duration::from_secs(60), async || {
        let edges = operator.items("edges").await?;
        let lost = ["dropped", "refused"].map(|what| edges[0][format!("pictures_{what}")].as_u64());
        Ok(Seen::when(lost == [Some(0), Some(0)], (), &edges[0]))
    })
    .await
    .unwrap();
    edge.stop().unwrap();
    center.stop().unwrap();
}
