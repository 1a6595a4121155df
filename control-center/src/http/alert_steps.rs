//! `/api/v1/alerts/{id}/…`: what people do with an alert, and the log of it.

use super::Shared;
use super::extract::{Json as Body, Path, Query, SignedIn};
use super::idempotency::Idempotent;
use super::page::{self, PageQuery};
use super::problem::{Error, Problem};
use crate::access;
use crate::access::users::Role;
use crate::alerts::step::{Hand, Recipient, Step};
use crate::alerts::{Alert, Change, Person, Verdict, store};
use crate::clock;
use crate::dispatch::units;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row as _};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most alerts in one bulk acknowledgement.
const MAX_MANY: usize = 500;

/// To whom, and what to tell them: exactly one of `user` and `unit`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user": "minh", "message": "Xem giúp camera hướng bắc" }))]
pub(crate) struct ForwardAlert {
    /// The name with which a person signs in.
    user: Option<String>,
    /// A unit's id.
    unit: Option<String>,
    /// What to tell them, 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    message: String,
}

/// Until when, and why. Both are mandatory.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "until": "2026-11-22T10:00:00Z", "reason": "Đang sửa đường" }))]
pub(crate) struct ShelveAlert {
    /// When it comes back by itself: in the future, at most 24 hours away.
    until: DateTime<Utc>,
    /// Why, 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// What it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "false", "reason": "shadow" }))]
pub(crate) struct DismissAlert {
    /// Whether what the rule stated was so.
    verdict: Verdict,
    /// The reason's code.
    #[schema(pattern = "^[a-z0-9_]{1,64}$")]
    reason: String,
    /// What else is worth knowing.
    note: Option<String>,
}

/// Which alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeAlerts {
    /// Their ids, at most 500.
    #[schema(min_items = 1, max_items = 500)]
    ids: Vec<Uuid>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcknowledgedAlerts {
    /// Acknowledged by you, now or before.
    acknowledged: Vec<Alert>,
    /// Acknowledged by someone else before.
    taken: Vec<TakenAlert>,
    /// There are no such alerts.
    unknown: Vec<Uuid>,
}

/// An alert that someone else acknowledged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TakenAlert {
    /// The alert.
    id: Uuid,
    /// Who was first.
    acknowledged_by: Person,
}

/// A page of the history of an alert: the newest changes, of these the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertLog {
    /// The changes.
    items: Vec<AlertLogEntry>,
    /// For the changes before these; none when there are no older ones.
    next_cursor: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertLogEntry {
    /// Its number in the log of all alerts.
    seq: i64,
    /// When, by the center's clock.
    at: DateTime<Utc>,
    /// What changed.
    change: Change,
    /// The person; none when the machine did it.
    actor: Option<Person>,
    /// Why, as far as the change has a reason: the fields depend on it.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

/// The person as others see them.
pub(crate) fn person_of(person: &access::Person) -> Person {
    let name = if person.full_name.is_empty() { &person.name } else { &person.full_name };
    Person { id: person.id, name: name.clone() }
}

/// The person, and whether they lead.
fn hand(person: &access::Person) -> Hand {
    let leads = matches!(person.role, Role::Supervisor | Role::Admin);
    Hand { person: person_of(person), leads, areas: person.areas.clone() }
}

async fn take(shared: &Shared, id: Uuid, step: Step, person: &access::Person) -> Result<Json<Alert>, Error> {
    Ok(Json(store::take(shared.pool(), id, (&step, &hand(person)), clock::now()).await?))
}

/// Acknowledge an alert
///
/// Says that a person saw it. Of several at once one wins; the winner may repeat it.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", operation_id = "acknowledge_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert, acknowledged by you", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Someone else was first: `acknowledged_by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn acknowledge_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Acknowledge, &person).await
}

/// Acknowledge many alerts
///
/// All in one transaction. What someone else acknowledged before is named, and hinders nothing.
#[utoipa::path(post, path = "/api/v1/alerts/acknowledge", operation_id = "acknowledge_alerts", tag = "alerts",
    request_body = AcknowledgeAlerts,
    responses((status = 200, description = "What became of each", body = AcknowledgedAlerts)))]
pub(crate) async fn acknowledge_alerts(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Body(many): Body<AcknowledgeAlerts>,
) -> Result<Json<AcknowledgedAlerts>, Error> {
    if !(1..=MAX_MANY).contains(&many.ids.len()) {
        return Err(Error::Unprocessable(format!("ids: wanted 1 to {MAX_MANY}")));
    }
    let taken = store::acknowledge_many(shared.pool(), &many.ids, &hand(&person), clock::now()).await?;
    let refused = taken.refused.into_iter();
    Ok(Json(AcknowledgedAlerts {
        acknowledged: taken.done,
        taken: refused.map(|(id, acknowledged_by)| TakenAlert { id, acknowledged_by }).collect(),
        unknown: taken.unknown,
    }))
}

/// Claim an alert
///
/// Says who works on it. Of several at once one wins; the winner may repeat it.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/claim", operation_id = "claim_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert, owned by you", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Someone else owns it: `by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn claim_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Claim, &person).await
}

/// Release an alert
///
/// Ends a claim: one's own, or as a supervisor anybody's. Releasing what nobody owns changes nothing.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/release", operation_id = "release_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert, owned by nobody", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Someone else owns it: `by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn release_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Release, &person).await
}

