//! What is said of incidents in the Common Alerting Protocol: kept with the incident and in the feed, said anew after a merge
//! or a split, and taken back when the incident is over. `cap_open` knows what stands, so that nobody looks through all
//! that was ever said.

use super::cap::{self, document};
use super::message::Notice;
use super::runner::Settings;
use crate::access::AreaScope;
use crate::incidents;
use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Says the incident in the Common Alerting Protocol, as it is now; answers the document. Without a kind it is the first
/// message of its incident or an update.
pub(super) async fn say(
    connection: &mut PgConnection,
    settings: &Settings,
    (notice, kind): (&Notice<'_>, Option<cap::Kind>),
    now: DateTime<Utc>,
) -> Result<String, sqlx::Error> {
    let incident = notice.incident;
    let mut earlier: Vec<(String, DateTime<Utc>, String)> = sqlx::query_as(
        "select identifier, sent, kind from cap_messages where incident = $1 \
         order by sent, length(identifier), identifier",
    )
    .bind(incident.id)
    .fetch_all(&mut *connection)
    .await?;
    let identifier = format!("{}.{}", incident.id.simple(), earlier.len() + 1);
    // What was taken back is not updated: an incident that is reopened begins anew.
    let taken_back = earlier.iter().rposition(|(_, _, kind)| kind == cap::Kind::Cancel.as_str());
    earlier.drain(..taken_back.map_or(0, |last| last + 1));
    let kind = kind.unwrap_or(if earlier.is_empty() { cap::Kind::Alert } else { cap::Kind::Update });
    let references =
        earlier.into_iter().map(|(identifier, sent, _)| cap::Reference { identifier, sent }).collect();
    let sent = now.trunc_subsecs(0);
    let mut message =
        notice.cap((&identifier, kind), references, (&settings.sender, &settings.public_url), sent);
    let for_unit = document(&message);
    // The link answers for the unit, so only the unit gets it: every reader may look at what is kept.
    message.web = None;
    let document = document(&message);
    sqlx::query(
        "insert into cap_messages (identifier, incident, kind, sent, area, title, document) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&identifier)
    .bind(incident.id)
    .bind(kind.as_str())
    .bind(sent)
    .bind(&incident.area)
    .bind(&incident.title)
    .bind(&document)
    .execute(&mut *connection)
    .await?;
    let stands = match kind {
        cap::Kind::Cancel => "delete from cap_open where incident = $1",
        cap::Kind::Alert | cap::Kind::Update => {
            "insert into cap_open (incident) values ($1) on conflict (incident) do update set say_again = false"
        }
    };
    sqlx::query(stands).bind(incident.id).execute(connection).await?;
    Ok(for_unit)
}

/// An incident of which something is to be said: it is over and something stands, or dispatches came to it.
const DUE: &str = "from cap_open c join incidents i on i.id = c.incident \
    where (c.say_again or i.status in ('resolved', 'closed'))";

/// Says what is due of one incident; answers whether there was one.
///
/// # Errors
/// When the database fails.
pub(super) async fn speak_one(
    pool: &PgPool,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let any = sqlx::AssertSqlSafe(format!("select c.incident {DUE} limit 1"));
    let due: Option<Uuid> = sqlx::query_scalar(any).fetch_optional(pool).await?;
    let Some(id) = due else { return Ok(false) };
    let mut transaction = pool.begin().await?;
    incidents::lock(&mut transaction).await?;
    let connection = &mut *transaction;
    let this = sqlx::AssertSqlSafe(format!(
        "select coalesce((select kind <> 'Cancel' from cap_messages m where m.incident = c.incident \
           order by sent desc, length(identifier) desc, identifier desc limit 1), false) {DUE} and c.incident = $1"
    ));
    let something_stands: Option<bool> =
        sqlx::query_scalar(this).bind(id).fetch_optional(&mut *connection).await?;
    let view = incidents::view(connection, id, &AreaScope::whole_city()).await?;
    if let (Some(something_stands), Some(view)) = (something_stands, view) {
        let is_over = !view.incident.is_unfinished();
        if is_over && !something_stands {
            sqlx::query("delete from cap_open where incident = $1").bind(id).execute(connection).await?;
        } else {
            let procedure =
                incidents::procedure_of(connection, &view.incident.kind, view.incident.procedure).await?;
            let notice = Notice {
                dispatch: id,
                unit: "",
                incident: &view.incident,
                kind: &procedure.name,
                evidence: if is_over { &[] } else { &view.evidence },
                note: "",
                link: "",
                link_until: now,
            };
            let kind = is_over.then_some(cap::Kind::Cancel);
            say(connection, settings, (&notice, kind), now).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}
