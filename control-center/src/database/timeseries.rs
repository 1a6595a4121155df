//! `events`, `observations`, `tracks` and `health`: hypertables where TimescaleDB takes them, else daily partitions made ahead.
//!
//! The capability is probed by trying it. On plain PostgreSQL each table has a default partition for wild clocks, so
//! that no row is ever refused for its time.

use chrono::{DateTime, Days, Utc};
use sqlx::{AssertSqlSafe, Connection as _, PgPool};

/// The tables that are split by time.
pub const TABLES: [&str; 4] = ["events", "observations", "tracks", "health"];
/// How many days ahead of now partitions are made.
const DAYS_AHEAD: u64 = 7;
/// And how many days back, for edges that were offline when the center was new.
const DAYS_BACK: u64 = 2;

/// Turns the tables into hypertables, once, where TimescaleDB is installed, allows it and the tables are still empty.
/// Anything else is no error: the partitions do the same.
///
/// # Errors
/// When the database does not answer.
pub async fn adopt_timescale(pool: &PgPool) -> Result<(), sqlx::Error> {
    let installed: bool =
        sqlx::query_scalar("select exists (select from pg_available_extensions where name = 'timescaledb')")
            .fetch_one(pool)
            .await?;
    if !installed {
        return Ok(());
    }
    for table in TABLES {
        let mut connection = pool.acquire().await?;
        if is_partitioned(&mut connection, table).await?
            && let Err(error) = make_hypertable(pool, table).await
        {
            tracing::info!(table, %error, "no hypertable, so daily partitions");
        }
    }
    Ok(())
}

async fn make_hypertable(pool: &PgPool, table: &str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let steps = [
        "create extension if not exists timescaledb".to_owned(),
        format!("lock table {table} in access exclusive mode"),
        // Fails when there is a row, and with it everything.
        format!("select 1 / (case when exists (select from {table}) then 0 else 1 end)"),
        format!("create table {table}_plain (like {table} including all)"),
        format!("drop table {table}"),
        format!("alter table {table}_plain rename to {table}"),
        format!(
            "select create_hypertable('{table}', 'time', chunk_time_interval => interval '1 day', \
             create_default_indexes => false)"
        ),
    ];
    for step in steps {
        sqlx::raw_sql(AssertSqlSafe(step)).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Makes the partitions around `now`. Safe to repeat.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    for table in TABLES {
        if is_partitioned(&mut transaction, table).await? {
            make_partitions(&mut transaction, table, now).await?;
        }
    }
    transaction.commit().await
}

/// Until the transaction ends nobody else makes or drops partitions: neither a center that starts at the same time, nor
/// retention.
pub(super) async fn lock(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(7220505)").execute(connection).await?;
    Ok(())
}

pub(super) async fn is_partitioned(
    connection: &mut sqlx::PgConnection,
    table: &str,
) -> Result<bool, sqlx::Error> {
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
        // A day whose rows lie in the default partition already, because a clock was wrong when they came, cannot have
        // a partition of its own. The default one goes on taking that day.
        let mut attempt = connection.begin().await?;
        match sqlx::query(AssertSqlSafe(sql)).execute(&mut *attempt).await {
            Ok(_) => attempt.commit().await?,
            Err(error) if error.as_database_error().and_then(|e| e.code()).as_deref() == Some("23514") => {
                attempt.rollback().await?;
                tracing::warn!(table, day = %from, "stays in the default partition, which holds rows of that day");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
