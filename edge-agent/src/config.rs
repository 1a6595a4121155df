//! `edge.toml`: the process settings of an edge agent, checked whole before anything starts.
//!
//! Every mistake is reported with its key, not only the first one. The cameras in the file are in force until the
//! center pushes a configuration.

use crate::credential::{OwnFiles, TlsFiles, authorities};
use crate::{source, uplink};
use ngatu_protocol::EdgeId;
use ngatu_protocol::camera::{CameraConfig, ConfigError, check_cameras};
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Exit code of a process whose configuration cannot be used (`EX_USAGE`).
pub const EXIT_CONFIG: u8 = 64;

/// The settings of one edge agent.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeSettings {
    /// The edge's name; also its user name at broker and center.
    pub edge: EdgeId,
    /// Where outbox, evidence and the pushed configuration are kept.
    pub data_dir: PathBuf,
    /// The broker, `mqtt://` or `mqtts://`.
    pub mqtt_url: String,
    /// The device secret.
    pub secret: String,
    /// For `mqtts://`: whom to trust, and the certificate to show.
    pub mqtt_tls: TlsFiles,
    /// The center's HTTP address.
    pub center_url: String,
    /// For `https://`: the authorities to trust.
    pub center_ca: Option<PathBuf>,
    /// Largest outbox, bytes.
    pub outbox_max_bytes: u64,
    /// The network and its runtime.
    pub detector: DetectorSettings,
    /// When a source counts as broken.
    pub source: SourceSettings,
    /// Cameras in force until the center pushes others.
    pub cameras: Vec<CameraConfig>,
}

/// Inference threads at most.
const MAX_THREADS: usize = 64;

/// The network and its runtime. Relative paths start at the working directory.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorSettings {
    /// NanoDet as ONNX.
    pub model: PathBuf,
    /// The ONNX Runtime library.
    pub runtime: PathBuf,
    /// Inference threads for all cameras together; as many as cores when nothing is said.
    pub threads: usize,
    /// How often a camera's newest still goes to the center.
    pub picture_every: Duration,
}

impl Default for DetectorSettings {
    fn default() -> Self {
        Self {
            model: ".setup/model/nanodet-int8.onnx".into(),
            runtime: ".setup/lib/libonnxruntime.so".into(),
            threads: std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS),
            picture_every: Duration::from_secs(2),
        }
    }
}

/// When a source counts as broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSettings {
    /// Without a frame for so long the source is opened again.
    pub stall_after: Duration,
    /// Without a usable frame for so long the camera is lost.
    pub lost_after: Duration,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self { stall_after: Duration::from_secs(5), lost_after: Duration::from_secs(5) }
    }
}

/// All that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The file.
    pub file: PathBuf,
    /// Each mistake with its key.
    pub mistakes: Vec<ConfigError>,
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.mistakes.iter().map(|m| format!("{}: {m}", self.file.display())).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl EdgeSettings {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// With every mistake.
    pub fn load(file: &Path) -> Result<EdgeSettings, SettingsError> {
        let fail = |mistakes| SettingsError { file: file.to_owned(), mistakes };
        let text = std::fs::read_to_string(file)
            .map_err(|e| fail(vec![mistake("(file)", &format!("cannot be read: {e}"))]))?;
        Self::parse(&text).map_err(fail)
    }

    /// Checks a file's text. Reads the secret's file, if the text names one.
    ///
    /// # Errors
    /// With every mistake.
    pub fn parse(text: &str) -> Result<EdgeSettings, Vec<ConfigError>> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| vec![syntax_error(text, &e)])?;
        let mut mistakes = Vec::new();
        let mut root = Section { path: String::new(), table, mistakes: &mut mistakes };
        let edge = root.wanted("edge");
        let data_dir: Option<PathBuf> = root.wanted("data_dir");
        let cameras: Vec<toml::Value> = root.optional("camera").unwrap_or_default();
        let sections = ["mqtt", "center", "outbox", "detector", "source"]
            .map(|name| (name, root.optional::<toml::Table>(name).unwrap_or_default()));
        root.finish();
        let [mqtt, center, outbox, detector, source] = sections;
        let (mqtt_url, secret, mqtt_tls) = mqtt_settings(&mut section(mqtt, &mut mistakes));
        let (center_url, center_ca) = center_settings(&mut section(center, &mut mistakes));
        let outbox_max_bytes = outbox_settings(&mut section(outbox, &mut mistakes));
        let detector = detector_settings(&mut section(detector, &mut mistakes));
        let source = source_settings(&mut section(source, &mut mistakes));
        let cameras = read_cameras(cameras, &mut mistakes);
        mistakes.extend(camera_mistakes(&cameras));
        match (edge, data_dir, mqtt_url, secret, center_url) {
            (Some(edge), Some(data_dir), Some(mqtt_url), Some(secret), Some(center_url))
                if mistakes.is_empty() =>
            {
                Ok(EdgeSettings {
                    edge,
                    data_dir,
                    mqtt_url,
                    secret,
                    mqtt_tls,
                    center_url,
                    center_ca,
                    outbox_max_bytes,
                    detector,
                    source,
                    cameras,
                })
            }
            _ => Err(mistakes),
        }
    }
}

