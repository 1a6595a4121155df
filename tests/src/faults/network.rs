//! A bad network between edge and broker: loss, delay, partitions, and a broker that is away for long.

use crate::faults::{Tally, enrolled};
use crate::stack::proxy::{CALM, Proxy, Weather};
use crate::stack::{Center, Part};
use crate::virtual_edge::VirtualEdge;
use crate::wait::{Seen, wait_for};
use std::time::Duration;

/// How bad, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Number of partitions.
    pub partitions: u64,
    /// How long each one lasts.
    pub partition: Duration,
    /// Events between two partitions, while the network is merely bad.
    pub events_between: u64,
}

/// T10: 5 % loss and 500 ms there and back all the time, with partitions during which events go on being made.
///
/// # Errors
/// When something does not arrive, or the accounts do not agree.
pub async fn partitions(center: &Center, plan: Plan, progress: impl Fn(String)) -> anyhow::Result<Tally> {
    let bad = Weather { delay: Duration::from_millis(250), loss_ratio: 0.05, partition: false };
    let proxy = Proxy::start(center.mqtt_address()).await?;
    let mut options = enrolled(center, "bad-network").await?;
    options.url = proxy.mqtt_url();
    let mut edge = VirtualEdge::open(options)?;
    proxy.set(bad);
    edge.connect()?;
    let database = center.database().await?;
    for i in 1..=plan.partitions {
        edge.push_events(plan.events_between / 2).await?;
        proxy.set(Weather { partition: true, ..bad });
        // A partition is a duration by definition; what is waited for comes after it.
        let end = crate::clock::instant() + plan.partition;
        while crate::clock::instant() < end {
            edge.push_events(2).await?;
            tokio::time::sleep(plan.partition / 10).await;
        }
        if i % 3 == 0 {
            // Some partitions end with both sides finding their connection gone.
            proxy.reset();
        }
        proxy.set(bad);
        edge.push_events(plan.events_between / 2).await?;
        arrived(&database, "bad-network", edge.made()).await?;
        progress(format!("network: {i} of {} partitions, {} events", plan.partitions, edge.made()));
    }
    proxy.set(CALM);
    edge.drained(Duration::from_secs(60)).await?;
    let mut tally = Tally::default();
    tally.settle(&database, "bad-network", edge.made()).await?;
    edge.stop().await;
    Ok(tally)
}

async fn arrived(database: &crate::stack::Database, edge: &str, wanted: u64) -> anyhow::Result<()> {
    wait_for("events after the partition", Duration::from_secs(90), async || {
        let line = database.ledger(edge, "events").await?;
        Ok(Seen::when(line.upto >= wanted, (), format!("{line:?}, wanted {wanted}")))
    })
    .await
}

/// The broker is killed and stays unreachable for as long as `away`; events go on being made.
///
/// # Errors
/// When something does not arrive, or the accounts do not agree.
pub async fn broker_away(center: &mut Center, away: Duration) -> anyhow::Result<Tally> {
    // The center restarts its broker at once; to the edge it stays away while nobody listens where it was.
    let proxy = Proxy::start(center.mqtt_address()).await?;
    let mut options = enrolled(center, "broker-away").await?;
    options.url = proxy.mqtt_url();
    let mut edge = VirtualEdge::open(options)?;
    edge.connect()?;
    edge.push_events(100).await?;
    edge.drained(Duration::from_secs(30)).await?;
    center.kill9(Part::Broker)?;
    let address = proxy.mqtt_url();
    drop(proxy);
    let end = crate::clock::instant() + away;
    while crate::clock::instant() < end {
        edge.push_events(10).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let port = address.rsplit(':').next().unwrap_or("").to_owned();
    let _back = Proxy::start_on(&format!("127.0.0.1:{port}"), center.mqtt_address()).await?;
    edge.drained(Duration::from_secs(90)).await?;
    let mut tally = Tally { kills: 1, ..Tally::default() };
    tally.settle(&center.database().await?, "broker-away", edge.made()).await?;
    edge.stop().await;
    Ok(tally)
}
