//! Two roles of the database: an owner, who makes and changes the schema, and the service, which works with it and may only
//! add to what says who did what. So a mistake or an injected statement in the service changes no audit row: the server refuses
//! it, whatever the triggers say.
//!
//! Both may be one role where somebody runs the database; then [`weakness`] says so.

use super::DatabaseError;
use sqlx::{AssertSqlSafe, PgPool};

/// Tables whose rows are added and never changed.
const WRITTEN_ONCE: [&str; 3] = ["audit", "alert_log", "incident_log"];
/// Written by the owner alone: the chain's end, by the trigger that makes the chain, and the schema's versions.
const OWNERS: [&str; 2] = ["audit_head", "_sqlx_migrations"];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Lets a role work with the schema: read and write all, but only add to what is written once. The pool is the owner's.
/// Safe to repeat, also after a migration has made new tables.
///
/// # Errors
/// When the database refuses, such as when there is no such role.
pub async fn let_serve(owner: &PgPool, role: &str) -> Result<(), DatabaseError> {
    let role = quoted(role);
    let (once, owners) = (WRITTEN_ONCE.join(", "), OWNERS.join(", "));
    let mut transaction = owner.begin().await.map_err(DatabaseError::Roles)?;
    let statements = [
        // Two centers that start at once must not write the same rights at once.
        "select pg_advisory_xact_lock(7220507)".to_owned(),
        "revoke create on schema public from public".to_owned(),
        format!("grant usage on schema public to {role}"),
        format!("grant select, insert, update, delete on all tables in schema public to {role}"),
        format!("grant usage, select on all sequences in schema public to {role}"),
        format!("revoke update, delete, truncate on {once} from {role}, public"),
        format!("revoke insert, update, delete, truncate on {owners} from {role}, public"),
    ];
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *transaction)
            .await
            .map_err(DatabaseError::Roles)?;
    }
    transaction.commit().await.map_err(DatabaseError::Roles)
}

/// Why the role of this pool could change audit rows; none when the server refuses that.
///
/// # Errors
/// When the database does not answer.
pub async fn weakness(pool: &PgPool) -> Result<Option<String>, DatabaseError> {
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where n.nspname = current_schema() and c.relname = any($1) and ( \
           pg_has_role(c.relowner, 'member') or has_table_privilege(c.oid, 'truncate') \
           or has_table_privilege(c.oid, 'delete') or has_table_privilege(c.oid, 'update')) order by 1",
    )
    .bind([&WRITTEN_ONCE[..], &["audit_head"]].concat())
    .fetch_all(pool)
    .await
    .map_err(DatabaseError::Roles)?;
    Ok((!open.is_empty())
        .then(|| format!("the center's own database role may change rows of {}", open.join(", "))))
}
