//! How many cameras one processor core carries: `edge-agent run` bound to one core, as many real RTSP streams from the
//! test city on another. What counts as carried is what the agent's own health says of each camera.

use crate::bench::floors::Broker;
use crate::bench::video::{play, processor_s_of};
use crate::bench::{Bar, Figure, real};
use crate::city::{City, Clip, Mode};
use crate::clock;
use crate::stack::edge::write_config;
use crate::stack::process::{cpu_s, peak_resident_bytes, program, repository, resident_bytes};
use crate::stack::wire::Wire;
use crate::stack::{Process, StackDir};
use anyhow::{Context, bail, ensure};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSrc};
use ngatu_protocol::camera::CameraConfig;
use ngatu_protocol::{Ack, EdgeId, HealthData, Lane, OutboxId, Topic};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Frames per second of the streams.
const FPS: u32 = 25;
/// One pass of a stream: people walk for so long, seconds, and then nobody is there.
const BUSY_S: u32 = 5;
const PASS_S: u32 = 50;
/// Wanted analysed frames per second and camera; a camera is carried when it gets this share of them, and of its
/// decoded frames.
const ANALYSED_FPS: f64 = 5.0;
const CARRIED_SHARE: f64 = 0.96;
/// The agent's core and the city's.
const AGENT_CORE: &str = "1";
const CITY_CORE: &str = "0";
/// Health messages, 10 s each, that are not counted at the start, and those that are: a pass of each stream.
const WARM_UP: usize = 2;
const COUNTED: usize = 5;

