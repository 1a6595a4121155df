//! Follows `alert_log`: by the doorbell at once, and by itself every 2 s, because a doorbell can be lost.

use super::frame::LogRow;
use super::{Frame, Hub};
use crate::database::CHANNEL_ALERTS;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::time::timeout;

const LOOK_EVERY: Duration = Duration::from_secs(2);
const RETRY_AFTER: Duration = Duration::from_millis(500);
const BATCH: i64 = 1000;

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
                tracing::warn!(%error, "live: lost the alert log; trying again");
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

/// One life of the database connection; ends with the error that ended it. It serves the doorbell and the reading,
/// so a bell that rings during a read is kept and read after.
async fn pass(
    hub: &Hub,
    last: &mut Option<i64>,
    failing: &mut bool,
) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(hub.pool()).await?;
    listener.listen(CHANNEL_ALERTS).await?;
    let mut after = match *last {
        Some(last) => last,
        None => {
            sqlx::query_scalar("select coalesce(max(seq), 0) from alert_log").fetch_one(&mut listener).await?
        }
    };
    *last = Some(after);
    hub.say_reading();
    if std::mem::take(failing) {
        tracing::info!(after, "live: following the alert log again");
    }
    loop {
        let rows: Vec<LogRow> = sqlx::query_as(
            "select seq, change, alert_row::text from alert_log where seq > $1 order by seq limit $2",
        )
        .bind(after)
        .bind(BATCH)
        .fetch_all(&mut listener)
        .await?;
        for row in &rows {
            hub.publish(Frame::of_row(row));
            after = row.0;
            *last = Some(after);
        }
        let read = i64::try_from(rows.len()).expect("a batch is at most 1000 rows");
        if read < BATCH {
            wait_for_bell(&mut listener).await?;
        }
    }
}

/// Waits for a bell, or for the time to look all the same; bells that have rung meanwhile count as one.
async fn wait_for_bell(listener: &mut PgListener) -> Result<(), sqlx::Error> {
    match timeout(LOOK_EVERY, listener.try_recv()).await {
        Err(_) => return Ok(()),
        Ok(Ok(Some(_))) => {}
        Ok(Ok(None)) => return Err(sqlx::Error::Protocol("the listening connection was lost".into())),
        Ok(Err(error)) => return Err(error),
    }
    while listener.next_buffered().is_some() {}
    Ok(())
}
