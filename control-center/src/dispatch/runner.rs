//! Sends what is due and asks the next one when nobody answers. All it knows is in the database, so a center that is killed
//! goes on where it was, and several centers share the work: a row is somebody's while its lock or its lease lasts.

use super::link;
use super::message::{Notice, Sender};
use super::model::{State, Times};
use super::plan::{self, Next, Progress};
use super::say::{say, speak_one};
use super::send::{Letter, Outcome, Senders};
use super::sign::Key;
use super::store::{self, NewDispatch, Step, parse};
use super::take_back::{Why, take_back};
use super::unit::Channel;
use super::units::{self, StoredUnit};
use crate::access::AreaScope;
use crate::clock;
use crate::incidents::{self, IncidentChange};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row as _};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Another center may write a dispatch at any moment, so nobody sleeps for longer.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After a failed look.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// An attempt belongs to who began it for this long; longer than an attempt may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long a center that ends waits for attempts that were begun.
const GOODBYE: Duration = Duration::from_secs(2);
/// Attempts at one moment.
const AT_ONCE: i64 = 16;

/// What the runner needs to know of the center.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where units reach the center, without a slash at the end.
    pub public_url: String,
    /// Who speaks in the Common Alerting Protocol.
    pub sender: Sender,
}

/// The runner.
#[derive(Debug, Clone)]
pub struct Runner {
    pool: PgPool,
    senders: Senders,
    settings: Settings,
    secret: Vec<u8>,
}

/// A message to deliver.
#[derive(Debug)]
struct Due {
    id: Uuid,
    dispatch: Uuid,
    kind: String,
    target: String,
    body: String,
    media_type: String,
    attempts: i32,
    webhook_key: String,
    subject: String,
    cancels: Option<Uuid>,
}

