//! `center.toml`: process settings, read once and checked before anything starts.

use crate::access::{oidc, sessions};
use crate::database::retention::Retention;
use crate::http::tls::{self, TlsConfig};
use chrono::TimeDelta;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// Why a configuration cannot be used: which file, which key, and what is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A value that cannot be used.
    #[error("{path}: {key}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The key, such as `mqtt.url`.
        key: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// The checked settings.
#[derive(Debug, Clone)]
pub struct CenterConfig {
    /// Where everything is kept, absolute.
    pub data_dir: PathBuf,
    /// The HTTP listeners.
    pub http: HttpConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The broker.
    pub mqtt: MqttConfig,
    /// How units are reached.
    pub dispatch: DispatchConfig,
    /// How long sessions last.
    pub sessions: sessions::Limits,
    /// How long what is stored is kept.
    pub retention: Retention,
    /// Where people may sign in besides.
    pub oidc: Option<oidc::Settings>,
}

/// `[dispatch]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DispatchConfig {
    /// Where units reach this center, such as `https://center.example.vn`; without it links lead to the first HTTP listener.
    pub public_url: Option<String>,
    /// Who speaks in the Common Alerting Protocol: an identifier without spaces, commas, `<` and `&`; `ngatu` by default.
    pub sender: Option<String>,
    /// What people call the sender; `Ngã Tư` by default.
    pub sender_name: Option<String>,
    /// Networks that webhooks may call although they are private, such as `10.20.0.0/16`.
    pub allow_networks: Vec<String>,
    /// How mails go out; without it no mail is sent.
    pub mail: Option<MailConfig>,
}

/// `[dispatch.mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtp://HOST:PORT`, `smtp://HOST:PORT?tls=required` or `smtps://USER:PASSWORD@HOST`.
    pub smtp: String,
    /// Who writes: an address, or a name and an address in angle brackets.
    pub from: String,
}

impl DispatchConfig {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(url) = &self.public_url {
            let is_good = Url::parse(url).is_ok_and(|url| {
                ["http", "https"].contains(&url.scheme()) && url.path() == "/" && url.query().is_none()
            });
            if !is_good || url.ends_with('/') {
                return Err(("dispatch.public_url", "wanted https://HOST without a path".into()));
            }
        }
        if self.sender.as_deref().is_some_and(|sender| !crate::dispatch::cap::is_name(sender)) {
            return Err(("dispatch.sender", "wanted an identifier without spaces, commas, < and &".into()));
        }
        crate::dispatch::guard::Allowed::parse(self.allow_networks.iter().map(String::as_str))
            .map_err(|error| ("dispatch.allow_networks", error.to_string()))?;
        if let Some(mail) = &self.mail {
            mail.from
                .parse::<lettre::message::Mailbox>()
                .map_err(|error| ("dispatch.mail.from", format!("`{}`: {error}", mail.from)))?;
            if !["smtp://", "smtps://"].iter().any(|scheme| mail.smtp.starts_with(scheme)) {
                return Err((
                    "dispatch.mail.smtp",
                    "wanted smtp://HOST:PORT or smtps://USER:PASSWORD@HOST".into(),
                ));
            }
        }
        Ok(())
    }
}

/// `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Addresses to listen on; port 0 picks a free one.
    pub listen: Vec<String>,
    /// Plain HTTP on an address that is not loopback.
    pub insecure: bool,
    /// TLS on every listener; without it plain HTTP.
    pub tls: Option<TlsConfig>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig { listen: vec!["127.0.0.1:8080".into(), "[::1]:8080".into()], insecure: false, tls: None }
    }
}

/// `[database]`.
#[derive(Debug, Clone)]
pub enum DatabaseConfig {
    /// A PostgreSQL of our own under `data_dir`.
    Private,
    /// An existing one.
    Url {
        /// As whom the center works.
        url: Url,
        /// As whom the schema is made and changed; none: as the same.
        owner_url: Option<Url>,
        /// Whether to refuse to start when the working role could change audit rows.
        protect_audit: bool,
    },
}

