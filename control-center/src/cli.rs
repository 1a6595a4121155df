//! The command line: what can be asked, and the exit code of each way to fail.

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use control_center::access::AreaScope;
use control_center::access::areas::EVERYWHERE;
use control_center::access::chain::{self, Checkpoint};
use control_center::access::passwords;
use control_center::access::users::{self, NewUser, Role};
use control_center::app::{self, Database};
use control_center::certificates;
use control_center::city::{self, CityFile};
use control_center::clock;
use control_center::config::CenterConfig;
use ngatu_protocol::EdgeId;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// A configuration, city file or argument that cannot be used (`EX_USAGE`).
const EXIT_USAGE: u8 = 64;

/// The control center of Ngã Tư.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct ConfigArg {
    /// The center's settings.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Run until SIGTERM or SIGINT.
    Run(ConfigArg),
    /// Check the settings and start nothing.
    Check(ConfigArg),
    /// Bring the database's schema up to date.
    Migrate(ConfigArg),
    /// Take a city file: edges, cameras, zones, rules.
    Import {
        #[command(flatten)]
        config: ConfigArg,
        /// The city file.
        city: PathBuf,
    },
    /// Print the city as a city file.
    Export(ConfigArg),
    /// People.
    #[command(subcommand)]
    User(UserCommand),
    /// Devices.
    #[command(subcommand)]
    Edge(EdgeCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a person; prints a random password when none is given.
    Add {
        #[command(flatten)]
        config: ConfigArg,
        /// The name to sign in with.
        #[arg(long)]
        name: String,
        /// The name to show.
        #[arg(long, default_value = "")]
        full_name: String,
        /// viewer, operator, supervisor, unit or admin.
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// An area that they see, or `*` for the whole city; repeat it for more.
        #[arg(long = "area", value_name = "AREA", default_value = EVERYWHERE)]
        areas: Vec<String>,
        /// A file whose first line is the password.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum EdgeCommand {
    /// Give an edge a new secret and print it, this once.
    Enroll {
        #[command(flatten)]
        config: ConfigArg,
        /// The edge's id.
        edge: EdgeId,
        /// What people call it.
        #[arg(long)]
        name: Option<String>,
        /// With [mqtt.tls]: the edge's certificate signing request as PEM, so that its key never leaves it.
        #[arg(long, value_name = "FILE")]
        csr: Option<PathBuf>,
        /// With [mqtt.tls]: where certificate, authority and, without --csr, the key go; `enrolled/EDGE` in data_dir if not given.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Verify the chain of hashes; names the first bad row.
    Verify {
        #[command(flatten)]
        config: ConfigArg,
        /// The end of the chain as an earlier verification printed it; repeat it for more.
        #[arg(long = "expect", value_name = "ROW:HASH")]
        expected: Vec<Checkpoint>,
    },
}

fn parse_role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| "wanted viewer, operator, supervisor, unit or admin".to_owned())
}

/// What went wrong, with its exit code.
struct Failed(u8, anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed(1, error.into())
    }
}

fn usage(error: impl Into<anyhow::Error>) -> Failed {
    Failed(EXIT_USAGE, error.into())
}

/// Parses, runs, and turns the outcome into an exit code.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { EXIT_USAGE } else { 0 });
        }
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx::postgres::notice=warn"));
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .init();
    // A few workers more than cores: decoding a large payload must not hold up a browser's frame.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(code, error)) => {
            #[allow(clippy::print_stderr, reason = "the last word of a command line program")]
            {
                eprintln!("control-center: {}", in_full(&error));
            }
            ExitCode::from(code)
        }
    }
}

/// The error with its causes, each said once: many repeat their cause in their own words.
fn in_full(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        before if before.contains(&cause) => said,
        before => format!("{before}: {cause}"),
    })
}

#[allow(clippy::print_stdout, reason = "a command line program answers on its standard output")]
fn say(text: impl std::fmt::Display) {
    println!("{text}");
}

fn load(config: &ConfigArg) -> Result<CenterConfig, Failed> {
    CenterConfig::load(&config.config).map_err(usage)
}

async fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::Run(config) => run_center(load(&config)?).await,
        Command::Check(config) => {
            load(&config)?;
            say("the settings can be used");
            Ok(())
        }
        Command::Migrate(config) => {
            with_database(&load(&config)?, async |database| {
                database.migrate().await?;
                say("the schema is up to date");
                Ok(())
            })
            .await
        }
        Command::Import { config, city } => import(&load(&config)?, &city).await,
        Command::Export(config) => {
            with_database(&load(&config)?, async |database| {
                let city = city::export(database.pool()).await?;
                say(toml::to_string(&city)?);
                Ok(())
            })
            .await
        }
        Command::User(UserCommand::Add { config, name, full_name, role, areas, password_file }) => {
            let (password, given) = read_password(password_file)?;
            let areas = AreaScope::of(areas);
            let user = NewUser { name, full_name, role, areas, password: password.clone() };
            with_database(&load(&config)?, async move |database| {
                users::add(database.pool(), user, clock::now()).await?;
                if !given {
                    say(password);
                }
                Ok(())
            })
            .await
        }
        Command::Edge(EdgeCommand::Enroll { config, edge, name, csr, out }) => {
            let config = load(&config)?;
            if !config.mqtt.gives_certificates() {
                if csr.is_some() || out.is_some() {
                    return Err(usage(anyhow::anyhow!(
                        "--csr and --out are for certificates: switch on [mqtt.tls], or mqtt.give_certificates with mqtt.url"
                    )));
                }
                return with_database(&config, async |database| {
                    say(city::enroll(database.pool(), &edge, name.as_deref(), clock::now()).await?);
                    Ok(())
                })
                .await;
            }
            enroll_with_certificate(&config, (&edge, name.as_deref()), (csr, out)).await
        }
        Command::Audit(AuditCommand::Verify { config, expected }) => {
            let config = load(&config)?;
            let mut known = chain::noted(&config.data_dir)?;
            known.extend(expected);
            with_database(&config, async |database| {
                let end = chain::verify(database.pool(), &known).await?;
                say(format_args!("{} rows, unbroken; keep this elsewhere: {end}", end.id));
                Ok(())
            })
            .await
        }
    }
}

async fn run_center(config: CenterConfig) -> Result<(), Failed> {
    let shutdown = CancellationToken::new();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let told = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        told.cancel();
    });
    app::run(config, shutdown).await.map_err(Failed::from)
}

async fn import(config: &CenterConfig, path: &PathBuf) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string()).map_err(usage)?;
    let city = CityFile::parse(&text).with_context(|| path.display().to_string()).map_err(usage)?;
    with_database(config, async |database| {
        let done = city::import(database.pool(), &city, clock::now()).await?;
        say(format_args!("{} edges, {} cameras, {} changed", done.edges, done.cameras, done.changed));
        Ok(())
    })
    .await
}

/// The secret goes to the standard output as without certificates, the files to a folder.
async fn enroll_with_certificate(
    config: &CenterConfig,
    (edge, name): (&EdgeId, Option<&str>),
    (csr, out): (Option<PathBuf>, Option<PathBuf>),
) -> Result<(), Failed> {
    let read = |path: PathBuf| std::fs::read_to_string(&path).with_context(|| path.display().to_string());
    let csr = csr.map(read).transpose().map_err(usage)?;
    let out = out.unwrap_or_else(|| config.data_dir.join("enrolled").join(edge.as_str()));
    let authority = app::open_authority(config)?.context("certificates are switched on")?;
    // Made first: what cannot be written down must not be given.
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    with_database(config, async |database| {
        let asked = (edge, name, csr.as_deref());
        let enrolled =
            city::enroll_with_certificate(database.pool(), &authority, asked, clock::now()).await?;
        certificates::write_out(&out, edge, &authority, &enrolled)?;
        say(enrolled.secret);
        Ok(())
    })
    .await?;
    #[allow(clippy::print_stderr, reason = "the standard output is for the secret")]
    {
        eprintln!("the files for {edge} are in {}", out.display());
    }
    Ok(())
}

fn read_password(file: Option<PathBuf>) -> Result<(String, bool), Failed> {
    let Some(file) = file else { return Ok((passwords::random(), false)) };
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string()).map_err(usage)?;
    Ok((text.lines().next().unwrap_or_default().to_owned(), true))
}

async fn with_database(
    config: &CenterConfig,
    work: impl AsyncFnOnce(&Database) -> anyhow::Result<()>,
) -> Result<(), Failed> {
    let (database, lock) = Database::open_beside(config).await?;
    let done = work(&database).await;
    database.close().await;
    drop(lock);
    done.map_err(Failed::from)
}
