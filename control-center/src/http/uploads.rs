//! Reading what strangers send, such as a citizen's form with pictures: nobody who sends slowly, or much at once, keeps others
//! from sending. What is counted is memory as it fills, and how many forms one address sends at once, so an open connection
//! that brings nothing costs next to nothing, and not for long.

use super::problem::Error;
use super::reports::MAX_FORM_BYTES;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Forms that one address may send at once: a household, or a mobile network behind one address.
const MAX_OF_ADDRESS: u32 = 8;
/// Forms that are sent at once in all.
const MAX_IN_ALL: u32 = 256;
/// Memory for all of them, KiB: eight of the largest.
const MEMORY_KIB: usize = 8 * MAX_FORM_BYTES / 1024;
/// When to come again.
const AGAIN_S: i64 = 10;

/// How many forms each address sends now.
type Counts = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// All that strangers send now.
#[derive(Debug)]
pub(super) struct Uploads {
    counts: Counts,
    memory: Arc<Semaphore>,
    stall: Duration,
}

/// An address's place; dropping it gives it back.
#[derive(Debug)]
struct Place {
    counts: Counts,
    from: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}

/// What a body holds while it is in memory.
#[derive(Debug)]
pub(super) struct Held {
    _place: Place,
    _memory: Option<OwnedSemaphorePermit>,
}

impl Uploads {
    /// Nobody sends; one who brings nothing for `stall` is sent away.
    pub(super) fn new(stall: Duration) -> Uploads {
        Uploads { counts: Counts::default(), memory: Arc::new(Semaphore::new(MEMORY_KIB)), stall }
    }

    fn place(&self, from: IpAddr) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: u32 = counts.values().sum();
        let own = counts.entry(from).or_default();
        if in_all >= MAX_IN_ALL || *own >= MAX_OF_ADDRESS {
            if *own == 0 {
                counts.remove(&from);
            }
            return None;
        }
        *own += 1;
        Some(Place { counts: self.counts.clone(), from })
    }

    /// Reads a body as a whole. Keep what comes with it for as long as the body.
    pub(super) async fn read(&self, from: IpAddr, body: Body) -> Result<(Bytes, Held), Error> {
        let full = || Error::TooOften { retry_after_s: AGAIN_S };
        let place = self.place(from).ok_or_else(full)?;
        let mut memory: Option<OwnedSemaphorePermit> = None;
        let mut read = BytesMut::new();
        let mut chunks = body.into_data_stream();
        let cut_off =
            || Error::TooLarge(format!("the form is larger than {MAX_FORM_BYTES} bytes, or was cut off"));
        loop {
            let chunk = tokio::time::timeout(self.stall, chunks.next()).await;
            let Some(chunk) = chunk.map_err(|_| Error::Timeout(self.stall.as_secs()))? else { break };
            let chunk = chunk.map_err(|_| cut_off())?;
            if read.len() + chunk.len() > MAX_FORM_BYTES {
                return Err(cut_off());
            }
            read.extend_from_slice(&chunk);
            let wanted = read.len().div_ceil(1024);
            let held = memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            if wanted > held {
                // Never waited for: of many half-read forms none would come to its end.
                let more = u32::try_from(wanted - held).unwrap_or(u32::MAX);
                let more = self.memory.clone().try_acquire_many_owned(more).map_err(|_| full())?;
                match &mut memory {
                    Some(memory) => memory.merge(more),
                    None => memory = Some(more),
                }
            }
        }
        Ok((read.freeze(), Held { _place: place, _memory: memory }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test]
    async fn one_address_leaves_room_for_others_and_gives_back_what_it_held() {
        let uploads = Uploads::new(Duration::from_secs(10));
        let mut places: Vec<_> = (0..MAX_OF_ADDRESS).map(|_| uploads.place(from(1)).unwrap()).collect();
        assert!(uploads.place(from(1)).is_none());
        let refused = uploads.read(from(1), Body::from("x")).await.unwrap_err();
        assert!(matches!(refused, Error::TooOften { .. }));
        let (body, held) = uploads.read(from(2), Body::from(vec![1; 3000])).await.unwrap();
        assert_eq!((body.len(), uploads.memory.available_permits()), (3000, MEMORY_KIB - 3));
        drop(held);
        assert_eq!(uploads.memory.available_permits(), MEMORY_KIB);
        places.clear();
        assert!(uploads.counts.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_too_much_for_one_or_for_all_is_refused_and_never_waited_for() {
        let uploads = Uploads::new(Duration::from_secs(10));
        let large = uploads.read(from(1), Body::from(vec![0; MAX_FORM_BYTES + 1])).await;
        assert!(matches!(large.unwrap_err(), Error::TooLarge(_)));
        let all = uploads.memory.clone().try_acquire_many_owned(u32::try_from(MEMORY_KIB).unwrap()).unwrap();
        let refused = uploads.read(from(1), Body::from("x")).await;
        assert!(matches!(refused.unwrap_err(), Error::TooOften { .. }));
        drop(all);
        assert!(uploads.read(from(1), Body::from("x")).await.is_ok());
        assert!(uploads.counts.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_brings_nothing_is_sent_away() {
        let uploads = Uploads::new(Duration::from_millis(20));
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>("--B")]);
        let body = Body::from_stream(begun.chain(futures_util::stream::pending()));
        assert!(matches!(uploads.read(from(1), body).await.unwrap_err(), Error::Timeout(_)));
        assert!(uploads.counts.lock().unwrap().is_empty());
    }
}
