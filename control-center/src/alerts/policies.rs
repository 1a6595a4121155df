//! Policies and silences in the database, and the policy in force made ready for judging.

use super::Person;
use crate::access::AreaScope;
use crate::access::audit::{self, Act};
use crate::policy::body::Matcher;
use crate::policy::{Form, Policy, PolicyBody, Silence, Site, Sites};
use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgPool, Row as _};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of the policy. Its body never changes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PolicyVersion {
    /// The version.
    pub version: i64,
    /// Which events become alerts.
    pub body: PolicyBody,
    /// Who wrote it; none when it came with the center or a city file.
    pub author: Option<Person>,
    /// When.
    pub at: DateTime<Utc>,
    /// What the author says of it.
    pub note: String,
    /// Whether it is in force.
    pub active: bool,
    /// When it came into force last.
    pub activated_at: Option<DateTime<Utc>>,
    /// Who put it into force.
    pub activated_by: Option<Person>,
}

impl FromRow<'_, PgRow> for PolicyVersion {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let body: Value = row.try_get("body")?;
        let person =
            |column: &str| row.try_get::<Option<Json<Person>>, _>(column).map(|by| by.map(|by| by.0));
        Ok(PolicyVersion {
            version: row.try_get("version")?,
            body: PolicyBody::deserialize(body).map_err(|error| sqlx::Error::Decode(error.into()))?,
            author: person("author")?,
            at: row.try_get("at")?,
            note: row.try_get("note")?,
            active: row.try_get("active")?,
            activated_at: row.try_get("activated_at")?,
            activated_by: person("activated_by")?,
        })
    }
}

const COLUMNS: &str = "version, body, author, at, note, active, activated_at, activated_by";

/// One version.
///
/// # Errors
/// When the database fails.
pub async fn get(pool: &PgPool, version: i64) -> Result<Option<PolicyVersion>, sqlx::Error> {
    let sql = AssertSqlSafe(format!("select {COLUMNS} from policies where version = $1"));
    sqlx::query_as(sql).bind(version).fetch_optional(pool).await
}

/// The version in force.
///
/// # Errors
/// When the database fails.
pub async fn active(connection: &mut PgConnection) -> Result<PolicyVersion, sqlx::Error> {
    let sql = AssertSqlSafe(format!("select {COLUMNS} from policies where active"));
    sqlx::query_as(sql).fetch_one(connection).await
}

/// Versions below `before`, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(pool: &PgPool, before: i64, limit: i64) -> Result<Vec<PolicyVersion>, sqlx::Error> {
    let sql = AssertSqlSafe(format!(
        "select {COLUMNS} from policies where version < $1 order by version desc limit $2"
    ));
    sqlx::query_as(sql).bind(before).bind(limit).fetch_all(pool).await
}

/// A new version.
#[derive(Debug)]
pub struct Draft {
    /// The body, checked.
    pub body: PolicyBody,
    /// What its author says of it.
    pub note: String,
    /// Whether it comes into force at once.
    pub activate: bool,
}

/// Adds a version, in the name of `author`.
///
/// # Errors
/// When the database fails.
pub async fn add(
    pool: &PgPool,
    draft: &Draft,
    author: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<PolicyVersion, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let added = add_in(&mut transaction, draft, author, now).await?;
    transaction.commit().await?;
    Ok(added)
}

