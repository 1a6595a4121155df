//! One 1080p25 H.264 stream analysed at 5 frames a second: processor time against bare decoding plus the inferences.

use crate::bench::{Bar, Figure, real};
use crate::stack::process::{cpu_s, program, repository};
use anyhow::{Context, bail, ensure};
use edge_agent::detect::Onnx;
use edge_agent::source::{Masks, Next, Pacing, SourceSpec, Stream};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Inferences of the floor's sample.
const SAMPLE: u32 = 40;

/// Measures in a directory that can hold the video.
///
/// # Errors
/// When a part is missing.
pub fn measure(dir: &Path) -> anyhow::Result<Vec<Figure>> {
    let video = make_video(dir)?;
    let decode_s = processor_s_of(&mut || {
        play(&format!(
            "filesrc location={:?} ! qtdemux ! h264parse ! avdec_h264 ! fakesink sync=false",
            video
        ))
    })?;
    let inference_s = inference_s(&video)?;
    let camera = dir.join("bench-camera.toml");
    std::fs::write(&camera, CAMERA)?;
    let mut said = String::new();
    let analyze_s = processor_s_of(&mut || {
        let output = Command::new(program("edge-agent")?)
            .arg("analyze")
            .arg(&video)
            .arg("--camera")
            .arg(&camera)
            .args(["--fps", "5"])
            .current_dir(repository())
            .output()?;
        said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "edge-agent analyze: {}\n{said}", output.status);
        Ok(())
    })?;
    let inferences = figure_of(&said, "network")?;
    let floor = decode_s + inferences * inference_s;
    let decode =
        Figure { name: "decode-1080p25", value: decode_s, unit: "cpu-s", floor: decode_s, bar: Bar::None };
    let inference = Figure {
        name: "inference",
        value: inference_s * 1000.0,
        unit: "cpu-ms",
        floor: inference_s * 1000.0,
        bar: Bar::None,
    };
    let whole = Figure {
        name: "analyze-1080p25-at-5fps",
        value: analyze_s,
        unit: "cpu-s",
        floor,
        bar: Bar::RatioAtMost(1.25),
    };
    Ok(vec![decode, inference, whole])
}

/// Processor seconds of some work, its child processes included.
pub(super) fn processor_s_of(work: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let own = i32::try_from(std::process::id())?;
    let before = cpu_s(own);
    work()?;
    Ok(cpu_s(own) - before)
}

const CAMERA: &str = r#"
id = "bench"
name = "Bench"
url = "file:///video"
detector = "onnx"
[[tripwire]]
id = "path"
points = [[0.60, 0.30], [0.60, 0.66]]
[[zone]]
id = "lawn"
points = [[0.0, 0.50], [0.25, 0.52], [0.52, 0.68], [0.90, 0.92], [0.90, 1.0], [0.0, 1.0]]
[[rule]]
kind = "intrusion"
zone = "lawn"
"#;

/// The word after `name` in the first line that has it.
fn figure_of(text: &str, name: &str) -> anyhow::Result<f64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at =
        words.iter().position(|word| *word == name).with_context(|| format!("no `{name}` in:\n{text}"))?;
    Ok(words.get(at + 1).context("a figure follows")?.parse()?)
}

/// The footage played at 25 frames a second and enlarged; made once a run.
fn make_video(dir: &Path) -> anyhow::Result<PathBuf> {
    let path = dir.join("bench-1080p25.mp4");
    let footage = repository().join(".setup/footage/vtest.avi");
    ensure!(footage.exists(), "no footage at {}: run `make setup`", footage.display());
    play(&format!(
        "filesrc location={:?} ! decodebin ! videorate rate=2.5 ! video/x-raw,framerate=25/1 ! videoconvert ! videoscale \
         ! video/x-raw,format=I420,width=1920,height=1080,pixel-aspect-ratio=1/1 \
         ! x264enc speed-preset=veryfast bitrate=4000 key-int-max=50 ! h264parse ! mp4mux ! filesink location={:?}",
        footage, path
    ))?;
    Ok(path)
}

/// Runs a pipeline to its end.
pub(super) fn play(launch: &str) -> anyhow::Result<()> {
    gst::init()?;
    let pipeline = gst::parse::launch(launch)?;
    pipeline.set_state(gst::State::Playing)?;
    let bus = pipeline.bus().context("a pipeline has a bus")?;
    let end = bus.timed_pop_filtered(
        gst::ClockTime::from_seconds(300),
        &[gst::MessageType::Eos, gst::MessageType::Error],
    );
    pipeline.set_state(gst::State::Null)?;
    match end.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Eos(_)) => Ok(()),
        Some(gst::MessageView::Error(error)) => bail!("{}: {:?}", error.error(), error.debug()),
        _ => bail!("no end within 300 s: {launch}"),
    }
}

/// Processor seconds of one inference on a frame of the video.
fn inference_s(video: &Path) -> anyhow::Result<f64> {
    let setup = repository().join(".setup");
    let network =
        Onnx::start(&setup.join("lib/libonnxruntime.so"), &setup.join("model/nanodet-int8.onnx"), 1)?;
    let mut handle = network.handle();
    let stream = Stream::open(&SourceSpec {
        url: format!("file://{}", video.display()),
        pacing: Pacing::Exhaustive,
        fps: Some(1.0),
        masks: Masks::new(&[]),
    })?;
    let Next::Frame(frame) = stream.next(Duration::from_secs(30)) else { bail!("no frame in the video") };
    drop(stream);
    let own = i32::try_from(std::process::id())?;
    // Scaling and the place in the input are the agent's own work: the floor is the network alone.
    let letterbox = handle.prepare(&frame)?;
    let mut inferences = 0;
    let before = cpu_s(own);
    while inferences < SAMPLE {
        handle.detect(letterbox)?;
        inferences += 1;
    }
    Ok((cpu_s(own) - before) / real(usize::try_from(inferences)?))
}
