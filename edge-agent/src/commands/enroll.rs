//! `edge-agent enroll`: exchanges a claim code for the edge's credential, or renews its certificate, and writes what it
//! gets where the settings want it.

use crate::config::EdgeSettings;
use crate::credential::{self, Given, Renewal, client};
use crate::files::{beside, create, replace, write_beside};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What to exchange where.
#[derive(Debug, clap::Args)]
pub struct EnrollArgs {
    /// The center, such as `https://center.example`; `center.url` of the settings if not given.
    #[arg(long, value_name = "URL")]
    center: Option<String>,
    /// The code, as an administrator got it for this edge.
    #[arg(long, required_unless_present = "renew", conflicts_with = "renew")]
    code: Option<String>,
    /// Get another certificate with the credential that the edge has; a running agent does so by itself in time.
    #[arg(long, conflicts_with = "center")]
    renew: bool,
    /// The authorities to trust for the center, PEM; `center.ca_file` of the settings if not given.
    #[arg(long, value_name = "FILE", conflicts_with = "renew")]
    ca: Option<PathBuf>,
    /// The edge's settings: `mqtt.secret_file`, `certificate_file`, `key_file` and `ca_file` say where what it gets goes.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(serde::Deserialize)]
struct Settings {
    edge: String,
    mqtt: Mqtt,
    center: Option<Center>,
}

#[derive(serde::Deserialize)]
struct Mqtt {
    secret_file: PathBuf,
    certificate_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
struct Center {
    url: Option<String>,
    ca_file: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
struct Credential {
    edge: String,
    secret: String,
    certificate: Option<Given>,
}

/// Exchanges the code, or renews the certificate.
///
/// # Errors
/// When the settings or the center cannot be used, the code is refused, or it is another edge's.
pub async fn enroll(args: &EnrollArgs) -> anyhow::Result<String> {
    let name = args.config.display();
    let text = std::fs::read_to_string(&args.config).with_context(|| name.to_string())?;
    let Some(code) = &args.code else { return renew(&args.config).await };
    let settings: Settings =
        toml::from_str(&text).with_context(|| format!("{name}: `edge` and `mqtt.secret_file` are needed"))?;
    claim(args, code, &settings).await.map_err(|error| error.context(name.to_string()))
}

async fn renew(file: &Path) -> anyhow::Result<String> {
    let settings = EdgeSettings::load(file)?;
    let own = settings.mqtt_tls.own.clone();
    let own = own.with_context(|| format!("{}: mqtt.certificate_file: is missing", file.display()))?;
    let certificate = own.certificate.display().to_string();
    let renewal = Renewal {
        center_url: settings.center_url,
        center_ca: settings.center_ca,
        edge: settings.edge,
        secret: settings.secret,
        own,
    };
    let until = credential::renew(&renewal).await?.format("%Y-%m-%d");
    Ok(format!("{certificate} is good until {until}; a running agent shows it from its next connection on"))
}

/// The credential is told once, so that it can be written is made sure before.
async fn claim(args: &EnrollArgs, code: &str, settings: &Settings) -> anyhow::Result<String> {
    let mqtt = &settings.mqtt;
    let file = &mqtt.secret_file;
    let own = match (&mqtt.certificate_file, &mqtt.key_file) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => anyhow::bail!("mqtt.certificate_file and mqtt.key_file belong together"),
    };
    let unfinished = beside(file);
    let mut writer = create(&unfinished, 0o600).with_context(|| unfinished.display().to_string())?;
    let key = own.map(|_| credential::new_key(&settings.edge)).transpose()?;
    if let (Some((certificate, path)), Some((key, _))) = (own, &key) {
        write_beside(path, key.as_bytes(), 0o600).with_context(|| beside(path).display().to_string())?;
        create(&beside(certificate), 0o644).with_context(|| certificate.display().to_string())?;
    }
    let credential = exchange(args, code, settings, key.map(|(_, csr)| csr)).await;
    let credential = credential.inspect_err(|_| {
        let made = [Some(file), own.map(|own| own.0), own.map(|own| own.1)];
        made.into_iter().flatten().for_each(|path| drop(std::fs::remove_file(beside(path))));
    })?;
    writeln!(writer, "{}", credential.secret)?;
    writer.sync_all()?;
    std::fs::rename(&unfinished, file).with_context(|| file.display().to_string())?;
    let mut told = format!("its credential is in {}", file.display());
    if let Some((certificate, key)) = own {
        let given = credential.certificate.with_context(|| {
            format!(
                "the center gives no certificates: switch on [mqtt.tls] there, or remove certificate_file here; {told}"
            )
        })?;
        std::fs::rename(beside(key), key).with_context(|| key.display().to_string())?;
        let put = |path: &Path, pem: &str| {
            replace(path, pem.as_bytes(), 0o644).with_context(|| path.display().to_string())
        };
        put(certificate, &given.pem)?;
        // One that is there was put there by somebody, and may name the authority of a broker that is not the center's own.
        if let Some(ca) = mqtt.ca_file.as_ref().filter(|path| !path.exists()) {
            put(ca, &given.ca)?;
        }
        let until = given.expires_at.format("%Y-%m-%d");
        told += &format!(", its certificate, good until {until}, in {}", certificate.display());
    }
    anyhow::ensure!(credential.edge == settings.edge, "edge: the code was for `{}`; {told}", credential.edge);
    Ok(format!("{} is enrolled; {told}", credential.edge))
}

async fn exchange(
    args: &EnrollArgs,
    code: &str,
    settings: &Settings,
    csr: Option<String>,
) -> anyhow::Result<Credential> {
    let center = settings.center.as_ref();
    let url = args.center.as_deref().or_else(|| center?.url.as_deref());
    let mut url: url::Url = url.context("center.url: is missing; or give --center")?.parse()?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "{url}: wanted http:// or https://");
    url.set_path("/api/v1/enroll");
    // A file that the enrolment itself is to make is not there yet.
    let configured = center.and_then(|center| center.ca_file.as_ref()).filter(|path| path.exists());
    let http = client(args.ca.as_ref().or(configured).map(PathBuf::as_path))?;
    let mut body = serde_json::json!({ "code": code });
    if let Some(csr) = csr {
        body["csr"] = csr.into();
    }
    credential::ask(http.post(url).json(&body)).await
}
