//! Clips: H.264 access units made once, so that playing them costs next to nothing.

use crate::city::junction::{self, FPS, HEIGHT_PX, PERIOD_S, WIDTH_PX};
use crate::city::paint::Painter;
use anyhow::{Context, ensure};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::path::Path;
use std::sync::Arc;

/// H.264 in byte-stream form, one access unit per frame, beginning with a keyframe.
#[derive(Debug, Clone)]
pub struct Clip {
    /// The access units.
    pub units: Arc<Vec<gst::Buffer>>,
    /// Whether each one is a keyframe.
    pub keys: Arc<Vec<bool>>,
    /// Frames per second.
    pub fps: u32,
}

const ENCODER: &str = "videoconvert ! video/x-raw,format=I420 \
    ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500 key-int-max=20 \
    ! video/x-h264,profile=baseline,stream-format=byte-stream,alignment=au ! appsink name=out sync=false";

impl Clip {
    /// Transcodes footage. The frame rate is the one that the file states.
    ///
    /// # Errors
    /// When the file is missing or is not video.
    pub fn footage(path: &Path) -> anyhow::Result<Clip> {
        ensure!(path.exists(), "no footage at {}: run `make setup`", path.display());
        let launch = format!("filesrc name=in ! decodebin ! {ENCODER}");
        let pipeline = parse(&launch)?;
        pipeline.by_name("in").context("the file source")?.set_property("location", path);
        let clip = collect(&pipeline, None)?;
        ensure!(!clip.units.is_empty(), "no video in {}", path.display());
        Ok(clip)
    }

    /// One pass of the rendered junction.
    ///
    /// # Errors
    /// When GStreamer has no H.264 encoder.
    pub fn junction(seed: u64) -> anyhow::Result<Clip> {
        let painter = Painter::new(seed);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "600 frames")]
        let frames = (PERIOD_S * f64::from(FPS)) as u32;
        Clip::rendered(
            (WIDTH_PX, HEIGHT_PX),
            (0..frames).map(move |i| painter.frame(f64::from(i) / f64::from(FPS))),
        )
    }

    /// A black picture, two seconds long.
    ///
    /// # Errors
    /// When GStreamer has no H.264 encoder.
    pub fn black() -> anyhow::Result<Clip> {
        Clip::rendered((WIDTH_PX, HEIGHT_PX), (0..20).map(|_| vec![0; (WIDTH_PX * HEIGHT_PX * 3) as usize]))
    }

    /// The empty junction at half the size, two seconds long: what a camera sends after its resolution changed.
    ///
    /// # Errors
    /// When GStreamer has no H.264 encoder.
    pub fn smaller() -> anyhow::Result<Clip> {
        let full = Painter::new(1).frame(0.0);
        let small: Vec<u8> = (0..HEIGHT_PX / 2)
            .flat_map(|y| (0..WIDTH_PX / 2).map(move |x| ((y * 2 * WIDTH_PX + x * 2) * 3) as usize))
            .flat_map(|at| [full[at], full[at + 1], full[at + 2]])
            .collect();
        Clip::rendered((WIDTH_PX / 2, HEIGHT_PX / 2), (0..20).map(move |_| small.clone()))
    }

    /// Encodes RGB frames.
    ///
    /// # Errors
    /// When GStreamer has no H.264 encoder.
    pub fn rendered(
        (width, height): (u32, u32),
        frames: impl Iterator<Item = Vec<u8>> + Send + 'static,
    ) -> anyhow::Result<Clip> {
        let pipeline = parse(&format!(
            "appsrc name=in format=time block=true max-buffers=4 \
             caps=video/x-raw,format=RGB,width={width},height={height},framerate={FPS}/1 ! {ENCODER}"
        ))?;
        collect(&pipeline, Some(Box::new(frames)))
    }

    /// The same clip begun at the first keyframe after so many seconds, and ended before it.
    #[must_use]
    pub fn later(&self, seconds: u32) -> Clip {
        let from = usize::try_from(seconds * self.fps).unwrap_or(0).min(self.units.len() - 1);
        let key = (from..self.keys.len()).find(|i| self.keys[*i]).unwrap_or(0);
        let (mut units, mut keys) = (self.units.to_vec(), self.keys.to_vec());
        units.rotate_left(key);
        keys.rotate_left(key);
        Clip { units: Arc::new(units), keys: Arc::new(keys), fps: self.fps }
    }

    /// How long one pass takes, seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        f64::from(u32::try_from(self.units.len()).unwrap_or(u32::MAX)) / f64::from(self.fps)
    }
}

fn parse(launch: &str) -> anyhow::Result<gst::Pipeline> {
    gst::init()?;
    let element =
        gst::parse::launch(launch).context("building the encoder; is gstreamer1.0-plugins-ugly there?")?;
    element.downcast::<gst::Pipeline>().map_err(|_| anyhow::anyhow!("a launch line makes a pipeline"))
}

type Frames = Box<dyn Iterator<Item = Vec<u8>> + Send>;

fn collect(pipeline: &gst::Pipeline, frames: Option<Frames>) -> anyhow::Result<Clip> {
    let sink =
        pipeline.by_name("out").and_then(|e| e.downcast::<gst_app::AppSink>().ok()).context("the sink")?;
    let feeder = match frames {
        None => None,
        Some(frames) => {
            let source = pipeline
                .by_name("in")
                .and_then(|e| e.downcast::<gst_app::AppSrc>().ok())
                .context("the source")?;
            Some(std::thread::spawn(move || feed(&source, frames)))
        }
    };
    pipeline.set_state(gst::State::Playing)?;
    let (mut units, mut keys, mut fps) = (Vec::new(), Vec::new(), junction::FPS);
    while let Ok(sample) = sink.pull_sample() {
        if let Some(rate) =
            sample.caps().and_then(|caps| caps.structure(0)?.get::<gst::Fraction>("framerate").ok())
            && rate.numer() > 0
        {
            fps = u32::try_from((rate.numer() + rate.denom() / 2) / rate.denom()).unwrap_or(fps).max(1);
        }
        if let Some(buffer) = sample.buffer_owned() {
            keys.push(!buffer.flags().contains(gst::BufferFlags::DELTA_UNIT));
            // Only the bytes are kept: the player gives each copy its own time.
            let map = buffer.map_readable()?;
            units.push(gst::Buffer::from_slice(map.to_vec()));
        }
    }
    pipeline.set_state(gst::State::Null)?;
    if let Some(feeder) = feeder {
        feeder.join().map_err(|_| anyhow::anyhow!("the painter panicked"))?;
    }
    ensure!(keys.first() == Some(&true), "a clip must begin with a keyframe; {} frames came", keys.len());
    Ok(Clip { units: Arc::new(units), keys: Arc::new(keys), fps })
}

fn feed(source: &gst_app::AppSrc, frames: Frames) {
    for (i, frame) in (0u64..).zip(frames) {
        let mut buffer = gst::Buffer::from_slice(frame);
        let step = gst::ClockTime::SECOND.nseconds() / u64::from(FPS);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(i * step));
            buffer.set_duration(gst::ClockTime::from_nseconds(step));
        }
        if source.push_buffer(buffer).is_err() {
            return;
        }
    }
    let _ = source.end_of_stream();
}
