//! Whether alerts come faster than the operators can work them, for each client as far as it sees: one look at the database
//! every 2 s for all of them, and each client's own two limits over it.

use super::{Hub, frame, watch};
use crate::access::{AreaScope, sessions};
use crate::alerts::load::{Flood, WINDOW};
use crate::clock;
use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// More alerts are not counted: it is a flood for anybody by then.
const MOST: i64 = 10_000;

/// What came in the last 10 minutes, and who is there to work it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pressure {
    /// Alerts by area.
    pub(super) alerts: Vec<(Option<String>, u64)>,
    /// What the connected operators see, one each.
    pub(super) operators: Vec<AreaScope>,
}

impl Pressure {
    /// The alerts that these areas see, and the operators who share them; at least one, who looks.
    fn of(&self, areas: &AreaScope) -> (u64, u32) {
        let alerts =
            self.alerts.iter().filter(|(area, _)| areas.sees(area.as_deref())).map(|(_, count)| count).sum();
        let sharing = self.operators.iter().filter(|operator| operator.overlaps(areas)).count();
        (alerts, u32::try_from(sharing).unwrap_or(u32::MAX).max(1))
    }
}

/// One client's two limits.
#[derive(Debug, Default)]
pub(super) struct Gauge(Flood);

impl Gauge {
    /// What the client is to be told, when that has changed.
    pub(super) fn step(
        &mut self,
        pressure: &Pressure,
        areas: &AreaScope,
        now: DateTime<Utc>,
    ) -> Option<Utf8Bytes> {
        let (alerts, operators) = pressure.of(areas);
        let before = self.0.is_on();
        let on = self.0.step(alerts, operators);
        (on != before).then(|| frame::flood(on, (alerts, operators), now))
    }
}

/// Runs until the hub's shutdown.
pub(super) async fn run(hub: Hub) {
    let mut ticks = watch::ticks(LOOK_EVERY);
    while let Some(open) = watch::next_open(&hub, &mut ticks).await {
        // While the database is away nothing new is raised either.
        if let Ok(pressure) = look(&hub, &open, clock::now()).await {
            hub.press(pressure);
        }
    }
}

async fn look(hub: &Hub, open: &[sessions::SessionKey], now: DateTime<Utc>) -> Result<Pressure, sqlx::Error> {
    let rows: Vec<(Option<String>, i64)> = sqlx::query_as(
        "select area, count(*) from (select area from alerts where raised_at > $1 and muted is null \
           order by raised_at desc, id desc limit $2) recent group by area",
    )
    .bind(now - WINDOW)
    .bind(MOST)
    .fetch_all(hub.pool())
    .await?;
    let keys: Vec<&[u8]> = open.iter().map(sessions::SessionKey::as_bytes).collect();
    let operators: Vec<Vec<String>> = sqlx::query_scalar(
        r#"select u.areas from users u where u.role in ('operator', 'supervisor', 'admin') and u.kind = 'person'
             and u.id in (select s."user" from sessions s where s.token_sha256 = any($1))"#,
    )
    .bind(keys)
    .fetch_all(hub.pool())
    .await?;
    let alerts = rows.into_iter().map(|(area, count)| (area, count.unsigned_abs())).collect();
    Ok(Pressure { alerts, operators: operators.into_iter().map(AreaScope::of).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(words: &[&str]) -> AreaScope {
        AreaScope::of(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_client_hears_of_the_flood_in_its_own_areas_once_when_it_begins_and_ends() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let alerts = |north, none| vec![(Some("north".to_owned()), north), (None, none)];
        let high = Pressure { alerts: alerts(11, 9), operators: vec![scope(&["north"]), scope(&["*"])] };
        let alone = Pressure { operators: vec![scope(&["south"]), scope(&["north"])], ..high.clone() };
        let (north, south, all) = (scope(&["north"]), scope(&["south"]), scope(&["*"]));
        let mut gauge = Gauge::default();
        assert_eq!(gauge.step(&high, &north, now), None, "11 for two");
        let begun = gauge.step(&alone, &north, now).unwrap();
        assert!(begun.contains(r#""on":true,"alerts":11,"operators":1"#), "{begun}");
        assert_eq!(gauge.step(&alone, &north, now), None, "it is so already");
        assert_eq!(Gauge::default().step(&alone, &south, now), None);
        assert_eq!(Gauge::default().step(&alone, &all, now), None, "20 for two");
        let low = Pressure { alerts: alerts(4, 100), ..alone };
        let ended = gauge.step(&low, &north, now).unwrap();
        assert!(ended.contains(r#""on":false,"alerts":4"#), "{ended}");
    }
}
