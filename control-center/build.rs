//! A release build carries the built dashboard, so it is made again when that changes. Debug builds read it from disk.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../dashboard/dist");
    }
}
