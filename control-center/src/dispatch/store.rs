//! Dispatches in the database: each change with its row in the incident's log, in one transaction.

use super::model::{State, Times};
use super::unit;
use crate::access::AreaScope;
use crate::alerts::Person;
use crate::incidents;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Row as _};
use utoipa::ToSchema;
use uuid::Uuid;

/// How long the link for those without an account works.
pub const LINK_FOR: TimeDelta = TimeDelta::hours(72);

/// How a message on one channel went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, FromRow)]
pub struct Delivery {
    /// Its id, the same at every attempt: `webhook-id`, `Message-ID`, the event's id.
    pub id: Uuid,
    /// Which of the unit's channels, from 0.
    pub channel: i32,
    /// `inbox`, `webhook`, `mail` or `mqtt`.
    pub kind: String,
    /// Where to.
    pub target: String,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// Attempts made.
    pub attempts: i32,
    /// When the next one is due.
    pub next_at: Option<DateTime<Utc>>,
    /// What went wrong at the last one.
    pub error: Option<String>,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub done_at: Option<DateTime<Utc>>,
    /// The message that this one takes back.
    pub cancels: Option<Uuid>,
}

/// An incident handed to a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dispatch {
    /// Its id.
    pub id: Uuid,
    /// The incident.
    pub incident: Uuid,
    /// What people call the incident.
    pub incident_number: String,
    /// The unit.
    pub unit: String,
    /// How far the unit has come.
    pub state: State,
    /// When it reached which state.
    #[schema(value_type = std::collections::HashMap<String, DateTime<Utc>>)]
    pub times: Times,
    /// What the center asks.
    pub note: String,
    /// What the unit said, such as why it refuses.
    pub answer: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it; none: the plan, because another unit did not answer.
    pub created_by: Option<Person>,
    /// Whether the next unit or the supervisor was asked because this one did not answer.
    pub passed_on: bool,
    /// Until when its link works.
    pub link_until: DateTime<Utc>,
    /// Its messages, in the order of the unit's channels.
    pub deliveries: Vec<Delivery>,
}

impl Dispatch {
    /// As those see it who do not set up units: of a webhook's address only the host.
    #[must_use]
    pub fn masked(mut self) -> Dispatch {
        for delivery in self.deliveries.iter_mut().filter(|delivery| delivery.kind == "webhook") {
            delivery.target = unit::masked(&delivery.target);
        }
        self
    }
}

const SELECT: &str = "select d.id, d.incident, i.number, d.unit, d.state, d.times, d.note, d.answer, d.created_at, d.created_by, \
    coalesce(nullif(u.full_name, ''), u.name) as created_name, d.passed_on, d.link_until \
    from dispatches d join incidents i on i.id = d.incident left join users u on u.id = d.created_by";

impl FromRow<'_, PgRow> for Dispatch {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let state: &str = row.try_get("state")?;
        let by: Option<Uuid> = row.try_get("created_by")?;
        let name: Option<String> = row.try_get("created_name")?;
        Ok(Dispatch {
            id: row.try_get("id")?,
            incident: row.try_get("incident")?,
            incident_number: row.try_get("number")?,
            unit: row.try_get("unit")?,
            state: parse(state)?,
            times: row.try_get::<Json<_>, _>("times")?.0,
            note: row.try_get("note")?,
            answer: row.try_get("answer")?,
            created_at: row.try_get("created_at")?,
            created_by: by.map(|id| Person { id, name: name.unwrap_or_default() }),
            passed_on: row.try_get("passed_on")?,
            link_until: row.try_get("link_until")?,
            deliveries: Vec::new(),
        })
    }
}

pub(super) fn parse(word: &str) -> Result<State, sqlx::Error> {
    State::parse(word).ok_or_else(|| sqlx::Error::Decode(format!("dispatch state {word}").into()))
}

/// Which dispatches.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Uuid>,
    /// Only of this incident.
    pub incident: Option<Uuid>,
    /// Only of these units.
    pub units: Option<Vec<String>>,
    /// Only those that are not over.
    pub open_only: bool,
    /// Only older ones than this: time and id of the last one of the page before.
    pub before: Option<(DateTime<Utc>, Uuid)>,
}

