//! The network, run by ONNX Runtime, behind a small pool of threads that all cameras share.

use super::pool::{Pool, Seat};
use super::turned::Square;
use super::{DetectError, Input, Letterbox, Level, OUTPUTS, decode};
use crate::source::Frame;
use ngatu_scene::Detection;
use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::PrepackedWeights;
use ort::value::TensorRef;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Weakest detection that is worth telling the tracker, which uses weak ones only to follow what it already knows.
const MIN_SCORE: f32 = 0.1;

type Answer = Result<Vec<Detection>, String>;

/// The network. Its threads end when it and all its handles are dropped.
#[derive(Clone)]
pub struct Onnx {
    pool: Pool<Input, Answer>,
    name: Arc<str>,
}

/// One camera's way to the network.
pub struct OnnxHandle {
    seat: Seat<Input, Answer>,
    name: Arc<str>,
    input: Input,
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
        if !model.exists() {
            return Err(bad_model("there is no such file; `make setup` makes it".into()));
        }
        let weights = PrepackedWeights::new();
        let sessions: Result<Vec<_>, _> =
            (0..threads.max(1)).map(|_| open(loaded, model, &weights)).collect();
        let mut sessions = sessions.map_err(|e| bad_model(e.to_string()))?;
        // The smallest and another shape: a model that is bound to one is not ours.
        for (width_px, height_px) in [(32, 32), (64, 32)] {
            let planes = vec![0.0; 3 * width_px * height_px];
            infer(&mut sessions[0], &Input { width_px, height_px, planes }).map_err(&bad_model)?;
        }
        let name = sessions[0].metadata().ok().and_then(|metadata| metadata.name());
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".into());
        let workers = sessions.into_iter().map(|mut session| move |input: &Input| infer(&mut session, input));
        let pool =
            Pool::start(workers.collect()).map_err(|e| bad_model(format!("cannot start a thread: {e}")))?;
        Ok(Onnx { pool, name: name.into() })
    }

    /// What the model calls itself, for example `nanodet-g-416-int8`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A way to the network for one camera.
    #[must_use]
    pub fn handle(&self) -> OnnxHandle {
        OnnxHandle { seat: self.pool.seat(), name: self.name.clone(), input: Input::default() }
    }
}

impl OnnxHandle {
    /// What the model calls itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

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
        let mut found = self.ask()?;
        for detection in &mut found {
            detection.bbox = letterbox.to_frame(detection.bbox);
        }
        Ok(found)
    }

    /// Looks for who lies: at a piece of the frame that is turned by a right angle to both sides. In pixels of the frame.
    ///
    /// # Errors
    /// When the frame is broken or the inference failed.
    pub fn detect_turned(&mut self, frame: &Frame, piece: Square) -> Result<Vec<Detection>, DetectError> {
        piece.fill(frame, &mut self.input)?;
        let mut found = self.ask()?;
        piece.turn_back(&mut found);
        Ok(found)
    }

    /// Waits for the pool's answer to the input.
    fn ask(&mut self) -> Result<Vec<Detection>, DetectError> {
        let answer = self.seat.ask(std::mem::take(&mut self.input));
        let (found, input) = answer.ok_or_else(|| DetectError::Inference("it panicked".into()))?;
        self.input = input;
        found.map_err(DetectError::Inference)
    }
}

fn open(runtime: &Environment, model: &Path, weights: &PrepackedWeights) -> ort::Result<Session> {
    // One thread an inference: cameras run side by side, which costs less than dividing one frame. The threads share
    // the weights in the order that the kernels want.
    let builder = Session::builder(runtime)?.with_intra_threads(1)?.with_inter_threads(1)?;
    let builder = builder.with_intra_op_spinning(false)?.with_prepacked_weights(weights)?;
    // Processors without VNNI add int8 products in 16 bits with saturation otherwise, which costs accuracy.
    let mut builder = builder.with_precise_qmm()?;
    builder.commit_from_file(model)
}

fn infer(session: &mut Session, input: &Input) -> Answer {
    let (width, height) = (input.width_px, input.height_px);
    let mut run = || -> ort::Result<Answer> {
        let tensor = TensorRef::from_array_view(([1_usize, 3, height, width], input.planes.as_slice()))?;
        let outputs = session.run(ort::inputs![tensor])?;
        let mut tensors = Vec::new();
        for (scores, distances, stride_px) in OUTPUTS {
            let (Some(scores), Some(distances)) = (outputs.get(scores), outputs.get(distances)) else {
                return Ok(Err(format!("it has no outputs `{scores}` and `{distances}`")));
            };
            let stride = usize::from(stride_px);
            let (columns, cells) = (width / stride, (width / stride) * (height / stride));
            let (scores, distances) =
                (scores.try_extract_tensor::<f32>()?.1, distances.try_extract_tensor::<f32>()?.1);
            if scores.len() != cells * 80 || distances.len() != cells * 44 {
                return Ok(Err(format!("its output of stride {stride_px} has another shape than NanoDet's")));
            }
            tensors.push(Level { stride_px, columns, scores, distances });
        }
        Ok(Ok(decode(&tensors, MIN_SCORE)))
    };
    run().unwrap_or_else(|e| Err(e.to_string()))
}