/// `[mqtt]`.
#[derive(Debug, Clone)]
pub enum MqttConfig {
    /// A Mosquitto of our own.
    Private {
        /// Where edges reach it; port 0 picks a free one and keeps it.
        listen: SocketAddr,
        /// Where edges with a certificate reach it; without it there are no certificates.
        tls: Option<MqttTls>,
    },
    /// An existing MQTT 5 broker.
    Url {
        /// `mqtt://` or `mqtts://`.
        url: Url,
        /// The center's user name there.
        username: Option<String>,
        /// And its password.
        password: Option<String>,
        /// The certificates of the authorities to trust, PEM; without it those that the system trusts.
        ca: Option<PathBuf>,
        /// What the center shows there: its certificate and the key, PEM.
        own: Option<(PathBuf, PathBuf)>,
        /// Edges show certificates of the center's own authority there.
        gives_certificates: bool,
    },
}

impl MqttConfig {
    /// Whether edges get certificates of the center's own authority.
    #[must_use]
    pub fn gives_certificates(&self) -> bool {
        match self {
            MqttConfig::Private { tls, .. } => tls.is_some(),
            MqttConfig::Url { gives_certificates, .. } => *gives_certificates,
        }
    }
}

/// `[mqtt.tls]`.
#[derive(Debug, Clone)]
pub struct MqttTls {
    /// Where edges with a certificate reach the broker; port 0 picks a free one and keeps it.
    pub listen: SocketAddr,
    /// The names and addresses by which edges call the center.
    pub names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    data_dir: PathBuf,
    #[serde(default)]
    http: HttpConfig,
    #[serde(default)]
    database: RawDatabase,
    #[serde(default)]
    mqtt: RawMqtt,
    #[serde(default)]
    dispatch: DispatchConfig,
    #[serde(default)]
    sessions: RawSessions,
    #[serde(default)]
    retention: RawRetention,
    oidc: Option<oidc::settings::Raw>,
}

/// Signed, so that a negative number is refused with the range and not as one that cannot be read.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRetention {
    events_days: Option<i64>,
    observations_days: Option<i64>,
    tracks_days: Option<i64>,
    health_days: Option<i64>,
    evidence_days: Option<i64>,
}