/// Everything that is wrong with a set of cameras on this edge: the protocol's checks, and those of the sources.
#[must_use]
pub fn camera_mistakes(cameras: &[CameraConfig]) -> Vec<ConfigError> {
    let mut mistakes = check_cameras(cameras);
    for camera in cameras {
        let key = format!("camera[{}].url", camera.id);
        if let (Err(error), false) = (source::check_url(&camera.url), mistakes.iter().any(|m| m.key == key)) {
            mistakes.push(mistake(&key, &error.to_string()));
        }
    }
    mistakes
}

fn mistake(key: &str, reason: &str) -> ConfigError {
    ConfigError { key: key.into(), reason: reason.into() }
}

fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    mistake(&format!("line {line}"), error.message())
}

fn section<'a>((name, table): (&str, toml::Table), mistakes: &'a mut Vec<ConfigError>) -> Section<'a> {
    Section { path: format!("{name}."), table, mistakes }
}

fn mqtt_settings(section: &mut Section<'_>) -> (Option<String>, Option<String>, TlsFiles) {
    let url = section.url("url", &["mqtt", "mqtts"]);
    let secret = match (section.optional::<String>("secret"), section.optional::<PathBuf>("secret_file")) {
        (Some(_), Some(_)) => section.mistake("secret", "give either secret or secret_file"),
        (Some(secret), None) => Some(secret),
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(e) => section.mistake("secret_file", &format!("cannot read {}: {e}", file.display())),
        },
        (None, None) => {
            section.mistake("secret_file", "is missing; `control-center edge enroll` prints the secret")
        }
    };
    if secret.as_ref().is_some_and(String::is_empty) {
        section.mistake::<()>("secret", "is empty");
    }
    let tls = tls_settings(section, url.as_deref());
    section.finish();
    (url, secret, tls)
}

/// Files are read here once, so that a mistake in them is told before anything starts.
fn tls_settings(section: &mut Section<'_>, url: Option<&str>) -> TlsFiles {
    let ca: Option<PathBuf> = section.optional("ca_file");
    let certificate: Option<PathBuf> = section.optional("certificate_file");
    let key: Option<PathBuf> = section.optional("key_file");
    let given = [("ca_file", &ca), ("certificate_file", &certificate), ("key_file", &key)];
    if url.is_some_and(|url| !url.starts_with("mqtts:")) {
        for (name, _) in given.into_iter().filter(|(_, file)| file.is_some()) {
            section.mistake::<()>(name, "is for mqtts://, but mqtt.url speaks no TLS");
        }
        return TlsFiles::default();
    }
    let own = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(OwnFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => section.mistake("key_file", "is missing beside certificate_file"),
        (None, Some(_)) => section.mistake("certificate_file", "is missing beside key_file"),
    };
    let files = TlsFiles { ca, own };
    if url.is_some()
        && let Err(reason) = uplink::tls::config(&files)
    {
        let name = if files.own.is_some() { "certificate_file" } else { "ca_file" };
        section.mistake::<()>(name, &format!("{reason}; `edge-agent enroll` makes these files"));
    }
    files
}

fn center_settings(section: &mut Section<'_>) -> (Option<String>, Option<PathBuf>) {
    let url = section.url("url", &["http", "https"]);
    let ca: Option<PathBuf> = section.optional("ca_file");
    match (&url, &ca) {
        (Some(url), Some(_)) if !url.starts_with("https:") => {
            section.mistake::<()>("ca_file", "is for https://, but center.url speaks no TLS");
        }
        (_, Some(path)) => {
            if let Err(error) = authorities(path) {
                section.mistake::<()>("ca_file", &format!("{error:#}"));
            }
        }
        (_, None) => {}
    }
    section.finish();
    (url, ca)
}