/// As [`add`], in the caller's transaction.
///
/// # Errors
/// When the database fails.
pub async fn add_in(
    connection: &mut PgConnection,
    draft: &Draft,
    author: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<PolicyVersion, sqlx::Error> {
    lock(connection).await?;
    let added = insert(connection, draft, author, now).await?;
    let detail = json!({ "note": draft.note, "activated": draft.activate });
    note(connection, ("policy.add", added.version, detail), author, now).await?;
    Ok(added)
}

/// The new version, in force if the draft says so.
async fn insert(
    connection: &mut PgConnection,
    draft: &Draft,
    author: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<PolicyVersion, sqlx::Error> {
    let sql = AssertSqlSafe(format!(
        "insert into policies (version, body, author, at, note) \
         select max(version) + 1, $1, $2, $3, $4 from policies returning {COLUMNS}"
    ));
    let added: PolicyVersion = sqlx::query_as(sql)
        .bind(Json(&draft.body))
        .bind(author.map(Json))
        .bind(now)
        .bind(&draft.note)
        .fetch_one(&mut *connection)
        .await?;
    if draft.activate { put_into_force(connection, added.version, author, now).await } else { Ok(added) }
}

/// Puts a version into force: a draft as it is, one that was in force before as a new version with the same body. The
/// active one stays as it is. The caller's transaction decides whether it comes to be.
///
/// # Errors
/// When the database fails.
pub async fn activate_in(
    connection: &mut PgConnection,
    version: i64,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Option<PolicyVersion>, sqlx::Error> {
    lock(connection).await?;
    let sql = AssertSqlSafe(format!("select {COLUMNS} from policies where version = $1"));
    let known: Option<PolicyVersion> =
        sqlx::query_as(sql).bind(version).fetch_optional(&mut *connection).await?;
    let Some(known) = known else { return Ok(None) };
    if known.active {
        return Ok(Some(known));
    }
    let (activated, detail) = if known.activated_at.is_none() {
        (put_into_force(connection, version, Some(person), now).await?, json!({}))
    } else {
        let draft = Draft { body: known.body, note: format!("as version {version}"), activate: true };
        (insert(connection, &draft, Some(person), now).await?, json!({ "as_version": version }))
    };
    note(connection, ("policy.activate", activated.version, detail), Some(person), now).await?;
    Ok(Some(activated))
}

/// Of two who change policies at once, one waits.
async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select generation from policy_state for update").execute(connection).await.map(|_| ())
}

async fn put_into_force(
    connection: &mut PgConnection,
    version: i64,
    person: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<PolicyVersion, sqlx::Error> {
    sqlx::query("update policies set active = false where active").execute(&mut *connection).await?;
    let sql = AssertSqlSafe(format!(
        "update policies set active = true, activated_at = $2, activated_by = $3 where version = $1 \
         returning {COLUMNS}"
    ));
    sqlx::query_as(sql).bind(version).bind(now).bind(person.map(Json)).fetch_one(connection).await
}

async fn note(
    connection: &mut PgConnection,
    (action, version, detail): (&str, i64, Value),
    person: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let subject = version.to_string();
    let act = Act { actor: person.map(|person| person.id), action, subject: &subject, detail };
    audit::record_in(connection, act, now).await
}

/// A silence: what fits it is raised muted within its window.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SilenceRow {
    /// Its id.
    pub id: Uuid,
    /// Which events.
    #[serde(rename = "match")]
    pub matcher: Matcher,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub author: Person,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// When it was ended before its time.
    pub ended_at: Option<DateTime<Utc>>,
    /// By whom.
    pub ended_by: Option<Person>,
}

impl FromRow<'_, PgRow> for SilenceRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(SilenceRow {
            id: row.try_get("id")?,
            matcher: row.try_get::<Json<Matcher>, _>("matcher")?.0,
            from: row.try_get("from_at")?,
            until: row.try_get("until_at")?,
            reason: row.try_get("reason")?,
            author: row.try_get::<Json<Person>, _>("author")?.0,
            at: row.try_get("at")?,
            ended_at: row.try_get("ended_at")?,
            ended_by: row.try_get::<Option<Json<Person>>, _>("ended_by")?.map(|by| by.0),
        })
    }
}

/// Adds a silence.
///
/// # Errors
/// When the database fails.
pub async fn silence(
    pool: &PgPool,
    new: &Silence,
    author: &Person,
    now: DateTime<Utc>,
) -> Result<SilenceRow, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let row = silence_in(&mut transaction, new, author, now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// As [`silence`], in the caller's transaction.
///
/// # Errors
/// When the database fails.
pub async fn silence_in(
    connection: &mut PgConnection,
    new: &Silence,
    author: &Person,
    now: DateTime<Utc>,
) -> Result<SilenceRow, sqlx::Error> {
    let row = sqlx::query_as(
        "insert into silences (id, matcher, from_at, until_at, reason, author, at) \
         values ($1, $2, $3, $4, $5, $6, $7) returning *",
    )
    .bind(new.id)
    .bind(Json(&new.when))
    .bind(new.from.trunc_subsecs(6))
    .bind(new.until.trunc_subsecs(6))
    .bind(&new.reason)
    .bind(Json(author))
    .bind(now)
    .fetch_one(&mut *connection)
    .await?;
    let (subject, detail) = (new.id.to_string(), json!({ "reason": new.reason, "until": new.until }));
    let act = Act { actor: Some(author.id), action: "silence.add", subject: &subject, detail };
    audit::record_in(connection, act, now).await?;
    Ok(row)
}

/// Ends a silence now; one that is over stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn end_silence(
    pool: &PgPool,
    id: Uuid,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Option<SilenceRow>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let ended: Option<SilenceRow> = sqlx::query_as(
        "update silences set ended_at = $2, ended_by = $3 \
         where id = $1 and ended_at is null and until_at > $2 returning *",
    )
    .bind(id)
    .bind(now)
    .bind(Json(person))
    .fetch_optional(&mut *transaction)
    .await?;
    if ended.is_some() {
        let subject = id.to_string();
        let act = Act { actor: Some(person.id), action: "silence.end", subject: &subject, detail: json!({}) };
        audit::record_in(&mut transaction, act, now).await?;
        transaction.commit().await?;
        return Ok(ended);
    }
    sqlx::query_as("select * from silences where id = $1").bind(id).fetch_optional(&mut *transaction).await
}

