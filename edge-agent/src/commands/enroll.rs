//! `edge-agent enroll`: exchanges a claim code for the edge's credential, and writes it where the settings want it.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for the center's answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to exchange where.
#[derive(Debug, clap::Args)]
pub struct EnrollArgs {
    /// The center, such as `https://center.example`.
    #[arg(long, value_name = "URL")]
    center: String,
    /// The code, as an administrator got it for this edge.
    #[arg(long)]
    code: String,
    /// The edge's settings: `mqtt.secret_file` says where the credential goes.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(serde::Deserialize)]
struct Settings {
    edge: String,
    mqtt: Mqtt,
}

#[derive(serde::Deserialize)]
struct Mqtt {
    secret_file: PathBuf,
}

#[derive(serde::Deserialize)]
struct Credential {
    edge: String,
    secret: String,
}

/// Exchanges the code. The credential is told once, so that it can be written is made sure before.
///
/// # Errors
/// When the settings or the center cannot be used, the code is refused, or it is another edge's.
pub async fn enroll(args: &EnrollArgs) -> anyhow::Result<String> {
    use anyhow::Context as _;
    let name = args.config.display();
    let text = std::fs::read_to_string(&args.config).with_context(|| name.to_string())?;
    let settings: Settings =
        toml::from_str(&text).with_context(|| format!("{name}: `edge` and `mqtt.secret_file` are needed"))?;
    let file = &settings.mqtt.secret_file;
    let unfinished = file.with_extension("new");
    let mut writer = create(&unfinished).with_context(|| format!("{}", unfinished.display()))?;
    let credential = exchange(args).await.inspect_err(|_| drop(std::fs::remove_file(&unfinished)))?;
    writeln!(writer, "{}", credential.secret)?;
    writer.sync_all()?;
    std::fs::rename(&unfinished, file).with_context(|| format!("{}", file.display()))?;
    anyhow::ensure!(
        credential.edge == settings.edge,
        "{name}: edge: the code was for `{}`, whose credential is now in {}",
        credential.edge,
        file.display()
    );
    Ok(format!("{} is enrolled; its credential is in {}", credential.edge, file.display()))
}

/// A new file that only we read.
fn create(path: &Path) -> std::io::Result<std::fs::File> {
    let _ = std::fs::remove_file(path);
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

async fn exchange(args: &EnrollArgs) -> anyhow::Result<Credential> {
    let mut url: url::Url = args.center.parse()?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "{url}: wanted http:// or https://");
    url.set_path("/api/v1/enroll");
    let http =
        reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = http.post(url).json(&serde_json::json!({ "code": args.code })).send().await?;
    let status = answer.status();
    if !status.is_success() {
        let problem: serde_json::Value = answer.json().await.unwrap_or_default();
        anyhow::bail!("the center says {status}: {}", problem["detail"].as_str().unwrap_or("no reason"));
    }
    Ok(answer.json().await?)
}
