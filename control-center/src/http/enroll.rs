//! `/api/v1/enroll` and the credentials of edges: claim codes, what they are exchanged for, and taking it away.

use super::Shared;
use super::extract::{Device, Json, Path, SignedIn};
use super::problem::{Error, Problem};
use crate::access::claims::{self, Enroll};
use crate::certificates::{CertificateError, Issued};
use crate::clock;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use ngatu_protocol::EdgeId;
use serde::{Deserialize, Serialize};
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
    /// The certificate for the request's key; none when there was no request, or certificates are not switched on.
    certificate: Option<Certificate>,
}

/// A device's certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Certificate {
    /// The certificate as PEM. Its name is the edge's id, whatever the request said.
    pem: String,
    /// The certificate of the authority that signed it and the center's own ones, as PEM.
    ca: String,
    /// When it ends. Renew it before: `POST /api/v1/edges/{id}/certificate`.
    expires_at: DateTime<Utc>,
}

/// A request for a certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskCertificate {
    /// A certificate signing request as PEM, for the edge's own key.
    #[schema(max_length = 8192)]
    csr: String,
}

impl From<CertificateError> for Error {
    fn from(error: CertificateError) -> Error {
        match error {
            CertificateError::Database(error) => error.into(),
            CertificateError::Request(_) => Error::Unprocessable(error.to_string()),
            error => Error::Internal(error.into()),
        }
    }
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
    let request = shared.authority().zip(typed.csr.as_deref());
    let redeemed = claims::redeem(shared.pool(), &typed.code, request, clock::now()).await?;
    let Some(credential) = redeemed else {
        // Not an audit row each: a stranger must not be able to fill the disk with them.
        tracing::warn!("a claim code that is wrong, used or too old was tried");
        return Err(Error::WrongCode);
    };
    let claims::Credential { edge, secret, certificate } = credential;
    let certificate = certificate.map(|issued| shared.certificate(issued));
    Ok(axum::Json(Credential { edge: edge.to_string(), secret, certificate }))
}

/// Ask for another certificate
///
/// An edge does before the one that it has ends, and when it gets its first one for a secret that it has. At most ten a day.
#[utoipa::path(post, path = "/api/v1/edges/{id}/certificate", operation_id = "renew_certificate", tag = "devices",
    params(("id" = String, Path, description = "The edge, which is the one that asks")), request_body = AskCertificate,
    responses(
        (status = 200, description = "The certificate", body = Certificate),
        (status = 404, description = "The edge is another one, or certificates are not switched on", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "More than ten in a day", body = Problem, content_type = "application/problem+json",
            headers(("Retry-After" = i64, description = "Seconds to wait")))))]
pub(crate) async fn renew_certificate(
    State(shared): State<Shared>,
    Device(device): Device,
    Path(edge): Path<EdgeId>,
    Json(asked): Json<AskCertificate>,
) -> Result<axum::Json<Certificate>, Error> {
    let authority = shared.authority().filter(|_| device == edge).ok_or(Error::NotFound("edge"))?;
    let asked = (&edge, asked.csr.as_str());
    let issued = claims::renew(shared.pool(), authority, asked, clock::now()).await?;
    let issued = issued.map_err(|_| Error::TooOften { retry_after_s: 24 * 3600 })?;
    Ok(axum::Json(shared.certificate(issued)))
}

impl Shared {
    /// As the edge gets it, with whom to trust.
    fn certificate(&self, issued: Issued) -> Certificate {
        let ca = self.authority().map(|authority| authority.certificate().to_owned()).unwrap_or_default();
        Certificate { pem: issued.pem, ca, expires_at: issued.until }
    }
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
