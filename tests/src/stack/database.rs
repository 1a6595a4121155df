//! SQL access to a center's database, and the accounts that a fault test settles with it.

use anyhow::{Context, bail, ensure};
use ngatu_protocol::Lane;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Row};
use std::fmt;
use std::path::Path;
use uuid::Uuid;

/// A small pool on the database.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
}

/// What the database holds of one edge's events, against the content that each number must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// Rows.
    pub rows: u64,
    /// Different numbers among them.
    pub distinct: u64,
    /// Highest number.
    pub highest: u64,
    /// Rows whose content belongs to another number, or whose time is before their predecessor's.
    pub out_of_order: u64,
    /// Places where a number came before the one below it. Each is the end of a piece that was lost on its way and was
    /// sent again: see [`crate::faults`] on order.
    pub came_late: u64,
}

impl Account {
    /// Adds another edge's account.
    pub fn add(&mut self, other: Account) {
        self.rows += other.rows;
        self.distinct += other.distinct;
        self.highest += other.highest;
        self.out_of_order += other.out_of_order;
        self.came_late += other.came_late;
    }

    /// Rows beyond the first of each number.
    #[must_use]
    pub fn duplicated(&self) -> u64 {
        self.rows - self.distinct
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { rows, distinct, highest, out_of_order, came_late } = self;
        write!(
            f,
            "rows={rows} distinct={distinct} highest={highest} out_of_order={out_of_order} came_late={came_late}"
        )
    }
}

/// One lane of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerLine {
    /// End of the unbroken run.
    pub upto: u64,
    /// Highest number seen.
    pub highest: u64,
    /// Stored rows.
    pub received: u64,
    /// Dead letters.
    pub dead: u64,
    /// Arrived again.
    pub duplicates: u64,
    /// Declared lost.
    pub lost: u64,
}

impl Database {
    /// Connects to a center's private database.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn of_center(data_dir: &Path) -> anyhow::Result<Database> {
        let inside = data_dir.join("run");
        let socket_dir = if inside.join(".s.PGSQL.5432").exists() {
            inside
        } else {
            // A center in a folder with a long name puts its socket here.
            let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
            Path::new("/tmp").join(format!("ngatu-{}", hex::encode(&digest[..8])))
        };
        let options = PgConnectOptions::new_without_pgpass()
            .socket(socket_dir)
            .port(5432)
            .username("ngatu")
            .database("ngatu")
            .application_name("ngatu-tests");
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .context("connecting to the center's database")?;
        Ok(Database { pool })
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// One number.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn number(&self, sql: &str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(&self.pool).await?)
    }

    /// Rows of the events table of one edge.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn events_of(&self, edge: &str) -> anyhow::Result<u64> {
        let rows: i64 = sqlx::query_scalar("select count(*) from events where edge = $1")
            .bind(edge)
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(rows)?)
    }

    /// The account of one lane of an edge, made as in [`crate::virtual_edge`]: events, or observations whose value is
    /// their number.
    ///
    /// # Errors
    /// When the query fails or the edge used more than one outbox.
    pub async fn account(&self, edge: &str, lane: Lane) -> anyhow::Result<Account> {
        let content = match lane {
            Lane::Events => "track * 2 - (phase = 'start')::int",
            Lane::Observations => "value::bigint",
            other => bail!("the content of lane {other} does not tell its number"),
        };
        let sql = format!(
            "select outbox, sequence, ({content})::bigint as content, time, received_at from {lane} where edge = $1 \
             order by sequence, received_at"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(edge).fetch_all(&self.pool).await?;
        let mut account = Account { rows: rows.len() as u64, ..Account::default() };
        let (mut last_number, mut last_time, mut last_arrival) = (0, None, None);
        let mut outbox: Option<Uuid> = None;
        for row in &rows {
            let (number, content): (i64, i64) = (row.try_get("sequence")?, row.try_get("content")?);
            let time: chrono::DateTime<chrono::Utc> = row.try_get("time")?;
            let arrival: chrono::DateTime<chrono::Utc> = row.try_get("received_at")?;
            let own: Uuid = row.try_get("outbox")?;
            ensure!(*outbox.get_or_insert(own) == own, "edge {edge} used more than one outbox");
            account.distinct += u64::from(number != last_number);
            account.out_of_order += u64::from(content != number || last_time.is_some_and(|last| time < last));
            account.came_late += u64::from(last_arrival.is_some_and(|last| arrival < last));
            (last_number, last_time, last_arrival) = (number, Some(time), Some(arrival));
        }
        account.highest = u64::try_from(last_number)?;
        Ok(account)
    }

    /// A line of the ledger; empty when there is none yet.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn ledger(&self, edge: &str, lane: &str) -> anyhow::Result<LedgerLine> {
        let row = sqlx::query(
            "select coalesce(max(upto), 0) upto, coalesce(max(highest), 0) highest,
                    coalesce(sum(received), 0)::bigint received, coalesce(sum(dead), 0)::bigint dead,
                    coalesce(sum(duplicates), 0)::bigint duplicates, coalesce(sum(lost), 0)::bigint lost
             from ledger where edge = $1 and lane = $2",
        )
        .bind(edge)
        .bind(lane)
        .fetch_one(&self.pool)
        .await?;
        let number = |name: &str| anyhow::Ok(u64::try_from(row.try_get::<i64, _>(name)?)?);
        Ok(LedgerLine {
            upto: number("upto")?,
            highest: number("highest")?,
            received: number("received")?,
            dead: number("dead")?,
            duplicates: number("duplicates")?,
            lost: number("lost")?,
        })
    }
}
