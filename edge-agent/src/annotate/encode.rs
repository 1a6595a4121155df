//! Pictures into an MP4 file, H.264 where an encoder of it is installed.

use chrono::{DateTime, Utc};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use opencv::core::Mat;
use opencv::prelude::*;
use std::path::Path;

/// How long the encoder may take for what it still holds at the end.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(60);
/// Encoders in the order of preference, with settings for a picture that looks like the original.
const ENCODERS: [(&str, &str); 3] = [
    ("x264enc", "x264enc speed-preset=veryfast pass=qual quantizer=22 key-int-max=50 ! h264parse"),
    ("openh264enc", "openh264enc bitrate=4000000 ! h264parse"),
    ("avenc_mpeg4", "avenc_mpeg4 bitrate=4000000 ! mpeg4videoparse"),
];

/// Why a video cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// No encoder is installed.
    #[error("no video encoder is installed: x264enc is in gstreamer1.0-plugins-ugly")]
    NoEncoder,
    /// GStreamer refused.
    #[error("video: {0}")]
    Pipeline(String),
    /// A picture cannot be handed over.
    #[error("video picture: {0}")]
    Picture(#[from] opencv::Error),
}

/// A video file that is being written.
pub(super) struct Encoder {
    pipeline: gst::Pipeline,
    source: AppSrc,
    size: (i32, i32),
    first: Option<DateTime<Utc>>,
    last: gst::ClockTime,
    period: gst::ClockTime,
}

impl Encoder {
    /// A file for pictures like this one, `fps` a second.
    pub(super) fn open(file: &Path, picture: &Mat, fps: f64) -> Result<Encoder, EncodeError> {
        let failed =
            |error: &dyn std::fmt::Display| EncodeError::Pipeline(format!("{}: {error}", file.display()));
        gst::init().map_err(|error| failed(&error))?;
        let known = ENCODERS.iter().find(|(name, _)| gst::ElementFactory::find(name).is_some());
        let (_, encoder) = known.ok_or(EncodeError::NoEncoder)?;
        let (width, height) = (picture.cols(), picture.rows());
        let launch = format!(
            "appsrc name=source format=time block=true max-buffers=4 ! videoconvert ! video/x-raw,format=I420 \
             ! {encoder} ! mp4mux faststart=true ! filesink name=file"
        );
        let pipeline = gst::parse::launch(&launch).map_err(|error| failed(&error))?;
        let pipeline = pipeline.downcast::<gst::Pipeline>().map_err(|_| failed(&"not a pipeline"))?;
        let by_name = |name: &str| pipeline.by_name(name).ok_or_else(|| failed(&name));
        by_name("file")?.set_property("location", file.to_string_lossy().as_ref());
        let source = by_name("source")?.downcast::<AppSrc>().map_err(|_| failed(&"not a source"))?;
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "BGR")
            .field("width", width)
            .field("height", height)
            .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
            .field("framerate", gst::Fraction::approximate_f64(fps).unwrap_or(gst::Fraction::new(5, 1)))
            .build();
        source.set_caps(Some(&caps));
        if let Err(error) = pipeline.set_state(gst::State::Playing) {
            let reason = reason_of(&pipeline).unwrap_or_else(|| error.to_string());
            // It may be half started.
            let _ = pipeline.set_state(gst::State::Null);
            return Err(failed(&reason));
        }
        let period = gst::ClockTime::from_seconds_f64(1.0 / fps.max(0.01));
        Ok(Encoder {
            pipeline,
            source,
            size: (width, height),
            first: None,
            last: gst::ClockTime::ZERO,
            period,
        })
    }

    /// Adds a picture; one of another size is scaled.
    pub(super) fn add(&mut self, picture: &Mat, at: DateTime<Utc>) -> Result<(), EncodeError> {
        let mut fitted = Mat::default();
        let fits = (picture.cols(), picture.rows()) == self.size;
        if !fits {
            let size = opencv::core::Size::new(self.size.0, self.size.1);
            opencv::imgproc::resize(picture, &mut fitted, size, 0.0, 0.0, opencv::imgproc::INTER_AREA)?;
        }
        let bytes = if fits { picture.data_bytes()? } else { fitted.data_bytes()? };
        let row = usize::try_from(self.size.0).unwrap_or(0) * 3;
        // GStreamer wants rows of whole words.
        let padded = row.div_ceil(4) * 4;
        let mut plane = vec![0_u8; padded * usize::try_from(self.size.1).unwrap_or(0)];
        for (target, source) in plane.chunks_exact_mut(padded).zip(bytes.chunks_exact(row.max(1))) {
            target[..row].copy_from_slice(source);
        }
        let since = at - *self.first.get_or_insert(at);
        let since =
            gst::ClockTime::from_useconds(u64::try_from(since.num_microseconds().unwrap_or(0)).unwrap_or(0));
        // A file that begins again goes on where it was.
        let pts = if since <= self.last && self.last > gst::ClockTime::ZERO {
            self.last + self.period
        } else {
            since
        };
        self.last = pts;
        let mut buffer = gst::Buffer::from_mut_slice(plane);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(pts);
            buffer.set_duration(self.period);
        }
        self.source.push_buffer(buffer).map(|_| ()).map_err(|error| self.reason(&error.to_string()))
    }

    /// Waits until all is in the file.
    pub(super) fn finish(self) -> Result<(), EncodeError> {
        self.source.end_of_stream().map_err(|error| self.reason(&error.to_string()))?;
        let bus = self.pipeline.bus().ok_or_else(|| EncodeError::Pipeline("it has no bus".into()))?;
        let ends = [gst::MessageType::Eos, gst::MessageType::Error];
        let message = bus.timed_pop_filtered(PATIENCE, &ends);
        match message.as_ref().map(|message| message.view()) {
            Some(gst::MessageView::Eos(_)) => Ok(()),
            Some(gst::MessageView::Error(error)) => Err(EncodeError::Pipeline(error.error().to_string())),
            _ => Err(EncodeError::Pipeline("the encoder does not finish".into())),
        }
    }

    fn reason(&self, otherwise: &str) -> EncodeError {
        EncodeError::Pipeline(reason_of(&self.pipeline).unwrap_or_else(|| otherwise.to_owned()))
    }
}

/// What the pipeline itself says of its failure; it says more than the one who hands over.
fn reason_of(pipeline: &gst::Pipeline) -> Option<String> {
    let message = pipeline.bus()?.pop_filtered(&[gst::MessageType::Error])?;
    match message.view() {
        gst::MessageView::Error(error) => Some(error.error().to_string()),
        _ => None,
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // Nothing can be done about a pipeline that does not stop.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
