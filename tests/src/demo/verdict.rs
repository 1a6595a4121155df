//! What a timed demo must have shown.

use crate::demo::{Account, Watched};

/// From the start of the program to the first alert from real video at a websocket client, at most, seconds.
pub const FIRST_ALERT_S: f64 = 30.0;

/// What was wrong, in a sentence each. Only a run that ends by itself (`timed`) is held to an alert in time: who watches
/// may end it earlier.
#[must_use]
pub fn wrong(watched: &Watched, account: &Account, timed: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    match watched.first_footage_s {
        None if timed => wrong.push("no alert from the real footage reached the websocket client".to_owned()),
        Some(first_s) if timed && first_s > FIRST_ALERT_S => wrong.push(format!(
            "the first alert from real video was on the screen after {first_s:.1} s, which must be within {FIRST_ALERT_S} s"
        )),
        _ => {}
    }
    if account.lost > 0 || account.duplicated > 0 {
        wrong.push(format!(
            "{} messages were lost and {} rows were stored twice",
            account.lost, account.duplicated
        ));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(first_footage_s: Option<f64>) -> Watched {
        Watched { first_footage_s, ..Watched::default() }
    }

    #[test]
    fn a_timed_demo_wants_its_first_alert_from_real_video_in_time() {
        let good = Account::default();
        assert!(wrong(&seen(Some(30.0)), &good, true).is_empty());
        let late = wrong(&seen(Some(30.2)), &good, true);
        assert_eq!(
            late,
            ["the first alert from real video was on the screen after 30.2 s, which must be within 30 s"]
        );
        assert!(wrong(&seen(None), &good, true)[0].contains("no alert from the real footage"));
        assert!(wrong(&seen(None), &good, false).is_empty(), "somebody pressed Ctrl-C");
    }

    #[test]
    fn what_is_lost_or_twice_is_wrong_however_it_ended() {
        for (lost, duplicated) in [(1, 0), (0, 1)] {
            let account = Account { lost, duplicated, ..Account::default() };
            let said = wrong(&seen(Some(3.0)), &account, false);
            assert_eq!(said, [format!("{lost} messages were lost and {duplicated} rows were stored twice")]);
        }
    }
}
