//! A dispatch that was taken back, or whose incident is over: who was told of it is told so, on the same channel, by a
//! message that names the one that it takes back. It goes the way of every message: written down first, the same id at every attempt.

use super::cap::{self, Reference};
use super::follow::OVER;
use super::message::Withdrawal;
use super::runner::Settings;
use crate::access::AreaScope;
use crate::incidents;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// The media type of a message in the Common Alerting Protocol.
const CAP: &str = "application/cap+xml";

/// A message that the other side has, or may have.
#[derive(Debug, FromRow)]
struct Told {
    id: Uuid,
    channel: i32,
    kind: String,
    target: String,
    body: String,
    media_type: String,
}

/// Why messages are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The dispatch is, with all that was said of it.
    Recalled,
    /// The incident is over. Who comes knows more than we do, but what was said in the Common Alerting Protocol stands on
    /// somebody's map until it is cancelled.
    Over,
}

/// Writes down what takes the messages of a dispatch back. Doing it again changes nothing.
pub(super) async fn take_back(
    connection: &mut PgConnection,
    settings: &Settings,
    ((dispatch, incident), why): ((Uuid, Uuid), Why),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    // Whoever answered an attempt with an error may have understood it all the same.
    let told: Vec<Told> = sqlx::query_as(
        "select id, channel, kind, target, body, media_type from deliveries d where dispatch = $1 and kind <> 'inbox' \
           and cancels is null and attempts > 0 and not exists (select from deliveries k where k.cancels = d.id) \
           and ($2::text is null or media_type = $2) order by channel",
    )
    .bind(dispatch)
    .bind((why == Why::Over).then_some(CAP))
    .fetch_all(&mut *connection)
    .await?;
    if told.is_empty() {
        return Ok(());
    }
    let (unit, answer): (String, String) =
        sqlx::query_as("select unit, answer from dispatches where id = $1")
            .bind(dispatch)
            .fetch_one(&mut *connection)
            .await?;
    let reason = if why == Why::Over { OVER } else { &answer };
    let incident = incidents::find(connection, incident, &AreaScope::whole_city()).await?;
    let incident = incident.ok_or(sqlx::Error::RowNotFound)?;
    let procedure = incidents::procedure_of(connection, &incident.kind, incident.procedure).await?;
    for message in told {
        let id = Uuid::now_v7();
        let withdrawal = Withdrawal {
            id,
            takes_back: message.id,
            dispatch,
            unit: &unit,
            incident: &incident,
            kind: &procedure.name,
            reason,
        };
        let body = match message.media_type.as_str() {
            CAP => {
                let said: Vec<Reference> = cap::reference(&message.body).into_iter().collect();
                cap::document(&withdrawal.cap(said, (&settings.sender, &settings.public_url), now))
            }
            "text/plain" => withdrawal.mail(),
            _ => withdrawal.event(now),
        };
        sqlx::query(
            "insert into deliveries (id, dispatch, channel, kind, target, body, media_type, state, next_at, created_at, cancels) \
             values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $8, $9)",
        )
        .bind(id)
        .bind(dispatch)
        .bind(message.channel)
        .bind(&message.kind)
        .bind(&message.target)
        .bind(body)
        .bind(&message.media_type)
        .bind(now)
        .bind(message.id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