/// A kind of stream and what must be carried of it.
struct View {
    size: (u32, u32),
    kbit_s: u32,
    wanted: usize,
    names: [&'static str; 8],
}

const VIEWS: [View; 2] = [
    View {
        size: (1920, 1080),
        kbit_s: 4000,
        wanted: 6,
        names: [
            "capacity-1080p25-cameras",
            "capacity-1080p25-analysed-fps-of-the-slowest",
            "capacity-1080p25-decoded-fps-of-the-slowest",
            "capacity-1080p25-share-to-the-network",
            "capacity-1080p25-core-used",
            "capacity-1080p25-memory-per-camera",
            "capacity-1080p25-peak-memory-per-camera",
            "capacity-1080p25-memory-per-camera-above-empty",
        ],
    },
    View {
        size: (640, 360),
        kbit_s: 800,
        wanted: 20,
        names: [
            "capacity-360p25-cameras",
            "capacity-360p25-analysed-fps-of-the-slowest",
            "capacity-360p25-decoded-fps-of-the-slowest",
            "capacity-360p25-share-to-the-network",
            "capacity-360p25-core-used",
            "capacity-360p25-memory-per-camera",
            "capacity-360p25-peak-memory-per-camera",
            "capacity-360p25-memory-per-camera-above-empty",
        ],
    },
];

/// What a number of cameras gave.
#[derive(Debug)]
struct Run {
    cameras: usize,
    /// Of the slowest camera, analysed and decoded.
    analysed_fps: f64,
    decoded_fps: f64,
    /// Share of the analysed frames that the network looked at, mean of the cameras.
    looked: f64,
    /// Cores used by the agent.
    cores: f64,
    /// At the end, and the most that it ever had.
    resident_mb: f64,
    peak_mb: f64,
    /// Before any camera ran.
    empty_mb: f64,
}

impl Run {
    fn carried(&self) -> bool {
        self.analysed_fps >= CARRIED_SHARE * ANALYSED_FPS
            && self.decoded_fps >= CARRIED_SHARE * f64::from(FPS)
    }
}

/// Measures both kinds of stream.
///
/// # Errors
/// When a part is missing, or the machine has one core only.
pub async fn measure(dir: &Arc<StackDir>) -> anyhow::Result<Vec<Figure>> {
    ensure!(
        std::thread::available_parallelism()?.get() > 1,
        "the streams need a core of their own beside the agent's"
    );
    let own = std::process::id().to_string();
    let bind = |cores: &str| run_to_end(Command::new("taskset").args(["-a", "-c", "-p", cores, &own]));
    bind(CITY_CORE)?;
    let mut figures = Vec::new();
    for view in &VIEWS {
        figures.extend(measure_view(dir, view).await?);
    }
    bind(&format!("0-{}", std::thread::available_parallelism()?.get().max(2) - 1))?;
    Ok(figures)
}

async fn measure_view(dir: &Arc<StackDir>, view: &View) -> anyhow::Result<Vec<Figure>> {
    let clip = {
        let (path, size, kbit_s) = (dir.path().to_owned(), view.size, view.kbit_s);
        tokio::task::spawn_blocking(move || make_clip(&path, size, kbit_s)).await??
    };
    let decode_s = decode_s(dir.path(), &clip)? / real(clip.units.len());
    let by_decoding = 1.0 / (decode_s * f64::from(FPS));
    let broker = Broker::start(dir).await?;
    let first = run(dir, &broker, &clip, view.wanted).await?;
    // From what the first run used, as many as should fit; then up or down by steps to the last that is carried.
    let step = (view.wanted / 10).max(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
    let fits = (real(first.cameras) / first.cores.max(0.1) * 0.97) as usize;
    let mut cameras = if first.carried() { fits.max(view.wanted + step) } else { view.wanted - step };
    let mut most = if first.carried() { first.cameras } else { 0 };
    let mut rising = None;
    while cameras > most {
        let carried = run(dir, &broker, &clip, cameras).await?.carried();
        if carried {
            most = cameras;
        }
        if *rising.get_or_insert(carried) != carried {
            break;
        }
        cameras = if carried { cameras + step } else { cameras.saturating_sub(step) };
    }
    let mb = |bytes: f64| bytes / real(first.cameras);
    let values = [
        (real(most), "cameras", by_decoding, Bar::AtLeast(real(view.wanted))),
        (first.analysed_fps, "fps", ANALYSED_FPS, Bar::AtLeast(CARRIED_SHARE * ANALYSED_FPS)),
        (first.decoded_fps, "fps", f64::from(FPS), Bar::AtLeast(CARRIED_SHARE * f64::from(FPS))),
        (first.looked, "of analysed", 0.3, Bar::AtLeast(0.3)),
        (first.cores, "cores", real(first.cameras) / by_decoding, Bar::None),
        (mb(first.resident_mb), "MB", 60.0, Bar::AtMost(60.0)),
        (mb(first.peak_mb), "MB", 60.0, Bar::AtMost(60.0)),
        (mb(first.resident_mb - first.empty_mb), "MB", 60.0, Bar::None),
    ];
    let figure = |(name, (value, unit, floor, bar))| Figure { name, value, unit, floor, bar };
    Ok(view.names.into_iter().zip(values).map(figure).collect())
}

/// Runs an agent on so many streams.
async fn run(dir: &Arc<StackDir>, broker: &Broker, clip: &Clip, cameras: usize) -> anyhow::Result<Run> {
    let id = format!("core-{}x{cameras}", clip.units.len());
    let _ = std::fs::remove_dir_all(dir.path().join(&id));
    let (city, configs) = {
        let clip = clip.clone();
        tokio::task::spawn_blocking(move || serve(&clip, cameras)).await??
    };
    let edge = EdgeId::new(&id)?;
    let mut health = Health::listen(broker, &edge).await?;
    // Pictures are made and their upload is refused: the center is not what is measured.
    let center = "http://127.0.0.1:9";
    let empty_mb = empty_mb(dir, broker).await?;
    let config = write_config(dir, &id, "none", (&broker.url(), center), &configs)?;
    let agent = start(&config, &id, dir)?;
    for _ in 0..WARM_UP {
        health.next().await?;
    }
    let (before_s, begun) = (cpu_s(agent.pid()), clock::instant());
    let mut counted = Vec::new();
    for _ in 0..COUNTED {
        counted.push(health.next().await?);
    }
    let cores = (cpu_s(agent.pid()) - before_s) / begun.elapsed().as_secs_f64();
    let resident_mb = megabytes(resident_bytes(agent.pid()));
    let peak_mb = megabytes(peak_resident_bytes(agent.pid()));
    drop(agent);
    drop(city);
    let mean = |of: &dyn Fn(&ngatu_protocol::health::CameraHealth) -> f64| -> Vec<f64> {
        configs
            .iter()
            .map(|camera| {
                let values = counted.iter().filter_map(|health| health.cameras.get(&camera.id)).map(of);
                values.sum::<f64>() / real(COUNTED)
            })
            .collect()
    };
    let least = |values: Vec<f64>| values.into_iter().fold(f64::INFINITY, f64::min);
    let run = Run {
        cameras,
        analysed_fps: least(mean(&|camera| camera.fps_analysed)),
        decoded_fps: least(mean(&|camera| camera.fps_in)),
        looked: mean(&|camera| camera.detector_share).iter().sum::<f64>() / real(cameras),
        cores,
        resident_mb,
        peak_mb,
        empty_mb,
    };
    eprintln!("{run:.2?}, carried: {}", run.carried());
    if let Some(camera) = counted.last().and_then(|health| health.cameras.values().next()) {
        eprintln!("    milliseconds of one camera's stages: {:.2?}", camera.stage_ms);
    }
    Ok(run)
}

fn start(config: &Path, id: &str, dir: &StackDir) -> anyhow::Result<Process> {
    let mut command = Command::new("taskset");
    command.args(["-c", AGENT_CORE]).arg(program("edge-agent")?).args(["run", "--config"]).arg(config);
    Process::start(id, command, &dir.path().join(format!("{id}.log")))
}

/// Resident memory of an agent without cameras.
async fn empty_mb(dir: &Arc<StackDir>, broker: &Broker) -> anyhow::Result<f64> {
    let mut health = Health::listen(broker, &EdgeId::new("empty")?).await?;
    let config = write_config(dir, "empty", "none", (&broker.url(), "http://127.0.0.1:9"), &[])?;
    let agent = start(&config, "empty", dir)?;
    health.next().await?;
    Ok(megabytes(resident_bytes(agent.pid())))
}

fn megabytes(bytes: u64) -> f64 {
    real(usize::try_from(bytes >> 10).unwrap_or(usize::MAX)) / 1024.0
}

/// The streams, each at another place of the clip, and the cameras that look at them.
fn serve(clip: &Clip, cameras: usize) -> anyhow::Result<(City, Vec<CameraConfig>)> {
    let city = City::start(0)?;
    let configs = (0..cameras).map(|i| {
        let at_s = u32::try_from(i)? * PASS_S / u32::try_from(cameras)?;
        let path = format!("camera-{i}");
        let _knob = city.camera(&path, clip.later(at_s), Mode::Loop);
        let text = format!(
            "id = \"{path}\"\nname = \"{path}\"\nurl = \"{}\"\nanalysis_fps = {ANALYSED_FPS:?}\ndetector = \"onnx\"\n\
             [[tripwire]]\nid = \"path\"\npoints = [[0.60, 0.30], [0.60, 0.66]]\n\
             [[zone]]\nid = \"lawn\"\npoints = [[0.0, 0.5], [0.25, 0.52], [0.52, 0.68], [0.9, 0.92], [0.9, 1.0], [0.0, 1.0]]\n\
             [[rule]]\nkind = \"intrusion\"\nzone = \"lawn\"\n",
            city.url(&path)
        );
        toml::from_str::<CameraConfig>(&text).context("the camera")
    });
    let configs = configs.collect::<anyhow::Result<Vec<_>>>()?;
    Ok((city, configs))
}

/// Listens to an agent's health and acknowledges it, as a center would.
struct Health {
    wire: Wire,
    edge: EdgeId,
}

#[derive(Deserialize)]
struct Sealed {
    sequence: u64,
    outbox: OutboxId,
    data: HealthData,
}

impl Health {
    async fn listen(broker: &Broker, edge: &EdgeId) -> anyhow::Result<Health> {
        let mut wire = broker.client("listener").await?;
        wire.subscribe(&Topic::Lane(edge.clone(), Lane::Health).to_string()).await?;
        Ok(Health { wire, edge: edge.clone() })
    }

    async fn next(&mut self) -> anyhow::Result<HealthData> {
        let publish = self.wire.message().await.context("the agent's health")?;
        let mut sealed: Vec<Sealed> = serde_json::from_slice(&publish.payload)?;
        let last = sealed.pop().context("a payload has messages")?;
        let ack = Ack { outbox: last.outbox, lane: Lane::Health, upto: last.sequence };
        self.wire
            .publish(&Topic::Ack(self.edge.clone()).to_string(), serde_json::to_vec(&ack)?, false)
            .await?;
        Ok(last.data)
    }
}

/// Encodes one pass as a camera does: High profile, no B frames, constant rate. People walk across a place, as filmed;
/// then the same place without them, with a sensor's noise, so that decoding costs as much as before.
fn make_clip(dir: &Path, (width, height): (u32, u32), kbit_s: u32) -> anyhow::Result<Clip> {
    gst::init()?;
    let footage = repository().join(".setup/footage/vtest.avi");
    ensure!(footage.exists(), "no footage at {}: run `make setup`", footage.display());
    let raw = format!(
        "videoconvert ! videoscale ! video/x-raw,format=I420,width={width},height={height},pixel-aspect-ratio=1/1"
    );
    // One frame in 90 of the whole clip: whoever walks is elsewhere in the next, so their median is the empty place.
    let film = format!("filesrc location={:?} ! decodebin", footage);
    let empty =
        median(&frames(&format!("{film} ! videorate rate=90 ! video/x-raw,framerate=10/1 ! {raw}"), 9)?);
    let busy = frames(
        &format!("{film} ! videorate rate=2.5 ! video/x-raw,framerate={FPS}/1 ! {raw}"),
        BUSY_S * FPS,
    )?;
    let encoder = gst::parse::launch(&format!(
        "appsrc name=in format=time block=true max-buffers=4 \
         caps=video/x-raw,format=I420,width={width},height={height},framerate={FPS}/1 \
         ! x264enc speed-preset=veryfast bframes=0 rc-lookahead=0 sliced-threads=false threads=2 bitrate={kbit_s} \
         vbv-buf-capacity=1000 key-int-max=50 ! video/x-h264,profile=high,stream-format=byte-stream,alignment=au \
         ! appsink name=out sync=false"
    ))?;
    let encoder = encoder.downcast::<gst::Pipeline>().map_err(|_| anyhow::anyhow!("a pipeline"))?;
    let source = part::<AppSrc>(&encoder, "in")?;
    let feeder = std::thread::spawn(move || {
        let (mut noise, luma) = (Noise::new(), (width * height) as usize);
        let still = std::iter::repeat_with(move || {
            let mut frame = empty.clone();
            noise.add(&mut frame[..luma]);
            frame
        });
        let step = gst::ClockTime::SECOND / u64::from(FPS);
        for (i, frame) in busy.into_iter().chain(still).take((PASS_S * FPS) as usize).enumerate() {
            let mut buffer = gst::Buffer::from_slice(frame);
            if let Some(buffer) = buffer.get_mut() {
                buffer.set_pts(step * i as u64);
            }
            if source.push_buffer(buffer).is_err() {
                return;
            }
        }
        let _ = source.end_of_stream();
    });
    let (mut units, mut keys) = (Vec::new(), Vec::new());
    encoder.set_state(gst::State::Playing)?;
    let sink = part::<AppSink>(&encoder, "out")?;
    while let Ok(sample) = sink.pull_sample() {
        let buffer = sample.buffer().context("a sample has a buffer")?;
        keys.push(!buffer.flags().contains(gst::BufferFlags::DELTA_UNIT));
        units.push(gst::Buffer::from_slice(buffer.map_readable()?.to_vec()));
    }
    encoder.set_state(gst::State::Null)?;
    feeder.join().map_err(|_| anyhow::anyhow!("the painter panicked"))?;
    ensure!(units.len() == (PASS_S * FPS) as usize, "{} frames in {}", units.len(), dir.display());
    Ok(Clip { units: Arc::new(units), keys: Arc::new(keys), fps: FPS })
}

fn part<T: IsA<gst::Element>>(pipeline: &gst::Pipeline, name: &str) -> anyhow::Result<T> {
    pipeline.by_name(name).and_then(|element| element.downcast::<T>().ok()).context("the pipeline's end")
}

/// The first frames that a pipeline gives.
fn frames(launch: &str, count: u32) -> anyhow::Result<Vec<Vec<u8>>> {
    let pipeline = gst::parse::launch(&format!("{launch} ! appsink name=out sync=false max-buffers=4"))?;
    let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| anyhow::anyhow!("a pipeline"))?;
    let sink = part::<AppSink>(&pipeline, "out")?;
    pipeline.set_state(gst::State::Playing)?;
    let mut frames = Vec::new();
    while frames.len() < count as usize {
        let Ok(sample) = sink.pull_sample() else { break };
        frames.push(sample.buffer().context("a sample has a buffer")?.map_readable()?.to_vec());
    }
    pipeline.set_state(gst::State::Null)?;
    if frames.is_empty() {
        bail!("no frame from {launch}");
    }
    Ok(frames)
}

fn median(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut values = vec![0; frames.len()];
    let middle = frames.len() / 2;
    (0..frames[0].len())
        .map(|i| {
            values.iter_mut().zip(frames).for_each(|(value, frame)| *value = frame[i]);
            *values.select_nth_unstable(middle).1
        })
        .collect()
}

/// Noise of a sensor by day: a deviation of about 2.5 of 255.
struct Noise {
    table: Vec<i8>,
    state: u64,
}

impl Noise {
    fn new() -> Noise {
        let mut noise = Noise { table: Vec::new(), state: 88_172_645_463_325_252 };
        // The sum of four numbers of -2..=2 has a deviation of 2.8.
        noise.table = (0..1 << 16)
            .map(|_| (0..4).map(|_| i8::try_from(noise.next() % 5).unwrap_or(0) - 2).sum())
            .collect();
        noise
    }

    /// Xorshift, <https://www.jstatsoft.org/article/view/v008i14>.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 11
    }

    fn add(&mut self, luma: &mut [u8]) {
        for part in luma.chunks_mut(640) {
            let from = usize::try_from(self.next()).unwrap_or(0) % (self.table.len() - 640);
            for (pixel, noise) in part.iter_mut().zip(&self.table[from..]) {
                *pixel = pixel.saturating_add_signed(*noise);
            }
        }
    }
}

/// Processor seconds of bare decoding of the whole clip, from a file.
fn decode_s(dir: &Path, clip: &Clip) -> anyhow::Result<f64> {
    let path = dir.join("capacity.h264");
    let mut bytes = Vec::new();
    for unit in clip.units.iter() {
        bytes.extend_from_slice(&unit.map_readable()?);
    }
    std::fs::write(&path, bytes)?;
    processor_s_of(&mut || {
        play(&format!(
            "filesrc location={:?} ! h264parse ! avdec_h264 max-threads=1 ! fakesink sync=false",
            path
        ))
    })
}

fn run_to_end(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
