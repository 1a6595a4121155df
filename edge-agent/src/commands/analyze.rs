//! `edge-agent analyze`: a video as fast as it can, with the same result every time.

use super::progress::Progress;
use crate::analysis::{Analysis, moment_of};
use crate::annotate::Annotator;
use crate::clock;
use crate::config::camera_mistakes;
use crate::detect::Onnx;
use crate::facts::{Facts, ground_of};
use crate::health::Stages;
use crate::snapshot;
use crate::source::{Frame, Masks, Next, Pacing, SourceSpec, Stream};
use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use ngatu_protocol::camera::{CameraConfig, Detector};
use ngatu_protocol::{Direction, EdgeId, Message, OutboxId, Phase, Quantity, RoadUserClass, ZoneId};
use ngatu_scene::{Ground, Output, SceneObservation, mot};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// A file that gives no frame for so long will not give one any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// What `analyze` is asked for. The default names no network: enough for a camera with the motion detector.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AnalyzeArgs {
    /// The video file.
    pub video: PathBuf,
    /// A camera's keys as in [[camera]], at the top level; the address is the video's.
    #[arg(long)]
    pub camera: PathBuf,
    /// Analysed frames per second instead of the camera's `analysis_fps`.
    #[arg(long)]
    pub fps: Option<f64>,
    /// When the video was taken, RFC 3339, such as 2026-11-22T08:00:00+07:00; when absent, what the file itself says. Rules
    /// with hours need it.
    #[arg(long, value_name = "TIME")]
    pub start: Option<DateTime<Utc>>,
    /// Where the tracks go, MOTChallenge text.
    #[arg(long)]
    pub tracks: Option<PathBuf>,
    /// Where events, observations and trajectories go, one JSON text a line.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// A directory for the snapshots of the events.
    #[arg(long)]
    pub snapshots: Option<PathBuf>,
    /// An annotated video, MP4: boxes, paths, zones, tripwires with their counts, events.
    #[arg(long = "video", value_name = "FILE")]
    pub annotated: Option<PathBuf>,
    /// NanoDet as ONNX; .setup/model/nanodet.onnx is the one with full precision.
    #[arg(long, default_value = ".setup/model/nanodet-int8.onnx")]
    pub model: PathBuf,
    /// The ONNX Runtime library.
    #[arg(long, default_value = ".setup/lib/libonnxruntime.so")]
    pub runtime: PathBuf,
}

/// What an analysis found.
#[derive(Debug, Clone, Default, PartialEq)]
struct Report {
    /// When the video was taken.
    pub start: Option<DateTime<Utc>>,
    /// Frames in the video.
    pub frames: u64,
    /// Frames that were analysed.
    pub analysed: u64,
    /// Frames that the network looked at.
    pub looked: u64,
    /// Trajectories: tracks, or pieces of long ones.
    pub trajectories: u64,
    /// Starts of events by kind.
    pub events: BTreeMap<String, u64>,
    /// Crossings by tripwire, class and direction.
    pub counts: BTreeMap<(ZoneId, RoadUserClass, Direction), f64>,
    /// The lines of `--out`.
    pub lines: Vec<String>,
    /// The text of `--tracks`.
    pub tracks: String,
}

/// Runs the analysis, writes the files and prints the table.
///
/// # Errors
/// When the camera, the video, the model or a file cannot be used.
pub fn analyze(args: &AnalyzeArgs) -> anyhow::Result<()> {
    let camera = read_camera(args)?;
    let begun = clock::instant();
    let (report, stages) = run(&camera, args)?;
    let took = clock::instant() - begun;
    let write = |path: &Option<PathBuf>, text: &dyn Fn() -> String| match path {
        Some(path) => {
            std::fs::write(path, text()).with_context(|| format!("cannot write {}", path.display()))
        }
        None => Ok(()),
    };
    write(&args.tracks, &|| report.tracks.clone())?;
    write(&args.out, &|| report.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect())?;
    print!("{}", table(&report, &stages, took));
    Ok(())
}

