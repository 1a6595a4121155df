//! The annotated video of `analyze --video`: each analysed frame with road users, their recent paths, zones, tripwires
//! with what they counted so far, and the events. What is drawn is taken from the scene and nothing is judged again.

mod board;
mod draw;
mod encode;

use crate::analysis::{Analysis, time_of};
use crate::source::{Frame, FrameError};
use board::Board;
use draw::Brush;
pub use encode::EncodeError;
use encode::Encoder;
use ngatu_protocol::camera::CameraConfig;
use ngatu_scene::{Output, Track};
use std::path::{Path, PathBuf};

/// Widest and highest video, pixels; larger frames are scaled down.
const SIDE_PX: u32 = 1920;

/// Why an annotated video cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// A frame could not be drawn on.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The video could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl From<opencv::Error> for AnnotateError {
    fn from(error: opencv::Error) -> Self {
        AnnotateError::Frame(error.into())
    }
}

/// Writes an annotated video.
pub struct Annotator {
    path: PathBuf,
    camera: CameraConfig,
    board: Board,
    tracks: Vec<Track>,
    encoder: Option<Encoder>,
}

impl Annotator {
    /// A video that does not exist yet: the first frame says its size.
    #[must_use]
    pub fn new(path: &Path, camera: &CameraConfig) -> Annotator {
        Annotator {
            path: path.to_owned(),
            camera: camera.clone(),
            board: Board::new(camera),
            tracks: Vec::new(),
            encoder: None,
        }
    }

    /// Adds a frame with what was found in it. `told` as in [`crate::analysis::Findings`].
    ///
    /// # Errors
    /// When the frame is broken or the encoder fails.
    pub fn add(
        &mut self,
        frame: &Frame,
        (output, told): (&Output, bool),
        analysis: &Analysis,
    ) -> Result<(), AnnotateError> {
        if told {
            self.tracks.clone_from(&output.tracks);
        }
        let scene = analysis.scene();
        self.board.take(time_of(frame.at), output, scene);
        let mut picture = frame.bgr(frame.fitted(SIDE_PX, SIDE_PX))?;
        let size = (f64::from(frame.width_px()), f64::from(frame.height_px()));
        let mut brush = Brush::new(&mut picture, size)?;
        for zone in &self.camera.zones {
            brush.zone(&zone.points, zone.id.as_str(), self.board.has_event(&zone.id))?;
        }
        for wire in &self.camera.tripwires {
            brush.tripwire(wire.points, &self.board.wire_label(&wire.id))?;
        }
        for track in &self.tracks {
            let path = scene.paths().get(track.id);
            if let Some(path) = path {
                brush.tail(path.samples.iter().map(|sample| sample.foot), track.class)?;
            }
            let speed_kmh = path.and_then(ngatu_scene::Path::speed).map(|speed| speed.kmh);
            brush.road_user(track, speed_kmh, self.board.is_alarming(track.id))?;
        }
        brush.clock(&self.board.clock())?;
        brush.banners(&self.board.banners(scene.is_suspended()))?;
        if self.encoder.is_none() {
            self.encoder = Some(Encoder::open(&self.path, &picture, self.camera.analysis_fps)?);
        }
        if let Some(encoder) = &mut self.encoder {
            encoder.add(&picture, frame.at)?;
        }
        Ok(())
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// When the encoder fails or the disk is full.
    pub fn finish(mut self) -> Result<(), AnnotateError> {
        self.encoder.take().map_or(Ok(()), Encoder::finish).map_err(AnnotateError::from)
    }
}
