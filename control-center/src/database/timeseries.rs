//! `events`, `observations` and `health`: hypertables where TimescaleDB takes them, else daily partitions made ahead.
//!
//! The capability is probed by trying it. On plain PostgreSQL each table has a default partition for wild clocks, so
//! that no row is ever refused for its time.

use chrono::{DateTime, Days, Utc};
use sqlx::{AssertSqlSafe, PgPool};

/// The tables that are split by time.
pub const TABLES: [&str; 3] = ["events", "observations", "health"];
/// How many days ahead of now partitions are made.
const DAYS_AHEAD: u64 = 7;
/// And how many days back, for edges that were offline when the center was new.
const DAYS_BACK: u64 = 2;

/// Makes the partitions around `now`. Safe to repeat.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // Two centers that start at once must not make the same partition twice.
    sqlx::query("select pg_advisory_xact_lock(7220502)").execute(&mut *transaction).await?;
    for table in TABLES {
        if is_partitioned(&mut transaction, table).await? {
            make_partitions(&mut transaction, table, now).await?;
        }
    }
    transaction.commit().await
}

async fn is_partitioned(connection: &mut sqlx::PgConnection, table: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from pg_partitioned_table where partrelid = $1::text::regclass)",
    )
    .bind(table)
    .fetch_one(connection)
    .await
}

async fn make_partitions(
    connection: &mut sqlx::PgConnection,
    table: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let default = format!("create table if not exists {table}_default partition of {table} default");
    sqlx::query(AssertSqlSafe(default)).execute(&mut *connection).await?;
    let first = now.date_naive() - Days::new(DAYS_BACK);
    for offset in 0..=DAYS_BACK + DAYS_AHEAD {
        let from = first + Days::new(offset);
        let to = from + Days::new(1);
        let sql = format!(
            "create table if not exists {table}_{} partition of {table} \
             for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')",
            from.format("%Y%m%d")
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}
