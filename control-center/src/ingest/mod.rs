//! From the broker's connection to committed rows.
//!
//! The way of a payload: `mqtt` receives it, `inbox` holds it within bounds, `item` reads and checks it, `write`
//! commits it together with the ledger and the alerts, and only then its acknowledgement goes to the `outgoing` box.
//! What always holds: nothing is acknowledged that is not committed, and nothing but shutdown stops a batch from being
//! tried again.

mod alert_cameras;
mod alert_rows;
mod columns;
mod composed;
mod edges;
mod in_force;
pub mod inbox;
mod item;
mod judge;
pub mod ledger;
mod ledger_rows;
mod mqtt;
pub mod outgoing;
mod pipeline;
pub mod shed;
mod short;
pub mod wake;
mod write;

use crate::broker::BrokerAddress;
use crate::live::Hub;
use crate::supervise::Status;
use inbox::Inbox;
use outgoing::Outgoing;
use shed::Shed;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Running ingest.
#[derive(Debug)]
pub struct Ingest {
    inbox: Inbox,
    outgoing: Outgoing,
    connected: Arc<Notify>,
    give_up: CancellationToken,
    hang_up: CancellationToken,
    pipeline: JoinHandle<()>,
    connection: JoinHandle<()>,
}

impl Ingest {
    /// Starts to take messages; changes of alerts are handed to `hub` once they are committed, and what cannot be taken is
    /// counted in `shed`.
    #[must_use]
    pub fn start(pool: PgPool, address: BrokerAddress, status: Status, (hub, shed): (Hub, Shed)) -> Ingest {
        let (inbox, outgoing, connected) = (Inbox::new(shed), Outgoing::default(), Arc::new(Notify::new()));
        let (give_up, hang_up) = (CancellationToken::new(), CancellationToken::new());
        let writer = write::Writer::new(pool, hub, give_up.clone());
        let pipeline = tokio::spawn(pipeline::run(inbox.clone(), writer, outgoing.clone(), status.clone()));
        let link = mqtt::Link {
            address,
            inbox: inbox.clone(),
            outgoing: outgoing.clone(),
            status,
            connected: Arc::clone(&connected),
        };
        let connection = tokio::spawn(mqtt::run(link, hang_up.clone()));
        Ingest { inbox, outgoing, connected, give_up, hang_up, pipeline, connection }
    }

    /// What goes out to the edges.
    #[must_use]
    pub fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// Rung after each connect to the broker.
    #[must_use]
    pub fn connected(&self) -> Arc<Notify> {
        Arc::clone(&self.connected)
    }

    /// Takes nothing more, commits what was taken, acknowledges it and hangs up. What cannot be committed within a few
    /// seconds is given up: it was not acknowledged, so it comes again.
    pub async fn stop(self) {
        self.inbox.close();
        let mut pipeline = self.pipeline;
        if tokio::time::timeout(Duration::from_secs(4), &mut pipeline).await.is_err() {
            self.give_up.cancel();
            let _ = pipeline.await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), async {
            while !self.outgoing.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        self.hang_up.cancel();
        let _ = self.connection.await;
    }
}
