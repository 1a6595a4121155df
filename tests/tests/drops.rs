//! What clients hold after their websockets were cut again and again. In a program of its own: beside the fault sections,
//! which load the machine as much as they can, the center is behind for longer than anybody wants to wait.

#![allow(clippy::unwrap_used, reason = "a test")]

use ngatu_tests::faults::{center, drops};

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_are_cut_again_and_again_hold_what_the_database_holds() {
    let mut center = center("drops").await.unwrap();
    let operator = center.operator().await.unwrap();
    let found = drops::run(&center, &operator, drops::Plan { clients: 4, drops_each: 100 }).await.unwrap();
    eprintln!("{found}");
    assert!(found.alerts > 0, "{found}");
    center.stop().unwrap();
}