/// Dispatches with their deliveries, the newest first, of incidents that the areas see.
///
/// # Errors
/// When the database fails.
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    areas: &AreaScope,
    limit: i64,
) -> Result<Vec<Dispatch>, sqlx::Error> {
    let sql = format!(
        "{SELECT} where ($1::uuid is null or d.id = $1) and ($2::uuid is null or d.incident = $2) \
           and ($3::text[] is null or d.unit = any($3)) \
           and (not $4 or d.state not in ('done', 'refused', 'recalled')) \
           and ($5::timestamptz is null or (d.created_at, d.id) < ($5, $6)) \
           and ($7::text[] is null or i.area = any($7)) \
         order by d.created_at desc, d.id desc limit $8"
    );
    let (before_at, before_id) = filter.before.unzip();
    let mut dispatches: Vec<Dispatch> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(filter.id)
        .bind(filter.incident)
        .bind(filter.units.as_deref())
        .bind(filter.open_only)
        .bind(before_at)
        .bind(before_id)
        .bind(areas.bind())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
    let ids: Vec<Uuid> = dispatches.iter().map(|dispatch| dispatch.id).collect();
    let rows = sqlx::query(
        "select dispatch, id, channel, kind, target, state, attempts, next_at, error, created_at, done_at, cancels from deliveries \
         where dispatch = any($1) order by channel, created_at",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let of: Uuid = row.try_get("dispatch")?;
        if let Some(dispatch) = dispatches.iter_mut().find(|dispatch| dispatch.id == of) {
            dispatch.deliveries.push(Delivery::from_row(row)?);
        }
    }
    Ok(dispatches)
}

/// One dispatch, if there is one of that id that the areas see.
///
/// # Errors
/// When the database fails.
pub async fn find(
    connection: &mut PgConnection,
    id: Uuid,
    areas: &AreaScope,
) -> Result<Option<Dispatch>, sqlx::Error> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    Ok(list(connection, &filter, areas, 1).await?.pop())
}

/// Whether a unit has an incident already: not one that it gave back, that it finished, or of which nothing reached it.
///
/// # Errors
/// When the database fails.
pub async fn is_under_way(
    connection: &mut PgConnection,
    incident: Uuid,
    unit: &str,
) -> Result<bool, sqlx::Error> {
    Ok(under_way(connection, incident).await?.iter().any(|one| one == unit))
}

/// The units that have an incident already, in that sense.
///
/// # Errors
/// When the database fails.
pub async fn under_way(connection: &mut PgConnection, incident: Uuid) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select distinct unit from dispatches where incident = $1 and state not in ('done', 'refused', 'recalled', 'failed')",
    )
    .bind(incident)
    .fetch_all(connection)
    .await
}

/// A dispatch to make.
#[derive(Debug, Clone)]
pub struct NewDispatch<'a> {
    /// The incident.
    pub incident: Uuid,
    /// The unit.
    pub unit: &'a str,
    /// What the center asks.
    pub note: &'a str,
    /// Who; none: the plan.
    pub by: Option<Uuid>,
    /// The units that were asked before for the same thing.
    pub asked: &'a [String],
    /// Why it is sent although it is off duty or does not serve the area; for the log.
    pub despite: Option<&'a str>,
}

/// Writes a dispatch down; the runner sends it. The caller holds the incident log's lock or takes it here.
///
/// # Errors
/// When the database fails.
pub async fn create(
    connection: &mut PgConnection,
    new: &NewDispatch<'_>,
    now: DateTime<Utc>,
) -> Result<Uuid, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    let id = Uuid::now_v7();
    let times = Times::from([(State::Queued, now)]);
    sqlx::query(
        "insert into dispatches (id, incident, unit, state, times, note, asked, created_at, created_by, since, act_at, link_until) \
         values ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $7, $7, $9)",
    )
    .bind(id)
    .bind(new.incident)
    .bind(new.unit)
    .bind(Json(times))
    .bind(new.note)
    .bind(new.asked)
    .bind(now)
    .bind(new.by)
    .bind(now + LINK_FOR)
    .execute(&mut *connection)
    .await?;
    let mut detail = json!({ "dispatch": id, "unit": new.unit, "state": State::Queued, "note": new.note });
    if let (Some(despite), Some(detail)) = (new.despite, detail.as_object_mut()) {
        detail.insert("despite".into(), json!(despite));
    }
    let is_free: bool = sqlx::query_scalar("select unit is null from incidents where id = $1")
        .bind(new.incident)
        .fetch_one(&mut *connection)
        .await?;
    let meant = is_free.then_some(new.unit);
    incidents::dispatched(connection, new.incident, (detail, meant), new.by, now).await?;
    Ok(id)
}