fn outbox_settings(section: &mut Section<'_>) -> u64 {
    let max_bytes = section.optional("max_bytes").unwrap_or(1 << 30);
    if max_bytes < 1 << 20 {
        section.mistake::<()>("max_bytes", "wanted at least 1048576");
    }
    section.finish();
    max_bytes
}

fn detector_settings(section: &mut Section<'_>) -> DetectorSettings {
    let default = DetectorSettings::default();
    let threads = section.optional("threads").unwrap_or(default.threads);
    if !(1..=MAX_THREADS).contains(&threads) {
        section.mistake::<()>("threads", "wanted 1 to 64");
    }
    let settings = DetectorSettings {
        model: section.optional("model").unwrap_or(default.model),
        runtime: section.optional("runtime").unwrap_or(default.runtime),
        threads,
        picture_every: section.seconds("picture_every_s", 0.2..=3600.0).unwrap_or(default.picture_every),
    };
    section.finish();
    settings
}

fn source_settings(section: &mut Section<'_>) -> SourceSettings {
    let default = SourceSettings::default();
    let settings = SourceSettings {
        stall_after: section.seconds("stall_after_s", 0.5..=600.0).unwrap_or(default.stall_after),
        lost_after: section.seconds("lost_after_s", 0.5..=600.0).unwrap_or(default.lost_after),
    };
    section.finish();
    settings
}

fn read_cameras(cameras: Vec<toml::Value>, mistakes: &mut Vec<ConfigError>) -> Vec<CameraConfig> {
    let mut read = Vec::new();
    for (i, camera) in cameras.into_iter().enumerate() {
        let id = camera.get("id").and_then(|id| id.as_str()).map_or(i.to_string(), str::to_owned);
        match camera.try_into::<CameraConfig>() {
            Ok(camera) => read.push(camera),
            Err(error) => mistakes.push(mistake(&format!("camera[{id}]"), &one_line(&error))),
        }
    }
    read
}

fn one_line(error: &toml::de::Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table whose keys are taken one by one; what is left at the end is unknown.
struct Section<'a> {
    path: String,
    table: toml::Table,
    mistakes: &'a mut Vec<ConfigError>,
}

