//! The binary: exit codes, messages, and being killed.

use crate::support::{SETTINGS, folder, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn settings(dir: &Path, text: &str) -> PathBuf {
    let file = dir.join("center.toml");
    std::fs::write(&file, text.replace("DIR", dir.to_str().unwrap())).unwrap();
    file
}

fn command(args: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_control-center"));
    command.args(args).arg("--config").arg(config).stdin(Stdio::null());
    command
}

async fn run(args: &[&str], config: &Path) -> Output {
    let mut command = command(args, config);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

async fn start(config: &Path, dir: &Path) -> Child {
    let addr = dir.join("data/http.addr");
    let _ = std::fs::remove_file(&addr);
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let child = command(&["run"], config).stderr(log).stdout(Stdio::null()).spawn().unwrap();
    until("http.addr", |seen| *seen, async || addr.exists()).await;
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_exits_64_and_starts_nothing() {
    let dir = folder();
    for (from, to, wanted) in [
        ("[http]", "[http]\nspeed = 1", "unknown field `speed`"),
        ("127.0.0.1:0\"]", "0.0.0.0:0\"]", "http.insecure"),
        ("[mqtt]", "[database]\nurl = \"sqlite://x\"\n[mqtt]", "database.url"),
    ] {
        let config = settings(dir.path(), &SETTINGS.replacen(from, to, 1));
        for subcommand in ["run", "check", "migrate"] {
            let output = run(&[subcommand], &config).await;
            assert_eq!(output.status.code(), Some(64), "{subcommand}: {}", text(&output.stderr));
            assert!(text(&output.stderr).contains(wanted), "{}", text(&output.stderr));
        }
    }
    assert!(!dir.path().join("data").exists());
    let config = settings(dir.path(), SETTINGS);
    assert_eq!(run(&["check"], &config).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_port_is_named_before_any_server_is_started() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = folder();
    let config = settings(dir.path(), &SETTINGS.replacen("127.0.0.1:0", &address, 1));
    let output = run(&["run"], &config).await;
    assert_ne!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains(&address), "{}", text(&output.stderr));
    assert!(!dir.path().join("data/postgres").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_with_and_without_a_running_center_and_a_killed_one_is_no_obstacle() {
    let dir = folder();
    let config = settings(dir.path(), SETTINGS);
    let add = run(&["user", "add", "--name", "an", "--role", "operator"], &config).await;
    assert!(add.status.success() && text(&add.stdout).len() >= 16, "{}", text(&add.stderr));
    let mut center = start(&config, dir.path()).await;
    let again = run(&["user", "add", "--name", "an", "--role", "viewer"], &config).await;
    assert!(!again.status.success(), "the name is taken");
    let secret = run(&["edge", "enroll", "e-1"], &config).await;
    assert!(secret.status.success() && text(&secret.stdout).len() >= 32, "{}", text(&secret.stderr));
    // Killed, not stopped: the next one must not stumble over what it left behind.
    center.kill().unwrap();
    center.wait().unwrap();
    let mut center = start(&config, dir.path()).await;
    kill(Pid::from_raw(center.id().cast_signed()), Signal::SIGTERM).unwrap();
    let status = tokio::task::spawn_blocking(move || center.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status}: {}", std::fs::read_to_string(dir.path().join("log")).unwrap());
    let export = run(&["export"], &config).await;
    assert!(text(&export.stdout).contains("id = \"e-1\""), "{}", text(&export.stdout));
    let verified = run(&["audit", "verify"], &config).await;
    assert!(text(&verified.stdout).starts_with("2 rows, unbroken"), "{verified:?}");
    let end = text(&verified.stdout).trim().rsplit(' ').next().unwrap().to_owned();
    assert!(run(&["audit", "verify", "--expect", &end], &config).await.status.success());
    let longer = format!("9{end}");
    let broken = run(&["audit", "verify", "--expect", &longer], &config).await;
    assert!(
        !broken.status.success() && text(&broken.stderr).contains("audit row 3 is missing"),
        "{broken:?}"
    );
}