/// Forward an alert
///
/// Hands it to a person or a unit, with a message. The sender's claim ends; who received it claims it.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/forward", operation_id = "forward_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")), request_body = ForwardAlert,
    responses(
        (status = 200, description = "The alert, forwarded", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Someone else owns it: `by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn forward_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    once: Idempotent,
    Path(id): Path<Uuid>,
    Body(body): Body<ForwardAlert>,
) -> Result<Json<Alert>, Error> {
    let alert = store::get(shared.pool(), id, &person.areas).await?.ok_or(Error::NotFound("alert"))?;
    let area = alert.area.as_deref();
    let to = match (body.user, body.unit) {
        (Some(name), None) => Recipient::User(find_user(shared.pool(), &name, area).await?),
        (None, Some(unit)) => Recipient::Unit(find_unit(shared.pool(), unit, area).await?),
        _ => return Err(Error::Unprocessable("wanted exactly one of user and unit".into())),
    };
    // Repeated, it would take back the claim of who has it now.
    let step = Step::Forward(to, body.message);
    let mut transaction = store::begin_soon(shared.pool()).await?;
    let alert = store::take_in(&mut transaction, id, (&step, &hand(&person)), clock::now()).await?;
    once.seal(&mut transaction, StatusCode::OK, &alert).await?;
    transaction.commit().await?;
    Ok(Json(alert))
}

/// A person who works on alerts and sees those of the area.
async fn find_user(pool: &PgPool, name: &str, area: Option<&str>) -> Result<Person, Error> {
    let found: Option<(Uuid, String)> = sqlx::query_as(
        "select id, coalesce(nullif(full_name, ''), name) from users where name = $1 and not disabled \
           and kind = 'person' and role in ('operator', 'supervisor', 'admin') \
           and ('*' = any(areas) or $2 = any(areas))",
    )
    .bind(name.replace('\0', "\u{fffd}"))
    .bind(area)
    .fetch_optional(pool)
    .await?;
    let unusable =
        || Error::Unprocessable(format!("user: there is no operator `{name}` who sees this alert"));
    let (id, name) = found.ok_or_else(unusable)?;
    Ok(Person { id, name })
}

/// A unit that takes something and serves the area.
async fn find_unit(pool: &PgPool, id: String, area: Option<&str>) -> Result<String, Error> {
    let unit = units::find(&mut *pool.acquire().await?, &id).await?.map(|stored| stored.unit);
    match unit {
        Some(unit) if !unit.disabled && unit.serves(area) => Ok(id),
        _ => Err(Error::Unprocessable(format!("unit: there is no `{id}` that serves the alert's area"))),
    }
}

/// Shelve an alert
///
/// Mutes it until a time, for a reason. It comes back by itself, within a second, also when the center was restarted.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/shelve", operation_id = "shelve_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")), request_body = ShelveAlert,
    responses(
        (status = 200, description = "The alert, shelved", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn shelve_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Body(body): Body<ShelveAlert>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Shelve(body.until, body.reason), &person).await
}

/// Unshelve an alert
///
/// Brings it back before its time. What is not shelved stays as it is.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/unshelve", operation_id = "unshelve_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert, not shelved", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn unshelve_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Unshelve, &person).await
}

/// Dismiss an alert
///
/// Says what it was, with a reason. It counts as acknowledged then. Another person's verdict only a supervisor changes.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/dismiss", operation_id = "dismiss_alert", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id")), request_body = DismissAlert,
    responses(
        (status = 200, description = "The alert with its verdict", body = Alert),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Someone else gave another verdict: `by` says who", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn dismiss_alert(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Body(body): Body<DismissAlert>,
) -> Result<Json<Alert>, Error> {
    take(&shared, id, Step::Dismiss(body.verdict, body.reason, body.note), &person).await
}

/// Read an alert's log
///
/// Who did what when and why, and what the machine did.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/log", operation_id = "read_alert_log", tag = "alerts",
    params(("id" = Uuid, Path, description = "The alert's id"), PageQuery),
    responses(
        (status = 200, description = "A page of its changes", body = AlertLog),
        (status = 404, description = "There is no such alert", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_alert_log(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<AlertLog>, Error> {
    let limit = query.limit()?;
    let before: Option<i64> = match query.after()? {
        Some([seq]) => Some(seq.parse().map_err(|_| page::bad())?),
        None => None,
    };
    store::get(shared.pool(), id, &person.areas).await?.ok_or(Error::NotFound("alert"))?;
    let rows = sqlx::query(
        "select l.seq, l.at, l.change, l.detail, l.actor, coalesce(nullif(u.full_name, ''), u.name, '') as name \
         from alert_log l left join users u on u.id = l.actor \
         where l.alert = $1 and ($2::bigint is null or l.seq < $2) order by l.seq desc limit $3",
    )
    .bind(id)
    .bind(before)
    .bind(limit + 1)
    .fetch_all(shared.pool())
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let change: String = row.try_get("change")?;
        let actor: Option<Uuid> = row.try_get("actor")?;
        let name: String = row.try_get("name")?;
        items.push(AlertLogEntry {
            seq: row.try_get("seq")?,
            at: row.try_get("at")?,
            // Only our own words are written there.
            change: Change::parse(&change).unwrap_or(Change::Repeated),
            actor: actor.map(|id| Person { id, name }),
            detail: row.try_get("detail")?,
        });
    }
    let next_cursor = page::cut(&mut items, limit, |entry| page::encode_texts(&[&entry.seq.to_string()]));
    items.reverse();
    Ok(Json(AlertLog { items, next_cursor }))
}
