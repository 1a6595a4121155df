//! The cameras of this edge: started, stopped, and restarted when their configuration changes.

use crate::analysis::{Analysis, AnalysisError};
use crate::clock;
use crate::config::{DetectorSettings, SourceSettings};
use crate::detect::Onnx;
use crate::health::Meter;
use crate::pipeline::{Delivery, Pipeline, Setup};
use crate::view::ViewStore;
use ngatu_protocol::CameraId;
use ngatu_protocol::camera::{CameraConfig, Detector};
use ngatu_protocol::health::CameraHealth;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a camera may take to stop before it is left behind.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// Distance between the track numbers of a camera's successive starts.
const TRACKS_PER_START: u64 = 1 << 32;

/// All cameras.
pub struct Fleet {
    detector: DetectorSettings,
    source: SourceSettings,
    delivery: Arc<dyn Delivery>,
    /// Where the views of cameras are kept.
    views: Option<PathBuf>,
    network: Option<Onnx>,
    config: Arc<AtomicU64>,
    starts: BTreeMap<CameraId, u64>,
    running: BTreeMap<CameraId, Running>,
}

struct Running {
    camera: CameraConfig,
    meter: Arc<Meter>,
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Fleet {
    /// A fleet without cameras.
    #[must_use]
    pub fn new(detector: DetectorSettings, source: SourceSettings, delivery: Arc<dyn Delivery>) -> Fleet {
        Fleet {
            detector,
            source,
            delivery,
            views: None,
            network: None,
            config: Arc::default(),
            starts: BTreeMap::new(),
            running: BTreeMap::new(),
        }
    }

    /// Keeps what cameras usually show in this directory from now on.
    #[must_use]
    pub fn keeping_views_in(self, dir: PathBuf) -> Fleet {
        Fleet { views: Some(dir), ..self }
    }

    /// Puts a checked set of cameras in force: those that changed are restarted, the others are not touched. Blocks
    /// until the old ones have stopped.
    ///
    /// # Errors
    /// When the network or a camera's analysis cannot be made; then everything stays as it was.
    pub fn apply(&mut self, version: u64, cameras: &[CameraConfig]) -> Result<(), AnalysisError> {
        if self.network.is_none() && cameras.iter().any(|camera| camera.detector == Detector::Onnx) {
            let DetectorSettings { runtime, model, threads, .. } = &self.detector;
            self.network = Some(Onnx::start(runtime, model, *threads)?);
        }
        let unchanged = |camera: &&CameraConfig| {
            self.running.get(&camera.id).is_some_and(|running| running.camera == **camera)
        };
        let changed: Vec<_> = cameras.iter().filter(|camera| !unchanged(camera)).collect();
        let made: Result<Vec<_>, _> =
            changed.iter().map(|camera| Analysis::new(camera, self.network.as_ref())).collect();
        let made = made?;

        let stays = |id: &CameraId| cameras.iter().filter(unchanged).any(|camera| camera.id == *id);
        let old: Vec<_> = self.running.keys().filter(|id| !stays(id)).cloned().collect();
        let old = old.into_iter().filter_map(|id| self.running.remove_entry(&id)).collect();
        stop_all(old);
        self.config.store(version, Ordering::Relaxed);
        // No cameras at all is an edge that waits for its configuration.
        let known: BTreeSet<&CameraId> = cameras.iter().map(|camera| &camera.id).collect();
        let views = self.views.as_ref().filter(|_| !known.is_empty());
        if let Some(Err(error)) = views.map(|dir| ViewStore::tidy(dir, &known)) {
            tracing::warn!(%error, "the views of cameras that are gone cannot be deleted");
        }
        for (camera, analysis) in changed.into_iter().zip(made) {
            self.start(camera, analysis);
        }
        Ok(())
    }

    fn start(&mut self, camera: &CameraConfig, analysis: Analysis) {
        let starts = self.starts.entry(camera.id.clone()).or_default();
        let (meter, stop) = (Arc::new(Meter::default()), CancellationToken::new());
        let setup = Setup {
            camera: camera.clone(),
            analysis,
            config: self.config.clone(),
            track_base: *starts * TRACKS_PER_START,
            source: self.source,
            views: self.views.clone(),
            picture_every: self.detector.picture_every,
            delivery: self.delivery.clone(),
            meter: meter.clone(),
            stop: stop.clone(),
        };
        *starts += 1;
        let name = format!("camera-{}", camera.id);
        let thread = std::thread::Builder::new().name(name).spawn(move || Pipeline::new(setup).run());
        match thread {
            Ok(thread) => {
                tracing::info!(camera = %camera.id, "camera started");
                let running = Running { camera: camera.clone(), meter, stop, thread };
                self.running.insert(camera.id.clone(), running);
            }
            Err(error) => tracing::error!(camera = %camera.id, %error, "cannot start a thread"),
        }
    }

    /// Each camera's health over the last `period`, which ends here.
    #[must_use]
    pub fn health(&self, period: Duration) -> BTreeMap<CameraId, CameraHealth> {
        let read = |(id, running): (&CameraId, &Running)| {
            let mut health = running.meter.read(period);
            if running.thread.is_finished() {
                health.online = false;
                health.error.get_or_insert_with(|| "the camera's thread has ended".into());
            }
            (id.clone(), health)
        };
        self.running.iter().map(read).collect()
    }

    /// Stops all cameras: what was active ends and the last windows go out. Blocks, at most a few seconds.
    pub fn stop(&mut self) {
        stop_all(std::mem::take(&mut self.running).into_iter().collect());
    }
}

/// Stops cameras side by side.
fn stop_all(old: Vec<(CameraId, Running)>) {
    old.iter().for_each(|(_, running)| running.stop.cancel());
    let begun = clock::instant();
    for (camera, running) in old {
        while !running.thread.is_finished() && clock::instant() - begun < STOP_WITHIN {
            std::thread::sleep(Duration::from_millis(10));
        }
        if !running.thread.is_finished() {
            tracing::error!(%camera, "camera did not stop in time and is left behind");
        } else if running.thread.join().is_err() {
            tracing::error!(%camera, "camera's thread had panicked");
        } else {
            tracing::info!(%camera, "camera stopped");
        }
    }
}
