//! A virtual edge as a process of its own, so that it can be killed with -9, and the words it exchanges with the
//! test that steers it: `upto N` goes in; `have N` (once, after opening) and `committed N` (after each commit) come out.

use crate::stack::process::program;
use crate::virtual_edge::{Options, VirtualEdge};
use anyhow::{Context, bail, ensure};
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;

/// A push has one event, or up to so many: each is a commit, so small ones keep an edge committing for longer.
const MOST_OF_A_PUSH: u64 = 7;
/// Longest that such a process lives, whatever its test forgets.
const LIFETIME: Duration = Duration::from_secs(3600);

/// What such a process makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Events alone.
    Events,
    /// With each event, in the same commit, the observation of the same number.
    Observations,
}

/// The process's side: makes events up to the number that its input names, until the input ends.
///
/// # Errors
/// When the outbox or the output fails.
pub async fn serve(options: Options, makes: Makes) -> anyhow::Result<()> {
    let mut edge = VirtualEdge::open(options)?;
    let mut out = tokio::io::stdout();
    say(&mut out, "have", edge.made()).await?;
    edge.connect()?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let work = async {
        while let Some(line) = lines.next_line().await? {
            let upto: u64 = line.strip_prefix("upto ").context("the input is `upto N`")?.trim().parse()?;
            while edge.made() < upto {
                let count = (1 + edge.made() % MOST_OF_A_PUSH).min(upto - edge.made());
                match makes {
                    Makes::Events => edge.push_events(count).await?,
                    Makes::Observations => edge.push_with_observations(count).await?,
                }
                say(&mut out, "committed", edge.made()).await?;
            }
        }
        anyhow::Ok(())
    };
    let done = tokio::time::timeout(LIFETIME, work).await;
    edge.stop().await;
    done.context("the test forgot this process")?
}

async fn say(out: &mut tokio::io::Stdout, word: &str, number: u64) -> anyhow::Result<()> {
    out.write_all(format!("{word} {number}\n").as_bytes()).await?;
    Ok(out.flush().await?)
}

/// The test's side.
#[derive(Debug)]
pub struct Pilot {
    options: Options,
    makes: Makes,
    secret_file: PathBuf,
    child: Child,
    input: ChildStdin,
    committed: Arc<AtomicU64>,
    /// What the process had forgotten when it was started again.
    forgotten: Arc<OnceLock<String>>,
    reading: JoinHandle<()>,
    upto: u64,
}

impl Pilot {
    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(options: Options, makes: Makes) -> anyhow::Result<Pilot> {
        std::fs::create_dir_all(&options.dir)?;
        let secret_file = options.dir.join("secret");
        std::fs::write(&secret_file, &options.secret)?;
        let (committed, forgotten) = (Arc::default(), Arc::default());
        let (child, input, reading) = launch((&options, makes), &secret_file, (&committed, &forgotten))?;
        Ok(Pilot { options, makes, secret_file, child, input, committed, forgotten, reading, upto: 0 })
    }

    /// The edge's id.
    #[must_use]
    pub fn edge(&self) -> &str {
        self.options.edge.as_str()
    }

    /// The highest number whose commit the process reported, over all its lives.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.committed.load(Ordering::SeqCst)
    }

    /// Events that it may make and whose commit it has not reported.
    #[must_use]
    pub fn uncommitted(&self) -> u64 {
        self.upto.saturating_sub(self.committed())
    }

    /// The number up to which it may make events.
    #[must_use]
    pub fn released(&self) -> u64 {
        self.upto
    }

    /// Lets the process make events up to a number.
    ///
    /// # Errors
    /// When the process has ended by itself, or has forgotten what it had reported as committed.
    pub async fn upto(&mut self, number: u64) -> anyhow::Result<()> {
        self.remembers()?;
        self.upto = number;
        let told = self.input.write_all(format!("upto {number}\n").as_bytes()).await;
        told.with_context(|| {
            format!("virtual edge {} ended by itself; see {}", self.edge(), self.log().display())
        })
    }

    /// Kills the process with -9 and starts it again on the same outbox.
    ///
    /// # Errors
    /// When it cannot be started, or had ended by itself.
    pub async fn kill9_and_start(&mut self) -> anyhow::Result<()> {
        self.end().await?;
        // All that it had reported is read before its next life says what it has.
        (&mut self.reading).await?;
        let heard = (&self.committed, &self.forgotten);
        let (child, input, reading) = launch((&self.options, self.makes), &self.secret_file, heard)?;
        (self.child, self.input, self.reading) = (child, input, reading);
        let upto = self.upto;
        self.upto(upto).await
    }

    /// Kills the process with -9; answers with the highest number whose commit it had reported.
    ///
    /// # Errors
    /// When it had ended by itself.
    pub async fn kill9(mut self) -> anyhow::Result<u64> {
        self.end().await?;
        (&mut self.reading).await?;
        Ok(self.committed())
    }

    fn remembers(&self) -> anyhow::Result<()> {
        self.forgotten.get().map_or(Ok(()), |what| bail!("virtual edge {}: {what}", self.edge()))
    }

    async fn end(&mut self) -> anyhow::Result<()> {
        self.remembers()?;
        ensure!(
            self.child.try_wait()?.is_none(),
            "{} ended by itself; see {}",
            self.edge(),
            self.log().display()
        );
        Ok(self.child.kill().await?)
    }

    /// Ends the process politely.
    ///
    /// # Errors
    /// When it fails, does not end, or has forgotten what it had reported as committed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.remembers()?;
        let Pilot { options, mut child, input, .. } = self;
        drop(input);
        let status = tokio::time::timeout(Duration::from_secs(20), child.wait()).await;
        let status = status.context("a virtual edge did not end within 20 s of its input's end")??;
        ensure!(status.success(), "virtual edge {}: {status}", options.edge);
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.options.dir.join("log")
    }
}

fn launch(
    (options, makes): (&Options, Makes),
    secret_file: &std::path::Path,
    (committed, forgotten): (&Arc<AtomicU64>, &Arc<OnceLock<String>>),
) -> anyhow::Result<(Child, ChildStdin, JoinHandle<()>)> {
    let log = File::options().create(true).append(true).open(options.dir.join("log"))?;
    let mut command = Command::new(program("virtual-edge")?);
    if makes == Makes::Observations {
        command.arg("--observations");
    }
    let mut child = command
        .arg(options.edge.as_str())
        .args(["--url", &options.url])
        .arg("--secret-file")
        .arg(secret_file)
        .arg("--dir")
        .arg(&options.dir)
        .args(["--max-bytes", &options.max_bytes.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .context("starting a virtual edge")?;
    let input = child.stdin.take().context("the input was asked for")?;
    let output = child.stdout.take().context("the output was asked for")?;
    let (committed, forgotten) = (Arc::clone(committed), Arc::clone(forgotten));
    let least = committed.load(Ordering::SeqCst);
    let reading = tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Some((word, number)) = heard(&line) else { continue };
            committed.fetch_max(number, Ordering::SeqCst);
            if word == "have" && number < least {
                let _ =
                    forgotten.set(format!("it has {number} events, and had reported {least} as committed"));
            }
        }
    });
    Ok((child, input, reading))
}

/// A line of the process: `have` or `committed`, and a number.
fn heard(line: &str) -> Option<(&str, u64)> {
    let (word, number) = line.split_once(' ')?;
    Some((word, number.parse().ok()?))
}
