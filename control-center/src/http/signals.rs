//! `/api/v1/signals`: sensors and other systems speak.

use super::Shared;
use super::extract::{Json, SignedIn};
use super::problem::Error;
use crate::access::Via;
use crate::access::audit::{self, Act};
use crate::alerts::Severity;
use crate::clock;
use crate::incidents::text::is_word;
use crate::incidents::{Signal, SignalError, Speaker, may_speak, take_signal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A signal, and whose it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PostSignal {
    /// The sensor or system: `a-z`, `0-9` and `-`.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,63}$", example = "cau-bo")]
    source: String,
    #[serde(flatten)]
    signal: Signal,
}

/// What became of a signal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalTaken {
    /// The source.
    source: String,
    /// The source's own name for the message.
    id: String,
    /// How grave an incident it is; none for a reading only.
    severity: Option<Severity>,
    /// The incident that it joined or opened, when you see that one.
    incident: Option<Uuid>,
}

/// Send a signal
///
/// A reading of a sensor, or a message of another system. It is stored once for each `source` and `id`. By the source's
/// thresholds it is a reading only, or opens or joins an incident of its kind. Where the city file names a source's `senders`,
/// nobody else speaks for it; otherwise people do, and of tokens those that were made with the source among their `sources`.
#[utoipa::path(post, path = "/api/v1/signals", operation_id = "send_signal", tag = "incidents", request_body = PostSignal,
    responses(
        (status = 200, description = "It was here already", body = SignalTaken),
        (status = 201, description = "It is stored", body = SignalTaken)))]
pub(crate) async fn send_signal(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Json(sent): Json<PostSignal>,
) -> Result<(StatusCode, axum::Json<SignalTaken>), Error> {
    if !is_word(&sent.source, "-") {
        return Err(Error::Unprocessable("source needs 1 to 64 of a to z, 0 to 9 and -".into()));
    }
    let now = clock::now();
    let id = sent.signal.id.clone();
    let mut transaction = shared.pool().begin().await?;
    // A machine is known by the name of its token.
    let speaker = match person.via {
        Via::Token => Speaker::Machine(person.id, &person.full_name),
        Via::Session => Speaker::Person(&person.name),
    };
    if !may_speak(&mut transaction, &sent.source, speaker).await? {
        return Err(Error::NotTheirs);
    }
    // After that, so that nobody uses up what another one's source may say.
    shared.0.limits.signal(&sent.source)?;
    let taken = take_signal(&mut transaction, &sent.source, sent.signal, Some(person.id), now).await;
    let taken = taken.map_err(|error| match error {
        SignalError::Invalid(reason) => Error::Unprocessable(reason),
        SignalError::Database(error) => error.into(),
    })?;
    if taken.incident.as_ref().is_some_and(|incident| !person.areas.sees(incident.area.as_deref())) {
        return Err(Error::Unprocessable("place: is not in your areas".into()));
    }
    if taken.is_new {
        let detail = serde_json::json!({ "id": id });
        let act = Act { actor: Some(person.id), action: "signal.send", subject: &sent.source, detail };
        audit::record_in(&mut transaction, act, now).await?;
    }
    transaction.commit().await?;
    let seen = taken.incident.filter(|incident| person.areas.sees(incident.area.as_deref()));
    let answer = SignalTaken {
        source: sent.source,
        id,
        severity: taken.severity,
        incident: seen.map(|incident| incident.id),
    };
    Ok((if taken.is_new { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(answer)))
}