impl Section<'_> {
    fn mistake<T>(&mut self, key: &str, reason: &str) -> Option<T> {
        self.mistakes.push(mistake(&format!("{}{key}", self.path), reason));
        None
    }

    fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        match self.table.remove(key)?.try_into() {
            Ok(value) => Some(value),
            Err(error) => self.mistake(key, &one_line(&error)),
        }
    }

    fn wanted<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if !self.table.contains_key(key) {
            return self.mistake(key, "is missing");
        }
        self.optional(key)
    }

    fn url(&mut self, key: &str, schemes: &[&str]) -> Option<String> {
        let text: String = self.wanted(key)?;
        match url::Url::parse(&text) {
            Ok(url) if schemes.contains(&url.scheme()) && url.host().is_some() => Some(text),
            Ok(_) => self.mistake(key, &format!("wanted {}://host:port", schemes.join(":// or "))),
            Err(error) => self.mistake(key, &error.to_string()),
        }
    }

    fn seconds(&mut self, key: &str, range: std::ops::RangeInclusive<f64>) -> Option<Duration> {
        // A whole number is a duration as well.
        let seconds: f64 = match self.table.get(key) {
            Some(toml::Value::Integer(_)) => f64::from(self.optional::<u32>(key)?),
            _ => self.optional(key)?,
        };
        if range.contains(&seconds) {
            Some(Duration::from_secs_f64(seconds))
        } else {
            self.mistake(key, &format!("wanted {} to {}", range.start(), range.end()))
        }
    }

    fn finish(&mut self) {
        for key in std::mem::take(&mut self.table).keys() {
            self.mistake::<()>(key, "is not a key of this version");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
edge = "nga-tu-1"
data_dir = "/tmp/edge"
[mqtt]
url = "mqtt://127.0.0.1:1883"
secret = "s"
[center]
url = "http://[::1]:8080"
[outbox]
max_bytes = 1073741824
[detector]
threads = 2
picture_every_s = 1
[[camera]]
id = "north"
name = "North"
url = "rtsp://127.0.0.1/north"
"#;

    fn mistakes_of(text: &str) -> Vec<String> {
        EdgeSettings::parse(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_has_no_mistakes() {
        let settings = EdgeSettings::parse(GOOD).unwrap();
        assert_eq!(settings.detector.threads, 2);
        assert_eq!(settings.detector.picture_every, Duration::from_secs(1));
        assert_eq!(settings.source, SourceSettings::default());
        assert_eq!(settings.cameras.len(), 1);
    }

    #[test]
    fn each_mistake_is_told_with_key_and_reason() {
        let table = [
            ("edge = \"nga-tu-1\"", "", "edge: is missing"),
            ("edge = \"nga-tu-1\"", "edge = \"Ngã Tư\"", "edge: `Ngã Tư` is not a usable name"),
            ("edge = \"nga-tu-1\"", "edge = 3", "edge: invalid type"),
            ("data_dir", "data_dri", "data_dir: is missing"),
            ("data_dir", "data_dri", "data_dri: is not a key"),
            ("mqtt://", "http://", "mqtt.url: wanted mqtt://"),
            ("secret = \"s\"", "", "mqtt.secret_file: is missing"),
            ("secret = \"s\"", "secret = \"\"", "mqtt.secret: is empty"),
            ("secret = \"s\"", "secret_file = \"/no/such\"", "mqtt.secret_file: cannot read /no/such"),
            ("secret = \"s\"", "secret = \"s\"\nsecret_file = \"x\"", "mqtt.secret: give either"),
            ("secret = \"s\"", "secret = \"s\"\nca_file = \"x\"", "mqtt.ca_file: is for mqtts://"),
            ("mqtt://127.0.0.1:1883\"", "mqtts://h\"\nca_file = \"/no/such\"", "mqtt.ca_file: /no/such"),
            (
                "mqtt://127.0.0.1:1883\"",
                "mqtts://h\"\ncertificate_file = \"/no/such\"\nkey_file = \"/no/such\"",
                "mqtt.certificate_file: /no/such",
            ),
            ("mqtt://127.0.0.1:1883\"", "mqtts://h\"\nkey_file = \"x\"", "mqtt.certificate_file: is missing"),
            ("http://[::1]:8080", "8080", "center.url: relative URL"),
            ("8080\"", "8080\"\nca_file = \"x\"", "center.ca_file: is for https://"),
            ("http://[::1]:8080\"", "https://h\"\nca_file = \"/no/such\"", "center.ca_file: /no/such"),
            ("1073741824", "\"1 GB\"", "outbox.max_bytes: invalid type"),
            ("1073741824", "5", "outbox.max_bytes: wanted at least"),
            ("threads = 2", "threads = 0", "detector.threads: wanted 1 to 64"),
            ("threads = 2", "thread = 2", "detector.thread: is not a key"),
            ("picture_every_s = 1", "picture_every_s = nan", "detector.picture_every_s: wanted 0.2 to 3600"),
            ("[detector]", "[source]\nstall_after_s = 0\n[detector]", "source.stall_after_s: wanted 0.5"),
            ("[detector]", "[detectors]", "detectors: is not a key"),
            ("name = \"North\"", "name = \"\"", "camera[north].name: wanted 1 to 200"),
            ("name = \"North\"", "name = \"N\"\nspeed = 1", "camera[north]: unknown field `speed`"),
            ("rtsp://127.0.0.1/north", "http://a", "camera[north].url: wanted rtsp"),
            ("rtsp://127.0.0.1/north", "v4l2://video0", "camera[north].url: address"),
            ("[mqtt]", "[mqtt", "line 4: "),
        ];
        for (from, to, wanted) in table {
            let mistakes = mistakes_of(&GOOD.replacen(from, to, 1));
            let told = mistakes.iter().any(|mistake| mistake.starts_with(wanted));
            assert!(told, "{to}: {mistakes:?} should say {wanted:?}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let bad =
            GOOD.replace("edge =", "egde =").replace("threads = 2", "threads = 0").replace("rtsp:", "ftp:");
        assert_eq!(mistakes_of(&bad).len(), 4, "{:?}", mistakes_of(&bad));
    }

    #[test]
    fn a_mistake_names_its_file() {
        let error = EdgeSettings::load(Path::new("/no/such/edge.toml")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such/edge.toml: (file): cannot be read"), "{error}");
    }
}