/// The camera of a file with one camera's keys; the video stands for its address.
///
/// # Errors
/// Names file, key and reason.
fn read_camera(args: &AnalyzeArgs) -> anyhow::Result<CameraConfig> {
    let name = args.camera.display();
    let text = std::fs::read_to_string(&args.camera).with_context(|| format!("cannot read {name}"))?;
    let mut table: toml::Table = text.parse().with_context(|| name.to_string())?;
    let video = args.video.canonicalize().with_context(|| format!("cannot read {}", args.video.display()))?;
    let Ok(url) = url::Url::from_file_path(&video) else {
        bail!("{} cannot be written as an address", video.display());
    };
    table.insert("url".into(), url.to_string().into());
    table.remove("loop");
    let mut camera: CameraConfig = table.try_into().with_context(|| name.to_string())?;
    if let Some(fps) = args.fps {
        camera.analysis_fps = fps;
    }
    let mistakes = camera_mistakes(std::slice::from_ref(&camera));
    if !mistakes.is_empty() {
        let lines: Vec<_> = mistakes.iter().map(|mistake| format!("{name}: {mistake}")).collect();
        bail!(lines.join("\n"));
    }
    Ok(camera)
}

/// Analyses a video with a camera's configuration.
///
/// # Errors
/// When the video or the model cannot be used.
fn run(camera: &CameraConfig, args: &AnalyzeArgs) -> anyhow::Result<(Report, Stages)> {
    let network = match camera.detector {
        Detector::Onnx => Some(Onnx::start(&args.runtime, &args.model, 1)?),
        Detector::Motion => None,
    };
    let mut analysis = Analysis::new(camera, network.as_ref())?;
    let mut stages = Stages::default();
    let mut report = Report::default();
    let model = analysis.model().to_owned();
    let ground = ground_of(camera);
    let mut recorder = Recorder {
        camera,
        ground: ground.as_ref(),
        model: &model,
        snapshots: args.snapshots.as_deref(),
        report: &mut report,
    };
    let stream = Stream::open(&SourceSpec {
        url: camera.url.clone(),
        pacing: Pacing::Exhaustive,
        fps: Some(camera.analysis_fps),
        masks: Masks::new(&camera.privacy_masks),
    })?;
    let mut annotator = args.annotated.as_deref().map(|path| Annotator::new(path, camera));
    let mut progress = Progress::new(stream.length());
    let mut end = DateTime::UNIX_EPOCH;
    let mut start = None;
    loop {
        let waiting = clock::instant();
        match stream.next(PATIENCE) {
            Next::Frame(mut frame) => {
                stages.add("decode", clock::instant() - waiting);
                if recorder.report.analysed == 0 {
                    start = start_of(camera, args, &stream)?;
                    recorder.report.start = start;
                }
                let played = frame.at - DateTime::UNIX_EPOCH;
                frame.at = start.unwrap_or(DateTime::UNIX_EPOCH) + played;
                let findings = analysis.look(&frame, &mut stages)?;
                recorder.report.analysed += 1;
                recorder.report.looked += u64::from(findings.looked);
                recorder.take(findings.output, Some(&frame))?;
                if let Some(annotator) = &mut annotator {
                    let begun = clock::instant();
                    let found = (findings.output.clone(), findings.told);
                    annotator.add(&frame, (&found.0, found.1), &analysis)?;
                    stages.add("annotate", clock::instant() - begun);
                }
                end = frame.at;
                progress.tell(recorder.report.analysed, played.to_std().unwrap_or_default());
            }
            Next::Ended => break,
            Next::Failed(error) => {
                let frames = recorder.report.analysed;
                return Err(error).with_context(|| format!("after {frames} analysed frames"));
            }
            Next::Nothing => bail!("no frame for {} s", PATIENCE.as_secs()),
        }
    }
    progress.end();
    if let Some(annotator) = annotator {
        annotator.finish()?;
    }
    recorder.take(analysis.finish(end), None)?;
    report.frames = stream.decoded();
    Ok((report, stages))
}