impl Runner {
    /// Prepares it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn new(pool: PgPool, senders: Senders, settings: Settings) -> Result<Runner, sqlx::Error> {
        let secret = store::link_secret(&mut *pool.acquire().await?, &rand::random()).await?;
        Ok(Runner { pool, senders, settings, secret })
    }

    /// Runs until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        // Attempts run beside: a receiver that does not answer holds up nobody else's message, and no decision.
        let mut attempts = JoinSet::new();
        while !shutdown.is_cancelled() {
            let wait = match self.begin_due(&mut attempts, clock::now()).await {
                Ok(true) => Duration::ZERO,
                Ok(false) => LOOK_EVERY,
                Err(error) => {
                    tracing::warn!(%error, "dispatches wait for the database");
                    AGAIN_AFTER
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                Some(ended) = attempts.join_next() => said(ended),
                () = tokio::time::sleep(wait) => {}
            }
        }
        // What does not end now is sent again, with the same id, when its lease is over.
        let rest = async {
            while let Some(ended) = attempts.join_next().await {
                said(ended);
            }
        };
        let _ = tokio::time::timeout(GOODBYE, rest).await;
    }

    async fn begin_due(
        &self,
        attempts: &mut JoinSet<Result<(), sqlx::Error>>,
        now: DateTime<Utc>,
    ) -> Result<bool, sqlx::Error> {
        let mut any = self.decide_one(now).await?;
        any |= speak_one(&self.pool, &self.settings, now).await?;
        let free = AT_ONCE.saturating_sub(i64::try_from(attempts.len()).unwrap_or(AT_ONCE));
        for due in self.lease(free, now).await? {
            let runner = self.clone();
            attempts.spawn(async move { runner.attempt(due, now).await });
        }
        Ok(any)
    }

    /// Does what is due, and waits for its end; answers whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pass(&self, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        let decided = self.decide_one(now).await?;
        let said = speak_one(&self.pool, &self.settings, now).await?;
        let due = self.lease(AT_ONCE, now).await?;
        let any = decided || said || !due.is_empty();
        futures_util::future::join_all(due.into_iter().map(|due| self.attempt(due, now)))
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        Ok(any)
    }

    /// Looks at one dispatch whose time has come.
    async fn decide_one(&self, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        let now = now.trunc_subsecs(6);
        let mut transaction = self.pool.begin().await?;
        let due: Option<Uuid> =
            sqlx::query_scalar("select id from dispatches where act_at <= $1 order by act_at limit 1")
                .bind(now)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(id) = due else { return Ok(false) };
        // The incident log's lock first, as everywhere; then nobody else looks at it either.
        incidents::lock(&mut transaction).await?;
        let row = sqlx::query(
            "select d.incident, d.unit, d.state, d.times, d.asked, d.begun, d.since, d.passed_on, d.note, d.link_until, i.area, \
               (select state from deliveries where dispatch = d.id order by channel desc limit 1) as newest, \
               i.status in ('resolved', 'closed') as is_over, i.status in ('open', 'in_progress') and not exists (select from dispatches o where o.incident = d.incident \
                 and o.unit = d.unit and o.id <> d.id and o.state in ('accepted', 'on_scene')) as is_needed, \
               array(select o.unit from dispatches o where o.incident = d.incident \
                 and o.state not in ('done', 'refused', 'recalled', 'failed')) as under_way \
             from dispatches d join incidents i on i.id = d.incident where d.id = $1 and d.act_at <= $2 for update of d",
        )
        .bind(id)
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(true) };
        let connection = &mut *transaction;
        let (incident, unit): (Uuid, String) = (row.try_get("incident")?, row.try_get("unit")?);
        let stored = units::find(connection, &unit).await?.ok_or(sqlx::Error::RowNotFound)?;
        let mut asked: Vec<String> = row.try_get("asked")?;
        asked.push(unit);
        let mut passed_over: Vec<String> = row.try_get("under_way")?;
        passed_over.extend_from_slice(&asked);
        let area: Option<String> = row.try_get("area")?;
        let next_unit = next_unit(connection, (&stored, area.as_deref()), &passed_over, now).await?;
        let begun: i32 = row.try_get("begun")?;
        let times = row.try_get::<Json<Times>, _>("times")?.0;
        let state = parse(row.try_get("state")?)?;
        let why = match state {
            State::Recalled => Some(Why::Recalled),
            State::Failed => None,
            _ => row.try_get::<bool, _>("is_over")?.then_some(Why::Over),
        };
        if let Some(why) = why {
            take_back(connection, &self.settings, ((id, incident), why), now).await?;
        }
        let progress = Progress {
            state,
            is_needed: row.try_get("is_needed")?,
            read_at: times.get(&State::Read).copied(),
            begun: usize::try_from(begun).unwrap_or(0),
            channels: stored.unit.channels.len(),
            newest: match row.try_get::<Option<&str>, _>("newest")? {
                Some("delivered") => plan::Delivery::Delivered,
                Some("failed") => plan::Delivery::Failed,
                _ => plan::Delivery::Pending,
            },
            since: row.try_get("since")?,
            read_within: TimeDelta::seconds(stored.unit.read_within_s.into()),
            accept_within: TimeDelta::seconds(stored.unit.accept_within_s.into()),
            passed_on: row.try_get("passed_on")?,
            has_next_unit: next_unit.is_some(),
        };
        let note: String = row.try_get("note")?;
        let act_at = match plan::next(&progress, now) {
            Next::Rest => None,
            Next::Wait(until) => Some(until),
            Next::Channel(index) => {
                let link_until = row.try_get("link_until")?;
                self.begin(connection, (id, incident), (&stored, index), (&note, link_until, now)).await?;
                Some(now)
            }
            Next::Unit => {
                if let Some(unit) = &next_unit {
                    let (unit, despite) = (&unit.unit.id, None);
                    let new = NewDispatch { incident, unit, note: &note, by: None, asked: &asked, despite };
                    store::create(connection, &new, now).await?;
                }
                self.pass_on(connection, id, now).await?;
                None
            }
            Next::Supervisor => {
                let people = incidents::supervisors(connection, area.as_deref()).await?;
                let detail = json!({ "clock": null, "rung": "supervisor", "to": people, "dispatch": id,
                    "unit": stored.unit.id, "reason": "no unit answers" });
                incidents::append(connection, incident, (IncidentChange::Escalated, detail), None, now)
                    .await?;
                self.pass_on(connection, id, now).await?;
                None
            }
        };
        sqlx::query("update dispatches set act_at = $2 where id = $1")
            .bind(id)
            .bind(act_at)
            .execute(connection)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn pass_on(
        &self,
        connection: &mut PgConnection,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("update dispatches set passed_on = true where id = $1")
            .bind(id)
            .execute(&mut *connection)
            .await?;
        fail_unless_reached(connection, id, now).await
    }

    /// Writes the message for a channel down.
    async fn begin(
        &self,
        connection: &mut PgConnection,
        (id, incident): (Uuid, Uuid),
        (stored, index): (&StoredUnit, usize),
        (note, link_until, now): (&str, DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), sqlx::Error> {
        let unit = &stored.unit;
        let channel = &unit.channels[index];
        let view = incidents::view(connection, incident, &AreaScope::whole_city()).await?;
        let view = view.ok_or(sqlx::Error::RowNotFound)?;
        let procedure =
            incidents::procedure_of(connection, &view.incident.kind, view.incident.procedure).await?;
        let link = format!("{}/link/{}", self.settings.public_url, link::token(&self.secret, id));
        let notice = Notice {
            dispatch: id,
            unit: &unit.id,
            incident: &view.incident,
            kind: &procedure.name,
            evidence: &view.evidence,
            note,
            link: &link,
            link_until,
            told: &[],
        };
        let cap = say(connection, &self.settings, (&notice, None), now).await?;
        let delivery = Uuid::now_v7();
        let body = notice.body(channel, delivery, &cap, now);
        let is_inbox = matches!(channel, Channel::Inbox {});
        sqlx::query(
            "insert into deliveries (id, dispatch, channel, kind, target, body, media_type, state, next_at, created_at, done_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(delivery)
        .bind(id)
        .bind(i32::try_from(index).unwrap_or(i32::MAX))
        .bind(channel.kind())
        .bind(channel.target(&unit.id))
        .bind(body.text)
        .bind(body.media_type)
        .bind(if is_inbox { "delivered" } else { "pending" })
        .bind((!is_inbox).then_some(now))
        .bind(now)
        .bind(is_inbox.then_some(now))
        .execute(&mut *connection)
        .await?;
        sqlx::query("update dispatches set begun = $2, since = $3 where id = $1")
            .bind(id)
            .bind(i32::try_from(index + 1).unwrap_or(i32::MAX))
            .bind(now)
            .execute(&mut *connection)
            .await?;
        let sent = Step { to: State::Sent, answer: None, by: None, way: channel.kind() };
        store::step(connection, id, &sent, now).await?;
        if is_inbox {
            let delivered = Step { to: State::Delivered, ..sent };
            store::step(connection, id, &delivered, now).await?;
        }
        Ok(())
    }

    /// Takes messages whose time has come, for the length of an attempt.
    async fn lease(&self, most: i64, now: DateTime<Utc>) -> Result<Vec<Due>, sqlx::Error> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "with due as (select id from deliveries where next_at <= $1 order by next_at limit $2 for update skip locked) \
             update deliveries d set next_at = $3, attempts = d.attempts + 1 from due, dispatches p, units u, incidents i \
             where d.id = due.id and p.id = d.dispatch and u.id = p.unit and i.id = p.incident \
             returning d.id, d.dispatch, d.kind, d.target, d.body, d.media_type, d.attempts, d.cancels, u.webhook_key, \
               '[' || i.number || '] ' || case when d.cancels is null then '' else 'Đã thu hồi · Taken back: ' end || i.title as subject",
        )
        .bind(now)
        .bind(most)
        .bind(now + LEASE)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Due {
                    id: row.try_get("id")?,
                    dispatch: row.try_get("dispatch")?,
                    kind: row.try_get("kind")?,
                    target: row.try_get("target")?,
                    body: row.try_get("body")?,
                    media_type: row.try_get("media_type")?,
                    attempts: row.try_get("attempts")?,
                    webhook_key: row.try_get("webhook_key")?,
                    subject: row.try_get("subject")?,
                    cancels: row.try_get("cancels")?,
                })
            })
            .collect()
    }

    async fn attempt(&self, due: Due, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let begun = clock::instant();
        let outcome = match due.kind.as_str() {
            "webhook" => match Key::parse(&due.webhook_key) {
                Ok(key) => {
                    let (to, message) =
                        ((due.target.as_str(), due.media_type.as_str()), (due.id, due.body.as_str()));
                    self.senders.webhook(to, message, &[key], now).await
                }
                Err(error) => Outcome::GivenUp(error.to_string()),
            },
            "mail" => {
                let (id, answers) = (due.id, due.cancels);
                let letter = Letter { id, answers, subject: &due.subject, body: &due.body };
                self.senders.mail(&due.target, &letter).await
            }
            "mqtt" => self.senders.mqtt(&due.target, due.id, &due.body).await,
            other => Outcome::GivenUp(format!("there is no channel `{other}`")),
        };
        // When it ended, not when it began: that is when the other side had it, and from then the next attempt counts.
        let took = TimeDelta::from_std(begun.elapsed()).unwrap_or_default();
        self.note(&due, outcome, (now, (now + took).trunc_subsecs(6))).await
    }

    async fn note(
        &self,
        due: &Due,
        outcome: Outcome,
        (begun, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), sqlx::Error> {
        let attempts = usize::try_from(due.attempts).unwrap_or(0);
        let (state, next_at, error) = match outcome {
            Outcome::Delivered => ("delivered", None, None),
            Outcome::GivenUp(reason) => ("failed", None, Some(reason)),
            Outcome::Again(reason) => match plan::retry_at(attempts, now, rand::random()) {
                Some(at) => ("pending", Some(at), Some(reason)),
                None => ("failed", None, Some(reason)),
            },
        };
        let mut transaction = self.pool.begin().await?;
        incidents::lock(&mut transaction).await?;
        sqlx::query(
            "update deliveries set state = $2, next_at = $3, error = $4, done_at = $5 where id = $1 and state = 'pending'",
        )
        .bind(due.id)
        .bind(state)
        .bind(next_at)
        .bind(error)
        .bind((state != "pending").then_some(now))
        .execute(&mut *transaction)
        .await?;
        if state == "delivered" {
            let step = Step { to: State::Delivered, answer: None, by: None, way: &due.kind };
            store::step(&mut transaction, due.dispatch, &step, now).await?;
        }
        // What failed for good makes room for the next channel at once. Where the plan has passed on already and looks no more,
        // it may have been the last way to the unit.
        if state == "failed" {
            let passed_on: bool = sqlx::query_scalar("select passed_on from dispatches where id = $1")
                .bind(due.dispatch)
                .fetch_one(&mut *transaction)
                .await?;
            if passed_on {
                fail_unless_reached(&mut transaction, due.dispatch, now).await?;
            }
            sqlx::query("update dispatches set act_at = $2 where id = $1 and act_at is not null")
                .bind(due.dispatch)
                .bind(begun)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

/// Nothing reached the unit at all: it has not merely not answered. A dispatch that somebody has read stays as it is.
async fn fail_unless_reached(
    connection: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let reached: bool = sqlx::query_scalar(
        "select exists (select from deliveries where dispatch = $1 and state <> 'failed' and cancels is null)",
    )
    .bind(id)
    .fetch_one(&mut *connection)
    .await?;
    if !reached {
        let step = Step { to: State::Failed, answer: None, by: None, way: "plan" };
        store::step(connection, id, &step, now).await?;
    }
    Ok(())
}

fn said(ended: Result<Result<(), sqlx::Error>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "what became of a message was not written down; it is sent again")
        }
        Err(error) => tracing::error!(%error, "an attempt to deliver ended badly"),
    }
}

/// The unit that is asked next: the first of the fallbacks that is on duty, serves the incident's area, was not asked, and has
/// not this incident already.
async fn next_unit(
    connection: &mut PgConnection,
    (unit, area): (&StoredUnit, Option<&str>),
    passed_over: &[String],
    now: DateTime<Utc>,
) -> Result<Option<StoredUnit>, sqlx::Error> {
    for id in unit.unit.fallback.iter().filter(|id| !passed_over.contains(id)) {
        let next = units::find(connection, id).await?;
        if let Some(next) = next.filter(|next| next.unit.may_be_asked(area, now)) {
            return Ok(Some(next));
        }
    }
    Ok(None)
}
