//! Follows `incident_log`: read when its doorbell rings, and every 2 s all the same, because a doorbell can be lost. Over the
//! same connection it hears the bell of reports, and passes it on.

use super::frame::IncidentRow;
use super::start::incident_frames;
use super::{Frame, Hub};
use crate::database::{CHANNEL_INCIDENTS, CHANNEL_REPORTS};
use crate::incidents::ReportBell;
use sqlx::postgres::{PgListener, PgNotification};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::timeout;

const LOOK_EVERY: Duration = Duration::from_secs(2);
const RETRY_AFTER: Duration = Duration::from_millis(500);
const BATCH: i64 = 500;

/// Runs until the hub's shutdown.
pub(super) async fn run(hub: Hub) {
    let shutdown = hub.shutdown().clone();
    // The last change handed out; none until the log has been read for the first time.
    let mut last: Option<i64> = None;
    let follow = async {
        let mut failing = false;
        loop {
            let Err(error) = pass(&hub, &mut last, &mut failing).await;
            if !failing {
                tracing::warn!(%error, "live: lost the log of incidents; trying again");
                failing = true;
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = follow => {}
    }
}

/// One life of the database connection; ends with the error that ended it.
async fn pass(hub: &Hub, last: &mut Option<i64>, failing: &mut bool) -> Result<Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(hub.pool()).await?;
    listener.listen_all([CHANNEL_INCIDENTS, CHANNEL_REPORTS]).await?;
    let after = match *last {
        Some(last) => last,
        None => {
            let newest = "select coalesce(max(seq), 0) from incident_log";
            sqlx::query_scalar(newest).fetch_one(&mut listener).await?
        }
    };
    let last = last.insert(after);
    hub.say_reading_incidents();
    if std::mem::take(failing) {
        tracing::info!(after, "live: following the log of incidents again");
        hub.publish(Frame::of_report(ReportBell::missed()));
    }
    loop {
        // What they rang for is read now.
        while let Some(rung) = listener.next_buffered() {
            pass_on(hub, &rung);
        }
        let rows: Vec<IncidentRow> =
            sqlx::query_as(concat!(incident_frames!(), "where l.seq > $1 order by l.seq limit $2"))
                .bind(*last)
                .bind(BATCH)
                .fetch_all(&mut listener)
                .await?;
        let read = i64::try_from(rows.len()).expect("a batch is at most 500 rows");
        for row in rows {
            *last = row.0;
            hub.publish(Frame::of_incident(row));
        }
        if read < BATCH
            && let Ok(rung) = timeout(LOOK_EVERY, listener.try_recv()).await
        {
            let lost = || sqlx::Error::Protocol("the listening connection was lost".into());
            pass_on(hub, &rung?.ok_or_else(lost)?);
        }
    }
}

/// Tells clients of a report. Incidents are read from their log instead.
fn pass_on(hub: &Hub, rung: &PgNotification) {
    if rung.channel() == CHANNEL_REPORTS {
        hub.publish(Frame::of_report(ReportBell::read(rung.payload())));
    }
}
