//! Tells cargo which folders of other languages the crate embeds, beyond the files that it saw last time.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    // A debug build reads the dashboard from disk while it runs; while the folder is missing cargo would otherwise
    // build the crate anew each time.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../dashboard/dist");
    }
}
