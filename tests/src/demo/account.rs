//! The demo's account: every number that the edge's outbox gave, against the rows of the database.

use crate::demo::EDGE;
use crate::stack::Center;
use crate::virtual_edge::{Options, VirtualEdge};
use ngatu_protocol::{EdgeId, Lane};
use sqlx::Row;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// What was made and what arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// Rows of events.
    pub events: u64,
    /// Rows of observations.
    pub observations: u64,
    /// Alerts.
    pub alerts: u64,
    /// Numbers given by the outbox, in any lane, of which there is no row.
    pub lost: u64,
    /// Rows beyond the first of a number.
    pub duplicated: u64,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { events, observations, alerts, lost, duplicated } = self;
        write!(
            f,
            "events={events} observations={observations} alerts={alerts} lost={lost} duplicated={duplicated}"
        )
    }
}

impl Account {
    /// What `make demo` says last.
    #[must_use]
    pub fn last_line(&self) -> String {
        format!("demo: {self}")
    }
}

/// Sends what an ended edge left in its outbox, then counts.
pub(super) async fn settle(center: &Center, outbox_dir: &Path, secret: &str) -> anyhow::Result<Account> {
    let mut rest = VirtualEdge::open(Options {
        edge: EdgeId::new(EDGE)?,
        secret: secret.into(),
        url: center.mqtt_url(),
        dir: outbox_dir.to_path_buf(),
        max_bytes: 1 << 30,
    })?;
    rest.connect()?;
    rest.drained(Duration::from_secs(60)).await?;
    let last = rest.outbox().last();
    let outbox = rest.outbox().id();
    rest.stop().await;
    let database = center.database().await?;
    let mut account = Account::default();
    for lane in Lane::ALL {
        let sql = format!("select count(*), count(distinct sequence) from {lane} where outbox = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(outbox.0).fetch_one(database.pool()).await?;
        let (rows, distinct): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let (rows, distinct) = (u64::try_from(rows)?, u64::try_from(distinct)?);
        account.duplicated += rows - distinct;
        // A declared loss is a loss as well: its own number has no row either.
        account.lost += last.get(&lane).copied().unwrap_or(0).saturating_sub(distinct);
        match lane {
            Lane::Events => account.events = rows,
            Lane::Observations => account.observations = rows,
            _ => {}
        }
    }
    account.alerts = u64::try_from(database.number("select count(*) from alerts").await?)?;
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_what_was_made_and_what_arrived() {
        let account = Account { events: 31, observations: 402, alerts: 7, lost: 0, duplicated: 0 };
        assert_eq!(account.last_line(), "demo: events=31 observations=402 alerts=7 lost=0 duplicated=0");
    }
}
