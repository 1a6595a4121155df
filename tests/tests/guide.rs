//! The guide for other systems is true: its shell lines run in their order against a real center, with a unit's receiver of
//! webhooks at the other end.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::faults;
use ngatu_tests::stack::outside::{Outside, Received};
use ngatu_tests::stack::process::repository;
use ngatu_tests::stack::{Center, StackDir};
use ngatu_tests::wait::{Seen, wait_for};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Events that the guide pages through.
const EVENTS: u64 = 250;
const DEADLINE: Duration = Duration::from_secs(60);

/// The blocks of shell in a document, in order.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match line {
            "```sh" => {
                blocks.push(String::new());
                is_inside = true;
            }
            "```" => is_inside = false,
            line if is_inside => {
                let block = blocks.last_mut().unwrap();
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// A shell that is given one block after the other and keeps its variables between them.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Shell {
    fn start(dir: &Path, variables: &[(&str, &str)]) -> Shell {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail"]).current_dir(dir).envs(variables.iter().copied());
        command.env("NO_PROXY", "*").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.stderr(std::fs::File::create(dir.join("stderr")).unwrap()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Shell { child, stdin, lines: BufReader::new(stdout).lines() }
    }

    /// Runs a block; the shell ends at the first line of it that fails.
    async fn run(&mut self, block: &str, dir: &Path) {
        let text = format!("{{\n{block}\n}} </dev/null\nprintf '\\n@@@\\n'\n");
        self.stdin.write_all(text.as_bytes()).await.unwrap();
        let mut said = String::new();
        loop {
            let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
            match line.expect("a block ends within a minute").unwrap() {
                Some(line) if line == "@@@" => return,
                Some(line) => said = format!("{said}{line}\n"),
                None => {
                    let status = self.child.wait().await.unwrap();
                    let errors = std::fs::read_to_string(dir.join("stderr")).unwrap();
                    panic!("{status} in\n{block}\n{said}\n{errors}");
                }
            }
        }
    }
}

async fn received(hook: &Outside<Received>) -> Received {
    wait_for("webhook", Duration::from_secs(60), async || {
        let first = hook.received().into_iter().next();
        Ok(Seen::when(first.is_some(), first, "nothing came"))
    })
    .await
    .unwrap()
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_guide_for_other_systems_does_what_it_says() {
    let text = std::fs::read_to_string(repository().join("docs/integrators.md")).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.len() >= 11, "{}", blocks.len());
    let hook = Outside::webhook(0).await.unwrap();
    let dir = Arc::new(StackDir::new("guide").unwrap());
    let mut center =
        Center::start_with(dir, "[dispatch]\nallow_networks = [\"127.0.0.0/8\"]\n").await.unwrap();
    let password = center.add_user("chief", "admin").await.unwrap();
    let edge = faults::virtual_edge(&center, "edge-1").await.unwrap();
    edge.push_events(EVENTS).await.unwrap();
    let database = center.database().await.unwrap();
    wait_for("the events in the database", Duration::from_secs(60), async || {
        let line = database.ledger("edge-1", "events").await?;
        Ok(Seen::when(line.upto == EVENTS, (), format!("{line:?}")))
    })
    .await
    .unwrap();

    let desk = tempfile::tempdir().unwrap();
    let (address, hook_url) = (center.http_url(), format!("http://{}/hook", hook.address()));
    let variables =
        [("CENTER", &*address), ("ADMIN", "chief"), ("PASSWORD", &*password), ("HOOK", &*hook_url)];
    let mut shell = Shell::start(desk.path(), &variables);
    for block in &blocks {
        if block.contains("$SIGNATURE") || block.contains("${SIGNATURE") {
            let message = received(&hook).await;
            std::fs::write(desk.path().join("body"), &message.body).unwrap();
            let header = |name| message.header(name).to_owned();
            let (id, at, signature) =
                (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
            shell.run(&format!("ID='{id}' TIMESTAMP='{at}' SIGNATURE='{signature}'"), desk.path()).await;
        }
        shell.run(block, desk.path()).await;
    }
    let events = std::fs::read_to_string(desk.path().join("events.txt")).unwrap();
    let mut ids: Vec<&str> = events.lines().collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len() as u64, EVENTS, "each event once, over several pages");
    assert_eq!(events.lines().count() as u64, EVENTS);
    // The unit's side said nothing of it, so the signature is checked against another body, too.
    std::fs::write(desk.path().join("signed"), "something else").unwrap();
    let forged = Command::new("openssl")
        .args([
            "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "signed",
        ])
        .args(["-sigfile", "signature"])
        .current_dir(desk.path())
        .output();
    assert!(!forged.await.unwrap().status.success(), "a forged body does not pass");
    center.stop().unwrap();
}
