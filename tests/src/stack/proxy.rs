//! A TCP proxy on loopback that behaves like a bad network: delay, loss as TCP shows it, and partitions.

use crate::clock;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// What the network does now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// How long each piece is under way, one direction.
    pub delay: Duration,
    /// Share of the pieces that are lost once, 0..=1: they come a retransmission later, and so does all behind them.
    pub loss_ratio: f64,
    /// Nothing passes and nothing is closed: neither side is told.
    pub partition: bool,
}

/// A calm network.
pub const CALM: Weather = Weather { delay: Duration::ZERO, loss_ratio: 0.0, partition: false };

/// What a lost piece costs: Linux' smallest retransmission time-out.
const RETRANSMISSION: Duration = Duration::from_millis(200);

/// A running proxy; dropping it closes it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    cut: watch::Sender<u64>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free loopback port for what should go to `target`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(target: &str) -> anyhow::Result<Proxy> {
        Proxy::start_on("127.0.0.1:0", target).await
    }

    /// The same on a given address, where an earlier one was.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start_on(address: &str, target: &str) -> anyhow::Result<Proxy> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (weather, seen) = watch::channel(CALM);
        let (cut, cuts) = watch::channel(0);
        let (target, dice) = (target.to_owned(), Arc::new(AtomicU64::new(1)));
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&target).await else { continue };
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                for (from, to) in [(near_in, far_out), (far_in, near_out)] {
                    tokio::spawn(pump(from, to, seen.clone(), cuts.clone(), Arc::clone(&dice)));
                }
            }
        });
        Ok(Proxy { address, weather, cut, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to connect to instead of the target.
    #[must_use]
    pub fn mqtt_url(&self) -> String {
        format!("mqtt://{}", self.address)
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        let _ = self.weather.send(weather);
    }

    /// Resets all open connections.
    pub fn reset(&self) {
        self.cut.send_modify(|count| *count += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.reset();
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    mut cuts: watch::Receiver<u64>,
    dice: Arc<AtomicU64>,
) {
    // Resets of the past were of other connections.
    cuts.mark_unchanged();
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(256);
    let mut writer_cuts = cuts.clone();
    let now = weather.clone();
    let writer = async move {
        while let Some((due, bytes)) = queued.recv().await {
            tokio::time::sleep_until(due.into()).await;
            if weather.wait_for(|weather| !weather.partition).await.is_err()
                || to.write_all(&bytes).await.is_err()
            {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    let reader = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let weather = *now.borrow();
            let lost = roll(&dice) < weather.loss_ratio;
            let due = clock::instant() + weather.delay + if lost { RETRANSMISSION } else { Duration::ZERO };
            if queue.send((due, buffer[..read].to_vec())).await.is_err() {
                return;
            }
        }
    };
    tokio::spawn(async move {
        tokio::select! { () = writer => {}, _ = writer_cuts.changed() => {} }
    });
    tokio::select! { () = reader => {}, _ = cuts.changed() => {} }
}

/// A number 0..1 of a fixed sequence, so that each run has the same losses in the same order of pieces.
fn roll(dice: &AtomicU64) -> f64 {
    let v = dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
    let v = (v ^ (v >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let v = (v ^ (v >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    f64::from(u32::try_from(v >> 40).unwrap_or(0)) / f64::from(1u32 << 24)
}
