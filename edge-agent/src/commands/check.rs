//! `edge-agent check`: whether a configuration can be used, without starting anything.

use crate::config::EdgeSettings;
use ngatu_protocol::camera::{ConfigError, Detector};
use std::path::Path;

/// Checks the file and that model and runtime are where it says. Returns the lines to print on failure.
///
/// # Errors
/// One line a mistake: `file: key: reason`.
pub fn check(file: &Path) -> Result<String, String> {
    let settings = EdgeSettings::load(file).map_err(|error| error.to_string())?;
    let mistakes: Vec<_> =
        missing_files(&settings).iter().map(|mistake| format!("{}: {mistake}", file.display())).collect();
    if mistakes.is_empty() {
        Ok(format!("{}: good, {} cameras", file.display(), settings.cameras.len()))
    } else {
        Err(mistakes.join("\n"))
    }
}

/// The files of the detector that are not there. The center may push cameras that want the network, so its files are
/// wanted unless all cameras of the file are without it.
#[must_use]
fn missing_files(settings: &EdgeSettings) -> Vec<ConfigError> {
    let without = |camera: &ngatu_protocol::camera::CameraConfig| camera.detector == Detector::Motion;
    if !settings.cameras.is_empty() && settings.cameras.iter().all(without) {
        return Vec::new();
    }
    let files =
        [("detector.model", &settings.detector.model), ("detector.runtime", &settings.detector.runtime)];
    let missing = files.into_iter().filter(|(_, path)| !path.is_file());
    let mistake = |(key, path): (&str, &std::path::PathBuf)| ConfigError {
        key: key.into(),
        reason: format!("there is no file {}; `make setup` fetches it", path.display()),
    };
    missing.map(mistake).collect()
}