/// When the video was taken: what was asked for, else what the file says. Hours cannot be judged without.
fn start_of(
    camera: &CameraConfig,
    args: &AnalyzeArgs,
    stream: &Stream,
) -> anyhow::Result<Option<DateTime<Utc>>> {
    let start = args.start.or_else(|| stream.created());
    let with_hours = camera.rules.iter().position(|rule| !rule.schedule.is_empty());
    if let (None, Some(i)) = (start, with_hours) {
        bail!(
            "{}: camera[{}].rule[{i}].schedule: {} does not say when it was taken, so that nobody knows whether the rule \
             was in force; say it with --start, such as --start 2026-11-22T08:00:00+07:00, or remove the schedule",
            args.camera.display(),
            camera.id,
            args.video.display()
        );
    }
    Ok(start)
}

/// Writes down what the scene states.
struct Recorder<'a> {
    camera: &'a CameraConfig,
    ground: Option<&'a Ground>,
    model: &'a str,
    snapshots: Option<&'a Path>,
    report: &'a mut Report,
}

impl Recorder<'_> {
    fn take(&mut self, output: &Output, frame: Option<&Frame>) -> anyhow::Result<()> {
        let facts =
            Facts { camera: self.camera, config: 0, track_base: 0, model: self.model, ground: self.ground };
        if let Some(frame) = frame {
            let number = u32::try_from(frame.number + 1).unwrap_or(u32::MAX);
            mot::write_frame(&mut self.report.tracks, number, &output.tracks);
        }
        for event in &output.events {
            if event.phase == Phase::Start {
                *self.report.events.entry(event.kind.to_string()).or_default() += 1;
                if let (Some(dir), Some(frame)) = (self.snapshots, frame) {
                    let jpeg = snapshot::of_event(frame, event, output)?;
                    let file = dir.join(format!(
                        "{}-{:06}-{}.jpg",
                        event.rule,
                        frame.number,
                        event.track.unwrap_or(0)
                    ));
                    std::fs::write(&file, jpeg)
                        .with_context(|| format!("cannot write {}", file.display()))?;
                }
            }
            self.write(facts.event(event, None))?;
        }
        for observation in &output.observations {
            if let (Quantity::Count, Some(class), Some(direction)) =
                (observation.quantity, observation.class, observation.direction)
            {
                let key = (observation.zone.clone(), class, direction);
                *self.report.counts.entry(key).or_default() += observation.value;
            }
            self.write(facts.observation(observation, observation_end(observation)))?;
        }
        for trajectory in &output.trajectories {
            self.report.trajectories += 1;
            self.write(facts.trajectory(trajectory))?;
        }
        Ok(())
    }

    /// One line; ids are counted, so that two runs are equal.
    fn write(&mut self, mut message: Message) -> anyhow::Result<()> {
        let number = self.report.lines.len() as u64 + 1;
        message.id = Uuid::from_u64_pair(0, number);
        let edge = EdgeId::new("analyze").expect("it is in the alphabet of names");
        let envelope = message.seal(&edge, OutboxId(Uuid::nil()), number)?;
        self.report.lines.push(serde_json::to_string(&envelope)?);
        Ok(())
    }
}

/// Offline, an observation is stated when its window ends.
fn observation_end(observation: &SceneObservation) -> DateTime<Utc> {
    moment_of(observation.to)
}

/// The table at the end.
fn table(report: &Report, stages: &Stages, took: Duration) -> String {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let mut line = |text: String| drop(writeln!(out, "{text}"));
    line(format!(
        "frames {}  analysed {}  network {}  took {:.1} s",
        report.frames,
        report.analysed,
        report.looked,
        took.as_secs_f64()
    ));
    match report.start {
        Some(start) => line(format!("taken {}", start.to_rfc3339_opts(SecondsFormat::Secs, true))),
        None => line("taken unknown: times count from 1970-01-01; --start says when".into()),
    }
    for (stage, ms) in stages.mean_ms() {
        line(format!("stage {stage:<10} {ms:>8.3} ms  {:>7} times", stages.runs(&stage)));
    }
    line(format!("trajectories {}", report.trajectories));
    for (kind, n) in &report.events {
        line(format!("event {kind:<22} {n:>6}"));
    }
    for ((wire, class, direction), n) in &report.counts {
        line(format!(
            "count {wire:<16} {class:<12} {direction:<7} {n:>6}",
            wire = wire.as_str(),
            class = class.as_str(),
            direction = direction.as_str()
        ));
    }
    String::from_utf8_lossy(&out).into_owned()
}
