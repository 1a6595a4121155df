//! Follows `alert_log`: what this center's ingest has committed comes from its hand at once, everything else is read when
//! the doorbell rings, and every 2 s all the same, because a doorbell can be lost.

use super::bell::Bell;
use super::frame::{LogRow, SELECT_LOG};
use super::{Frame, Hub, order};
use crate::clock;
use crate::database::CHANNEL_ALERTS;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Our own bell rings a moment before or after the hand: if nothing comes from there by then, the log is read.
const HAND_WITHIN: Duration = Duration::from_millis(50);
const RETRY_AFTER: Duration = Duration::from_millis(500);
const BATCH: i64 = 1000;

/// Runs until the hub's shutdown.
pub(super) async fn run(hub: Hub, mut handed: Receiver<Vec<Frame>>) {
    let shutdown = hub.shutdown().clone();
    // The last change handed out; none until the log has been read for the first time.
    let mut last: Option<i64> = None;
    let follow = async {
        let mut failing = false;
        loop {
            let Err(error) = pass(&hub, &mut handed, &mut last, &mut failing).await;
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
    handed: &mut Receiver<Vec<Frame>>,
    last: &mut Option<i64>,
    failing: &mut bool,
) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(hub.pool()).await?;
    listener.listen(CHANNEL_ALERTS).await?;
    let after = match *last {
        Some(last) => last,
        None => {
            sqlx::query_scalar("select coalesce(max(seq), 0) from alert_log").fetch_one(&mut listener).await?
        }
    };
    let last = last.insert(after);
    hub.say_reading();
    if std::mem::take(failing) {
        tracing::info!(after, "live: following the alert log again");
    }
    loop {
        // What they rang for is read now.
        while listener.next_buffered().is_some() {}
        let rows: Vec<LogRow> =
            sqlx::query_as(SELECT_LOG).bind(*last).bind(BATCH).fetch_all(&mut listener).await?;
        publish(hub, last, rows.iter().map(Frame::of_row));
        let read = i64::try_from(rows.len()).expect("a batch is at most 1000 rows");
        if read < BATCH {
            follow_hand(hub, &mut listener, handed, last).await?;
        }
    }
}

/// Sends out what is handed over, until the log must be read: there is a gap, another one rings, or it is time.
async fn follow_hand(
    hub: &Hub,
    listener: &mut PgListener,
    handed: &mut Receiver<Vec<Frame>>,
    last: &mut i64,
) -> Result<(), sqlx::Error> {
    let look_at = clock::timer() + LOOK_EVERY;
    // Our own bell that rang before the hand came: up to which number, and until when we wait for it.
    let mut awaited: Option<(i64, Instant)> = None;
    loop {
        let until = awaited.map_or(look_at, |(_, until)| until.min(look_at));
        tokio::select! {
            biased;
            Some(frames) = handed.recv() => {
                let Ok(frames) = order::continues(*last, frames) else { return Ok(()) };
                publish(hub, last, frames.into_iter());
            }
            rung = listener.try_recv() => {
                let Some(rung) = rung? else {
                    return Err(sqlx::Error::Protocol("the listening connection was lost".into()));
                };
                let Bell { from: Some(from), seq: Some(seq) } = Bell::read(rung.payload()) else { return Ok(()) };
                if seq > *last {
                    if from != hub.id() {
                        return Ok(());
                    }
                    let by = awaited.map_or_else(|| clock::timer() + HAND_WITHIN, |(_, by)| by);
                    awaited = Some((seq, by));
                }
            }
            () = sleep_until(until) => return Ok(()),
        }
        awaited = awaited.filter(|(seq, _)| seq > last);
    }
}

fn publish(hub: &Hub, last: &mut i64, frames: impl Iterator<Item = Frame>) {
    for frame in frames {
        *last = frame.seq;
        hub.publish(frame);
    }
}
