//! The network, run by ONNX Runtime: a small pool of threads that all cameras share.

use super::{DetectError, INPUT_SIDE_PX, Letterbox, Level, OUTPUTS, decode};
use crate::source::Frame;
use ngatu_scene::Detection;
use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What events name as their model.
pub const MODEL_NAME: &str = "nanodet-g-416";

/// Weakest detection that is worth telling the tracker, which uses weak ones only to follow what it already knows.
const MIN_SCORE: f32 = 0.1;

type Answer = Result<Vec<Detection>, String>;

/// One frame's input and where its answer goes. The input comes back, so that its memory is used again.
struct Job {
    input: Vec<f32>,
    answer: SyncSender<(Answer, Vec<f32>)>,
}

/// The pool. Its threads end when it and all its handles are dropped.
#[derive(Clone)]
pub struct Onnx {
    jobs: Sender<Job>,
}

/// One camera's way into the pool.
pub struct OnnxHandle {
    jobs: Sender<Job>,
    input: Vec<f32>,
}

/// The library can be loaded once in a process.
static RUNTIME: OnceLock<Result<Environment, String>> = OnceLock::new();

impl Onnx {
    /// Loads the runtime and the model, tries the model once, and starts `threads` threads.
    ///
    /// # Errors
    /// When the runtime or the model cannot be loaded, or the model is another one than is expected.
    pub fn start(runtime: &Path, model: &Path, threads: usize) -> Result<Onnx, DetectError> {
        let loaded = RUNTIME.get_or_init(|| {
            let builder = ort::init_from(runtime).map_err(|e| e.to_string())?;
            builder.with_name("ngatu").build().map_err(|e| e.to_string())
        });
        let loaded = loaded.as_ref().map_err(|reason| DetectError::Runtime {
            path: runtime.display().to_string(),
            reason: reason.clone(),
        })?;
        let bad_model = |reason: String| DetectError::Model { path: model.display().to_string(), reason };
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let mut session = open(loaded, model).map_err(|e| bad_model(e.to_string()))?;
            if number == 0 {
                infer(&mut session, &vec![0.0; input_len()]).map_err(&bad_model)?;
            }
            let queue = queue.clone();
            std::thread::Builder::new()
                .name(format!("infer-{number}"))
                .spawn(move || work(&mut session, &queue))
                .map_err(|e| bad_model(format!("cannot start a thread: {e}")))?;
        }
        Ok(Onnx { jobs })
    }

    /// A way into the pool for one camera.
    #[must_use]
    pub fn handle(&self) -> OnnxHandle {
        OnnxHandle { jobs: self.jobs.clone(), input: Vec::new() }
    }
}

impl OnnxHandle {
    /// Scales the frame and writes it as the network's input.
    ///
    /// # Errors
    /// When the frame is broken.
    pub fn prepare(&mut self, frame: &Frame) -> Result<Letterbox, DetectError> {
        Letterbox::fill(frame, &mut self.input)
    }

    /// Waits for the pool and returns what it found in the prepared frame, in pixels of the frame.
    ///
    /// # Errors
    /// When the inference failed.
    pub fn detect(&mut self, letterbox: Letterbox) -> Result<Vec<Detection>, DetectError> {
        let (answer, coming) = sync_channel(1);
        let gone = || DetectError::Inference("the inference threads have ended".into());
        self.jobs.send(Job { input: std::mem::take(&mut self.input), answer }).map_err(|_| gone())?;
        let (found, input) = coming.recv().map_err(|_| gone())?;
        self.input = input;
        let mut found = found.map_err(DetectError::Inference)?;
        for detection in &mut found {
            detection.bbox = letterbox.to_frame(detection.bbox);
        }
        Ok(found)
    }
}

fn input_len() -> usize {
    let side = INPUT_SIDE_PX as usize;
    3 * side * side
}

fn open(runtime: &Environment, model: &Path) -> ort::Result<Session> {
    // One thread an inference: cameras run side by side, which costs less than dividing one frame.
    let builder = Session::builder(runtime)?.with_intra_threads(1)?.with_inter_threads(1)?;
    let mut builder = builder.with_intra_op_spinning(false)?;
    builder.commit_from_file(model)
}

fn work(session: &mut Session, queue: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, so the threads take jobs in turn and in order.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let found = infer(session, &job.input);
        // A camera that was stopped meanwhile does not take its answer.
        let _ = job.answer.send((found, job.input));
    }
}

fn infer(session: &mut Session, input: &[f32]) -> Answer {
    let side = INPUT_SIDE_PX as usize;
    let mut run = || -> ort::Result<Answer> {
        let tensor = TensorRef::from_array_view(([1_usize, 3, side, side], input))?;
        let outputs = session.run(ort::inputs![tensor])?;
        let mut tensors = Vec::new();
        for (scores, distances, stride_px) in OUTPUTS {
            let (Some(scores), Some(distances)) = (outputs.get(scores), outputs.get(distances)) else {
                return Ok(Err(format!("it has no outputs `{scores}` and `{distances}`")));
            };
            let cells = side / usize::from(stride_px);
            let (scores, distances) =
                (scores.try_extract_tensor::<f32>()?.1, distances.try_extract_tensor::<f32>()?.1);
            if scores.len() != cells * cells * 80 || distances.len() != cells * cells * 44 {
                return Ok(Err(format!("its output of stride {stride_px} has another shape than NanoDet's")));
            }
            tensors.push(Level { stride_px, cells, scores, distances });
        }
        Ok(Ok(decode(&tensors, MIN_SCORE)))
    };
    run().unwrap_or_else(|e| Err(e.to_string()))
}
