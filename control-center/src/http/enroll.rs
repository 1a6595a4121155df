//! `/api/v1/enroll` and the credentials of edges: claim codes, what they are exchanged for, and taking it away.

use super::Shared;
use super::extract::{Json, Path, SignedIn};
use super::problem::{Error, Problem};
use crate::access::claims::{self, Enroll};
use crate::clock;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use ngatu_protocol::EdgeId;
use serde::Serialize;
use utoipa::ToSchema;

/// A claim code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimCode {
    /// To be typed at the device: `edge-agent enroll --code …`. It is told this once.
    #[schema(example = "7K3M-…")]
    code: String,
    /// Until when it can be used.
    expires_at: DateTime<Utc>,
}

/// Make a claim code for an edge
///
/// Whoever has it gets the edge's credential for it, once, within 24 hours. An older code that was not used holds no longer.
#[utoipa::path(post, path = "/api/v1/edges/{id}/claim-codes", operation_id = "make_claim_code", tag = "edges",
    params(("id" = String, Path, description = "The edge")),
    responses(
        (status = 201, description = "Made; it is told this once", body = ClaimCode),
        (status = 404, description = "There is no such edge in your areas", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn make_claim_code(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(edge): Path<EdgeId>,
) -> Result<(StatusCode, axum::Json<ClaimCode>), Error> {
    let made = claims::make(shared.pool(), &person, &edge, clock::now()).await?;
    let (code, expires_at) = made.ok_or(Error::NotFound("edge"))?;
    Ok((StatusCode::CREATED, axum::Json(ClaimCode { code, expires_at })))
}

/// An edge's credential.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Credential {
    /// The edge, which is also the user name.
    edge: String,
    /// The secret, which is told this once.
    #[schema(format = Password)]
    secret: String,
}

/// Exchange a claim code for an edge's credential
///
/// Once. Not open to guessing: ten attempts at once and one each six seconds by address, sixty and one each second in all.
#[utoipa::path(post, path = "/api/v1/enroll", operation_id = "enroll", tag = "devices", request_body = Enroll,
    responses(
        (status = 200, description = "The credential", body = Credential),
        (status = 403, description = "The code is wrong, used or too old, or the origin is foreign", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait")))))]
pub(crate) async fn enroll(
    State(shared): State<Shared>,
    Json(typed): Json<Enroll>,
) -> Result<axum::Json<Credential>, Error> {
    let Some((edge, secret)) = claims::redeem(shared.pool(), &typed.code, clock::now()).await? else {
        // Not an audit row each: a stranger must not be able to fill the disk with them.
        tracing::warn!("a claim code that is wrong, used or too old was tried");
        return Err(Error::WrongCode);
    };
    Ok(axum::Json(Credential { edge: edge.to_string(), secret }))
}

/// Take an edge's credential away
///
/// The center takes nothing from it from the next request on, and the private broker cuts its connection.
#[utoipa::path(delete, path = "/api/v1/edges/{id}/credential", operation_id = "revoke_credential", tag = "edges",
    params(("id" = String, Path, description = "The edge")),
    responses(
        (status = 204, description = "Taken away"),
        (status = 404, description = "There is no such edge with a credential in your areas", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn revoke_credential(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(edge): Path<EdgeId>,
) -> Result<StatusCode, Error> {
    if claims::revoke(shared.pool(), &person, &edge, clock::now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("edge"))
    }
}
