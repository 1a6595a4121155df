//! `make demo`: a city of three cameras on this machine, until Ctrl-C or for `DEMO_SECONDS`.

#![allow(clippy::print_stdout, reason = "a program for people")]

use anyhow::{Context, bail};
use ngatu_tests::demo::{Demo, Watched, free_port, wrong};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    println!("demo: {line}");
}

fn number<T: std::str::FromStr>(name: &str) -> anyhow::Result<Option<T>> {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => {
            let number =
                text.parse().ok().with_context(|| format!("{name}={text} is not a usable number"))?;
            Ok(Some(number))
        }
        _ => Ok(None),
    }
}

async fn run() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::ERROR).init();
    let port = number("HTTP_PORT")?.unwrap_or(8080);
    let seconds = number::<u64>("DEMO_SECONDS")?;
    free_port(port)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut demo = tokio::select! {
        demo = Demo::start(port, say) => demo?,
        _ = tokio::signal::ctrl_c() => bail!("ended before it began"),
        _ = terminate.recv() => bail!("ended before it began"),
    };
    let until = seconds.map_or("until Ctrl-C".to_owned(), |s| format!("until {s} s after the start"));
    let (url, password) = (demo.url(), demo.password.clone());
    println!(
        "\n  ┌──────────────────────────────────────────────\n  │  Ngã Tư   {url}\n  │  name      operator\n  │  password  {password}\n  \
         │  running   {until}\n  └──────────────────────────────────────────────\n"
    );
    say(&format!("three cameras are watched {:.1} s after the start", demo.age_s()));
    let mut watched = Watched::default();
    let ended = tokio::select! {
        ended = demo.watch(seconds, &mut watched, say) => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    ended?;
    say("stopping the cameras, sending what is left, counting …");
    let account = demo.settle().await?;
    let wrong = wrong(&watched, &account, seconds.is_some());
    for problem in &wrong {
        eprintln!("demo: {problem}");
    }
    println!("{}", account.last_line());
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("; ")) }
}