/// Silences that end after `after`, or all, of who sees these areas: those whose areas are all among them. The last to end
/// first.
///
/// # Errors
/// When the database fails.
pub async fn silences(
    pool: &PgPool,
    after: Option<DateTime<Utc>>,
    areas: &AreaScope,
    (before, limit): (Option<(DateTime<Utc>, Uuid)>, i64),
) -> Result<Vec<SilenceRow>, sqlx::Error> {
    let (before_until, before_id) = before.unzip();
    sqlx::query_as(
        "select * from silences where ($1::timestamptz is null or (until_at > $1 and ended_at is null)) \
           and ($2::timestamptz is null or (until_at, id) < ($2, $3)) \
           and ($5::text[] is null \
             or (jsonb_array_length(matcher -> 'areas') > 0 and matcher -> 'areas' <@ to_jsonb($5))) \
         order by until_at desc, id desc limit $4",
    )
    .bind(after)
    .bind(before_until)
    .bind(before_id)
    .bind(limit)
    .bind(areas.bind())
    .fetch_all(pool)
    .await
}

/// One silence.
///
/// # Errors
/// When the database fails.
pub async fn find_silence(pool: &PgPool, id: Uuid) -> Result<Option<SilenceRow>, sqlx::Error> {
    sqlx::query_as("select * from silences where id = $1").bind(id).fetch_optional(pool).await
}

/// All cameras with their areas and places.
///
/// # Errors
/// When the database fails.
pub async fn sites(connection: &mut PgConnection) -> Result<Sites, sqlx::Error> {
    let rows = sqlx::query("select edge, id, area, lat, lon from cameras").fetch_all(connection).await?;
    let site = |row: &PgRow| {
        let place = row.try_get::<Option<f64>, _>("lat")?.zip(row.try_get("lon")?);
        Ok(((row.try_get("edge")?, row.try_get("id")?), Site { area: row.try_get("area")?, place }))
    };
    rows.iter().map(site).collect()
}

/// The policy in force, ready for judging, and the generation that it is of.
///
/// # Errors
/// When the database fails, or holds a policy that nobody can read.
pub async fn load(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<(i64, Policy), sqlx::Error> {
    let generation =
        sqlx::query_scalar("select generation from policy_state").fetch_one(&mut *connection).await?;
    let active = active(connection).await?;
    let silences: Vec<SilenceRow> =
        sqlx::query_as("select * from silences where until_at > $1 and ended_at is null")
            .bind(now)
            .fetch_all(&mut *connection)
            .await?;
    let silences: Vec<Silence> = silences.into_iter().map(Silence::from).collect();
    let sites = sites(connection).await?;
    let before: Vec<PolicyVersion> = sqlx::query_as(AssertSqlSafe(format!(
        "select {COLUMNS} from policies where activated_at is not null and not active order by version desc limit 200"
    )))
    .fetch_all(&mut *connection)
    .await?;
    let forms: BTreeSet<Form> = before.iter().flat_map(|version| Form::all_of(&version.body)).collect();
    let forms: Vec<Form> = forms.into_iter().collect();
    Ok((generation, Policy::new(active.version, &active.body, &silences, &sites, &forms)))
}

impl From<SilenceRow> for Silence {
    fn from(row: SilenceRow) -> Silence {
        Silence { id: row.id, when: row.matcher, from: row.from, until: row.until, reason: row.reason }
    }
}
