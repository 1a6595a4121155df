//! What is said of incidents in the Common Alerting Protocol: kept with the incident and in the feed, said anew when it reads
//! otherwise, and taken back when the incident is over. `cap_open` knows what stands, so that nobody looks through all
//! that was ever said.

use super::cap::{self, document};
use super::message::{CAP_COUNTS, Notice};
use super::runner::Settings;
use crate::access::AreaScope;
use crate::incidents;
use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Says the incident in the Common Alerting Protocol, as it is now; answers the document for the notice's unit. Without a kind
/// it is the first message of its incident or an update; when there is nothing new, the one that stands is said again.
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
    let earlier: Vec<cap::Reference> =
        earlier.into_iter().map(|(identifier, sent, _)| cap::Reference { identifier, sent }).collect();
    let (told, notes) = match kind {
        Some(cap::Kind::Cancel) => (vec![], vec![]),
        _ => told(connection, incident.id).await?,
    };
    let for_unit = Notice { told: &told, ..notice.clone() };
    // The link answers for the unit, so only the unit gets it: every reader may look at what is kept.
    let kept = Notice { note: &notes.join("\n"), link: "", ..for_unit.clone() };
    let written = |notice: &Notice<'_>, (identifier, kind): (&str, cap::Kind), references, sent| {
        document(&notice.cap((identifier, kind), references, (&settings.sender, &settings.public_url), sent))
    };
    if let (None, Some((stands, before))) = (kind, earlier.split_last())
        && now < stands.sent + CAP_COUNTS
    {
        let name = (stands.identifier.as_str(), first_or_update(before));
        let said: String = sqlx::query_scalar("select document from cap_messages where identifier = $1")
            .bind(&stands.identifier)
            .fetch_one(&mut *connection)
            .await?;
        if said == written(&kept, name, before.to_vec(), stands.sent) {
            note_open(connection, incident.id).await?;
            return Ok(written(&for_unit, name, before.to_vec(), stands.sent));
        }
    }
    let kind = kind.unwrap_or_else(|| first_or_update(&earlier));
    let sent = now.trunc_subsecs(0);
    sqlx::query(
        "insert into cap_messages (identifier, incident, kind, sent, area, title, document) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&identifier)
    .bind(incident.id)
    .bind(kind.as_str())
    .bind(sent)
    .bind(&incident.area)
    .bind(&incident.title)
    .bind(written(&kept, (&identifier, kind), earlier.clone(), sent))
    .execute(&mut *connection)
    .await?;
    match kind {
        cap::Kind::Cancel => {
            sqlx::query("delete from cap_open where incident = $1")
                .bind(incident.id)
                .execute(connection)
                .await?;
        }
        cap::Kind::Alert | cap::Kind::Update => note_open(connection, incident.id).await?,
    }
    Ok(written(&for_unit, (&identifier, kind), earlier, sent))
}

fn first_or_update(earlier: &[cap::Reference]) -> cap::Kind {
    if earlier.is_empty() { cap::Kind::Alert } else { cap::Kind::Update }
}

/// Something stands of this incident, and it is what there is to say.
async fn note_open(connection: &mut PgConnection, incident: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into cap_open (incident) values ($1) on conflict (incident) do update set say_again = false",
    )
    .bind(incident)
    .execute(connection)
    .await?;
    Ok(())
}

/// The units that an incident was handed to and that have not given it back, and what they are asked; each once, the first
/// first.
async fn told(
    connection: &mut PgConnection,
    incident: Uuid,
) -> Result<(Vec<String>, Vec<String>), sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select unit, note from dispatches where incident = $1 and state not in ('refused', 'recalled', 'failed') \
         order by created_at, id",
    )
    .bind(incident)
    .fetch_all(connection)
    .await?;
    let (mut units, mut notes) = (Vec::new(), Vec::new());
    for (unit, note) in rows {
        for (list, word) in [(&mut units, unit), (&mut notes, note)] {
            if !word.is_empty() && !list.contains(&word) {
                list.push(word);
            }
        }
    }
    Ok((units, notes))
}

/// An incident of which something is to be said: it is over and something stands, or it may read otherwise.
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
                told: &[],
            };
            let kind = is_over.then_some(cap::Kind::Cancel);
            say(connection, settings, (&notice, kind), now).await?;
        }
    }
    transaction.commit().await?;
    Ok(true)
}