/// A step of a dispatch.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// Where to.
    pub to: State,
    /// What is said with it.
    pub answer: Option<&'a str>,
    /// Who, when it is a person with an account.
    pub by: Option<Uuid>,
    /// How it came, for the log: `inbox`, `link`, `center`, or the kind of a channel.
    pub way: &'a str,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is there now.
    Yes,
    /// It was there, or further, before: nothing changed.
    Already(State),
    /// It cannot go there from where it is.
    No(State),
    /// There is no such dispatch.
    Unknown,
}

/// Moves a dispatch, with its time and its row in the incident's log.
///
/// # Errors
/// When the database fails.
pub async fn step(
    connection: &mut PgConnection,
    id: Uuid,
    step: &Step<'_>,
    now: DateTime<Utc>,
) -> Result<Moved, sqlx::Error> {
    let now = now.trunc_subsecs(6);
    // The incident log's lock first, as everywhere.
    incidents::lock(connection).await?;
    let row = sqlx::query("select incident, unit, state, times from dispatches where id = $1 for update")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(Moved::Unknown) };
    let state = parse(row.try_get("state")?)?;
    let mut times = row.try_get::<Json<Times>, _>("times")?.0;
    if state == step.to || (times.contains_key(&step.to) && step.to < State::Done) {
        return Ok(Moved::Already(state));
    }
    if !state.may_become(step.to) {
        return Ok(Moved::No(state));
    }
    times.insert(step.to, now);
    // The plan looks at once: there may be nothing to wait for any more, or somebody else to ask.
    sqlx::query(
        "update dispatches set state = $2, times = $3, answer = coalesce($4, answer), act_at = $5 where id = $1",
    )
    .bind(id)
    .bind(step.to.as_str())
    .bind(Json(&times))
    .bind(step.answer)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    // Nobody is called for what is over, however many attempts are left.
    if step.to.is_over() {
        sqlx::query(
            "update deliveries set state = 'failed', next_at = null, done_at = $2, error = $3 \
             where dispatch = $1 and state = 'pending' and cancels is null",
        )
        .bind(id)
        .bind(now)
        .bind(format!("not needed any more: the dispatch is `{}`", step.to.as_str()))
        .execute(&mut *connection)
        .await?;
    }
    let incident: Uuid = row.try_get("incident")?;
    let unit: String = row.try_get("unit")?;
    if step.to.is_over() {
        // The same unit's other dispatch, from an incident that was merged into this one, may have rested because of this one.
        sqlx::query(
            "update dispatches set act_at = $3 where incident = $1 and unit = $2 and id <> $4 \
               and state not in ('done', 'recalled') and not passed_on",
        )
        .bind(incident)
        .bind(&unit)
        .bind(now)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    }
    let detail =
        json!({ "dispatch": id, "unit": unit, "state": step.to, "answer": step.answer, "way": step.way });
    // Whoever comes is the unit whose promises count, unless the one that it is meant for comes itself.
    let comes = matches!(step.to, State::Accepted | State::OnScene);
    let is_alone: bool = comes
        && sqlx::query_scalar(
            "select not exists (select from dispatches o join incidents i on i.id = o.incident and i.unit = o.unit \
               where o.incident = $1 and o.state in ('accepted', 'on_scene'))",
        )
        .bind(incident)
        .fetch_one(&mut *connection)
        .await?;
    let meant = is_alone.then_some(unit.as_str());
    incidents::dispatched(connection, incident, (detail, meant), step.by, now).await?;
    if step.to == State::OnScene {
        incidents::on_scene(connection, incident, now).await?;
    }
    Ok(Moved::Yes)
}

/// The secret that signs links, made when there is none.
///
/// # Errors
/// When the database fails.
pub async fn link_secret(connection: &mut PgConnection, random: &[u8; 32]) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query("insert into dispatch_secret (secret) values ($1) on conflict do nothing")
        .bind(random.as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar("select secret from dispatch_secret").fetch_one(connection).await
}
