//! Decoding and writing side by side: while one batch is being committed the next one fills. No timer: a batch goes as
//! soon as the writer is free, so it is as small as the load allows and as large as it demands.

use super::inbox::{Inbox, Received};
use super::item::{self, Item};
use super::outgoing::Outgoing;
use super::write::Writer;
use crate::clock;
use crate::supervise::Status;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// A batch takes no further payload of bulk when it has this many items.
const BATCH: usize = 2000;
/// And none at all when it has this many: events that come while it waits for the writer still go with it.
const FULL_BATCH: usize = 4000;
/// Overload is told this often at most.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Runs until the inbox is closed and empty.
pub(crate) async fn run(inbox: Inbox, writer: Writer, outgoing: Outgoing, status: Status) {
    let (free, ready) = mpsc::channel(1);
    let (batches, full) = mpsc::channel(1);
    let filling = tokio::spawn(fill(inbox, ready, batches));
    write(writer, free, full, (outgoing, status)).await;
    let _ = filling.await;
}

async fn fill(inbox: Inbox, mut ready: mpsc::Receiver<()>, batches: mpsc::Sender<Vec<Item>>) {
    let decode = |received: &Received| {
        let items = item::decode(received);
        items
            .iter()
            .filter_map(Item::unknown_words)
            .for_each(|(edge, words)| inbox.count_unknown(edge, words));
        items
    };
    let mut open = true;
    let mut shed = Shed { told: 0, at: clock::instant() };
    while open {
        shed.tell(inbox.shed());
        let Some(first) = inbox.take().await else { return };
        let mut batch = decode(&first);
        if batch.is_empty() {
            continue;
        }
        loop {
            tokio::select! {
                biased;
                free = ready.recv() => {
                    if free.is_none() {
                        return;
                    }
                    break;
                }
                next = inbox.take(), if open && batch.len() < BATCH => match next {
                    Some(next) => batch.append(&mut decode(&next)),
                    None => open = false,
                }
            }
        }
        while let Some(next) = (batch.len() < BATCH).then(|| inbox.try_take()).flatten() {
            batch.append(&mut decode(&next));
        }
        // Else an event would wait for the whole batch before its own, and under overload each is full.
        while let Some(next) = (batch.len() < FULL_BATCH).then(|| inbox.try_take_urgent()).flatten() {
            batch.append(&mut decode(&next));
        }
        if batches.send(batch).await.is_err() {
            return;
        }
    }
}

/// Says now and then how many payloads were shed, if it became more.
struct Shed {
    told: u64,
    at: Instant,
}

impl Shed {
    fn tell(&mut self, count: u64) {
        if count > self.told && self.at.elapsed() >= TELL_EVERY {
            let more = count - self.told;
            tracing::warn!(
                more,
                in_all = count,
                "overload: payloads were shed, their outboxes send them again"
            );
            (self.told, self.at) = (count, clock::instant());
        }
    }
}

async fn write(
    mut writer: Writer,
    free: mpsc::Sender<()>,
    mut full: mpsc::Receiver<Vec<Item>>,
    (outgoing, status): (Outgoing, Status),
) {
    loop {
        if free.send(()).await.is_err() {
            return;
        }
        let Some(batch) = full.recv().await else { return };
        writer.write(&batch, &outgoing, &status).await;
    }
}