impl RawRetention {
    fn check(&self) -> Result<Retention, (&'static str, String)> {
        let mut retention = Retention::default();
        let kinds = [
            ("retention.events_days", self.events_days, &mut retention.events_days),
            ("retention.observations_days", self.observations_days, &mut retention.observations_days),
            ("retention.tracks_days", self.tracks_days, &mut retention.tracks_days),
            ("retention.health_days", self.health_days, &mut retention.health_days),
            ("retention.evidence_days", self.evidence_days, &mut retention.evidence_days),
        ];
        for (key, days, kept) in kinds {
            let Some(days) = days else { continue };
            // An outbox can be a week behind; and beyond ten years it is a slip of the keyboard.
            *kept = u16::try_from(days)
                .ok()
                .filter(|days| (7..=3650).contains(days))
                .ok_or_else(|| (key, format!("{days}: wanted 7 to 3650 days")))?;
        }
        Ok(retention)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSessions {
    idle_minutes: Option<u32>,
    absolute_hours: Option<u32>,
}

impl RawSessions {
    fn check(&self) -> Result<sessions::Limits, (&'static str, String)> {
        let mut limits = sessions::Limits::default();
        if let Some(minutes) = self.idle_minutes {
            if !(5..=7 * 24 * 60).contains(&minutes) {
                return Err(("sessions.idle_minutes", "wanted 5 to 10080".into()));
            }
            limits.idle = TimeDelta::minutes(minutes.into());
        }
        if let Some(hours) = self.absolute_hours {
            if !(1..=30 * 24).contains(&hours) {
                return Err(("sessions.absolute_hours", "wanted 1 to 720".into()));
            }
            limits.absolute = TimeDelta::hours(hours.into());
        }
        Ok(limits)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDatabase {
    url: Option<String>,
    owner_url: Option<String>,
    #[serde(default)]
    protect_audit: bool,
}

impl RawDatabase {
    fn check(self) -> Result<DatabaseConfig, (&'static str, String)> {
        let parse = |key, text: String| match Url::parse(&text) {
            Ok(url) if ["postgres", "postgresql"].contains(&url.scheme()) => Ok(url),
            _ => Err((key, "wanted postgres://USER@HOST/DATABASE".to_owned())),
        };
        let Some(url) = self.url else {
            return match self.owner_url {
                Some(_) => Err(("database.owner_url", "belongs to database.url, which is not set".into())),
                // The private one always keeps the two roles apart.
                None => Ok(DatabaseConfig::Private),
            };
        };
        let url = parse("database.url", url)?;
        let owner_url = self.owner_url.map(|url| parse("database.owner_url", url)).transpose()?;
        if owner_url.as_ref().is_some_and(|owner| owner.username() == url.username()) {
            return Err(("database.owner_url", "names the same role as database.url".into()));
        }
        Ok(DatabaseConfig::Url { url, owner_url, protect_audit: self.protect_audit })
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMqtt {
    url: Option<String>,
    username: Option<String>,
    password: Option<String>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    #[serde(default)]
    give_certificates: bool,
    listen: Option<String>,
    tls: Option<RawMqttTls>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMqttTls {
    #[serde(default = "default_mqtts")]
    listen: String,
    names: Vec<String>,
}

fn default_mqtts() -> String {
    "127.0.0.1:8883".into()
}

impl CenterConfig {
    /// Reads and checks a file. A relative `data_dir` counts from the working directory.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, the key and the reason.
    pub fn load(path: &Path) -> Result<CenterConfig, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.into(), source })?;
        Self::parse(path, &text)
    }

    /// Checks a file's text; `path` is for the messages.
    ///
    /// # Errors
    /// As [`CenterConfig::load`].
    pub fn parse(path: &Path, text: &str) -> Result<CenterConfig, ConfigError> {
        let value = |key, reason: String| ConfigError::Value { path: path.into(), key, reason };
        let raw: Raw = toml::from_str(text)
            .map_err(|source| ConfigError::Parse { path: path.into(), source: Box::new(source) })?;
        if raw.data_dir.as_os_str().is_empty() {
            return Err(value("data_dir", "wanted a folder".into()));
        }
        let data_dir =
            std::path::absolute(&raw.data_dir).map_err(|error| value("data_dir", error.to_string()))?;
        if raw.http.insecure && raw.http.tls.is_some() {
            return Err(value("http.insecure", "is for plain HTTP, but [http.tls] is switched on".into()));
        }
        crate::http::check_listen(&raw.http.listen, raw.http.insecure || raw.http.tls.is_some())
            .map_err(|error| value("http.listen", error.to_string()))?;
        if let Some(tls) = &raw.http.tls {
            tls::check(tls).map_err(|error| value("http.tls", error.to_string()))?;
        }
        let database = raw.database.check().map_err(|(key, reason)| value(key, reason))?;
        let mqtt = raw.mqtt.check().map_err(|(key, reason)| value(key, reason))?;
        raw.dispatch.check().map_err(|(key, reason)| value(key, reason))?;
        let sessions = raw.sessions.check().map_err(|(key, reason)| value(key, reason))?;
        let retention = raw.retention.check().map_err(|(key, reason)| value(key, reason))?;
        let oidc = raw.oidc.map(oidc::settings::Raw::check).transpose();
        let oidc = oidc.map_err(|(key, reason)| value(key, reason))?;
        Ok(CenterConfig {
            data_dir,
            http: raw.http,
            database,
            mqtt,
            dispatch: raw.dispatch,
            sessions,
            retention,
            oidc,
        })
    }
}

impl RawMqtt {
    fn check(self) -> Result<MqttConfig, (&'static str, String)> {
        let Some(url) = self.url else {
            if self.username.is_some() || self.password.is_some() {
                return Err(("mqtt.username", "belongs to mqtt.url, which is not set".into()));
            }
            let with_url = [
                ("mqtt.ca", self.ca.is_some()),
                ("mqtt.certificate", self.certificate.is_some()),
                ("mqtt.key", self.key.is_some()),
            ];
            if let Some((key, _)) = with_url.into_iter().find(|(_, is_set)| *is_set) {
                return Err((key, "belongs to mqtt.url, which is not set".into()));
            }
            if self.give_certificates {
                let reason = "belongs to mqtt.url, which is not set: switch on [mqtt.tls] instead";
                return Err(("mqtt.give_certificates", reason.into()));
            }
            let listen = address("mqtt.listen", self.listen.as_deref().unwrap_or("127.0.0.1:1883"))?;
            let tls = self.tls.map(RawMqttTls::check).transpose()?;
            return Ok(MqttConfig::Private { listen, tls });
        };
        if self.listen.is_some() {
            return Err(("mqtt.listen", "is of the private broker, but mqtt.url names another one".into()));
        }
        if self.tls.is_some() {
            return Err(("mqtt.tls", "is of the private broker, but mqtt.url names another one".into()));
        }
        let with_tls = [
            ("mqtt.ca", self.ca.is_some()),
            ("mqtt.certificate", self.certificate.is_some()),
            ("mqtt.give_certificates", self.give_certificates),
        ];
        let without = with_tls.into_iter().find(|(_, is_set)| *is_set && !url.starts_with("mqtts:"));
        if let Some((key, _)) = without {
            return Err((key, "is for mqtts://, but mqtt.url speaks no TLS".into()));
        }
        let own = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return Err(("mqtt.key", "is missing beside mqtt.certificate".into())),
            (None, Some(_)) => return Err(("mqtt.certificate", "is missing beside mqtt.key".into())),
        };
        match Url::parse(&url) {
            Ok(url) if ["mqtt", "mqtts"].contains(&url.scheme()) && url.host_str().is_some() => {
                Ok(MqttConfig::Url {
                    url,
                    username: self.username,
                    password: self.password,
                    ca: self.ca,
                    own,
                    gives_certificates: self.give_certificates,
                })
            }
            _ => Err(("mqtt.url", "wanted mqtt://HOST:PORT or mqtts://HOST:PORT".into())),
        }
    }
}

impl RawMqttTls {
    fn check(self) -> Result<MqttTls, (&'static str, String)> {
        tls::check_names(&self.names).map_err(|reason| ("mqtt.tls", reason))?;
        Ok(MqttTls { listen: address("mqtt.tls.listen", &self.listen)?, names: self.names })
    }
}

fn address(key: &'static str, text: &str) -> Result<SocketAddr, (&'static str, String)> {
    let wrong = |_| (key, format!("`{text}` is not an address like 127.0.0.1:1883 or [::1]:1883"));
    text.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CenterConfig, String> {
        CenterConfig::parse(Path::new("center.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_data_folder_must_be_named() {
        let config = parse("data_dir = \"/var/lib/ngatu\"").unwrap();
        assert!(matches!(config.database, DatabaseConfig::Private));
        assert!(matches!(config.mqtt, MqttConfig::Private { listen, tls: None } if listen.port() == 1883));
        assert_eq!(config.http.listen, ["127.0.0.1:8080", "[::1]:8080"]);
        assert_eq!(config.retention, Retention::default());
        let config = parse("data_dir = \"/x\"\n[retention]\ntracks_days = 7\nevidence_days = 30").unwrap();
        let wanted = Retention { tracks_days: 7, evidence_days: 30, ..Retention::default() };
        assert_eq!(config.retention, wanted);
    }

    #[test]
    fn each_mistake_is_named_with_file_key_and_reason() {
        let table = [
            ("", "data_dir"),
            ("data_dir = \"/x\"\nspeed = 1", "unknown field `speed`"),
            ("data_dir = \"/x\"\n[http]\nport = 1", "unknown field `port`"),
            ("data_dir = \"/x\"\n[http]\nlisten = [\"8080\"]", "http.listen: `8080` is not an address"),
            ("data_dir = \"/x\"\n[http]\nlisten = [\"0.0.0.0:80\"]", "http.insecure = true"),
            ("data_dir = \"/x\"\n[database]\nurl = \"mysql://h/d\"", "database.url: wanted postgres://"),
            (
                "data_dir = \"/x\"\n[database]\nowner_url = \"postgres://o@h/d\"",
                "database.owner_url: belongs to database.url",
            ),
            (
                "data_dir = \"/x\"\n[database]\nurl = \"postgres://o@h/d\"\nowner_url = \"postgres://o@h/d\"",
                "database.owner_url: names the same role",
            ),
            ("data_dir = \"/x\"\n[mqtt]\nurl = \"http://h\"", "mqtt.url: wanted mqtt://"),
            ("data_dir = \"/x\"\n[mqtt]\nlisten = \"1883\"", "mqtt.listen: `1883` is not an address"),
            (
                "data_dir = \"/x\"\n[dispatch]\npublic_url = \"center\"",
                "dispatch.public_url: wanted https://",
            ),
            ("data_dir = \"/x\"\n[dispatch]\nsender = \"a b\"", "dispatch.sender: wanted"),
            (
                "data_dir = \"/x\"\n[dispatch]\nallow_networks = [\"ten\"]",
                "dispatch.allow_networks: `ten` is no network",
            ),
            (
                "data_dir = \"/x\"\n[dispatch.mail]\nsmtp = \"h\"\nfrom = \"a@b.vn\"",
                "dispatch.mail.smtp: wanted",
            ),
            (
                "data_dir = \"/x\"\n[dispatch.mail]\nsmtp = \"smtp://h\"\nfrom = \"a\"",
                "dispatch.mail.from: `a`",
            ),
            ("data_dir = \"/x\"\n[sessions]\nidle_minutes = 1", "sessions.idle_minutes: wanted 5 to 10080"),
            ("data_dir = \"/x\"\n[sessions]\nabsolute_hours = 0", "sessions.absolute_hours: wanted 1 to 720"),
            (
                "data_dir = \"/x\"\n[retention]\ntracks_days = -1",
                "retention.tracks_days: -1: wanted 7 to 3650 days",
            ),
            ("data_dir = \"/x\"\n[retention]\nhealth_days = 0", "retention.health_days: 0: wanted 7"),
            (
                "data_dir = \"/x\"\n[retention]\nevidence_days = 4000000000",
                "retention.evidence_days: 4000000000",
            ),
            ("data_dir = \"/x\"\n[retention]\nevents_days = 1.5", "invalid type: floating point `1.5`"),
            ("data_dir = \"/x\"\n[retention]\nalerts_days = 30", "unknown field `alerts_days`"),
            ("data_dir = \"/x\"\n[mqtt]\nusername = \"a\"", "mqtt.username: belongs to mqtt.url"),
            (
                "data_dir = \"/x\"\n[oidc]\nissuer = \"http://id.example\"\nclient_id = \"c\"\nname = \"n\"",
                "oidc.issuer: wanted https://",
            ),
            ("data_dir = \"/x\"\n[mqtt]\nca = \"a\"", "mqtt.ca: belongs to mqtt.url"),
            ("data_dir = \"/x\"\n[mqtt]\nurl = \"mqtt://h\"\nca = \"a\"", "mqtt.ca: is for mqtts://"),
            (
                "data_dir = \"/x\"\n[mqtt]\nurl = \"mqtts://h\"\ncertificate = \"a\"",
                "mqtt.key: is missing beside mqtt.certificate",
            ),
            ("data_dir = \"/x\"\n[mqtt]\nkey = \"a\"", "mqtt.key: belongs to mqtt.url"),
            ("data_dir = \"/x\"\n[mqtt]\ngive_certificates = true", "switch on [mqtt.tls] instead"),
            (
                "data_dir = \"/x\"\n[mqtt]\nurl = \"mqtt://h\"\ngive_certificates = true",
                "mqtt.give_certificates: is for mqtts://",
            ),
            ("data_dir = \"/x\"\n[mqtt.tls]\nlisten = \"[::1]:0\"", "missing field `names`"),
            ("data_dir = \"/x\"\n[mqtt.tls]\nnames = []", "mqtt.tls: names: wanted at least one"),
            ("data_dir = \"/x\"\n[mqtt.tls]\nnames = [\"a b\"]", "`a b` is neither a name nor an address"),
            (
                "data_dir = \"/x\"\n[mqtt.tls]\nlisten = \"8883\"\nnames = [\"a\"]",
                "mqtt.tls.listen: `8883` is not",
            ),
            (
                "data_dir = \"/x\"\n[mqtt]\nurl = \"mqtt://h\"\n[mqtt.tls]\nnames = [\"a\"]",
                "mqtt.tls: is of the private broker",
            ),
            ("data_dir = \"/x\"\n[http.tls]", "wanted certificate and key, or names"),
            (
                "data_dir = \"/x\"\n[http.tls]\ncertificate = \"/no/such\"\nkey = \"/no/such\"",
                "http.tls.certificate: /no/such",
            ),
            (
                "data_dir = \"/x\"\n[http]\ninsecure = true\n[http.tls]\nnames = [\"a\"]",
                "http.insecure: is for plain HTTP",
            ),
        ];
        for (text, wanted) in table {
            let error = parse(text).unwrap_err();
            assert!(error.contains("center.toml") && error.contains(wanted), "{error} should say {wanted}");
        }
    }
}
