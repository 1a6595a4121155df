//! `/api/v1/evidence/{digest}`: pictures that belong to events.

use super::Shared;
use super::extract::{Device, JPEG, Jpeg, JpegFile, Path, Query, SignedIn};
use super::problem::{Error, Problem};
use crate::access::areas;
use crate::access::audit::{self, Act};
use crate::access::users::Role;
use crate::clock;
use crate::evidence::{Digest, Kept};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use ngatu_protocol::CameraId;
use serde::Deserialize;
use utoipa::IntoParams;

fn parse(digest: &str) -> Result<Digest, Error> {
    digest.parse().map_err(|error: crate::evidence::DigestError| Error::BadRequest(error.to_string()))
}

pub(crate) fn jpeg(bytes: Bytes) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, JPEG)], bytes)
}

/// Look at a picture
///
/// Each look is recorded.
#[utoipa::path(get, path = "/api/v1/evidence/{digest}", operation_id = "read_evidence", tag = "evidence",
    params(("digest" = String, Path, description = "`sha256:` and 64 hex digits")),
    responses(
        (status = 200, description = "The picture", body = inline(JpegFile), content_type = "image/jpeg"),
        (status = 404, description = "It is not here: perhaps not yet", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn read_evidence(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(digest): Path<String>,
) -> Result<impl IntoResponse, Error> {
    let digest = parse(&digest)?;
    let subject = digest.to_string();
    let triages = matches!(person.role, Role::Operator | Role::Supervisor | Role::Admin);
    if !areas::sees_evidence(shared.pool(), (&person.areas, triages), &subject).await? {
        return Err(Error::NotFound("picture"));
    }
    let bytes = shared.0.store.read(&digest).await?.ok_or(Error::NotFound("picture"))?;
    let detail = serde_json::json!({});
    let act = Act { actor: Some(person.id), action: "evidence.look", subject: &subject, detail };
    audit::record(shared.pool(), act, clock::now()).await?;
    Ok(jpeg(bytes))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceQuery {
    /// The camera that took it.
    #[param(value_type = Option<String>)]
    camera: Option<CameraId>,
}

/// Keep a picture
///
/// When this answers, the picture is on the center's disk for good and the edge may forget it.
#[utoipa::path(put, path = "/api/v1/evidence/{digest}", operation_id = "put_evidence", tag = "devices",
    params(("digest" = String, Path, description = "`sha256:` and 64 hex digits, of the body"), EvidenceQuery),
    request_body(content = inline(JpegFile), content_type = "image/jpeg", description = "At most 2 MiB"),
    responses(
        (status = 200, description = "It was here already"),
        (status = 201, description = "It is kept")))]
pub(crate) async fn put_evidence(
    State(shared): State<Shared>,
    Device(edge): Device,
    Path(digest): Path<String>,
    Query(query): Query<EvidenceQuery>,
    Jpeg(body): Jpeg,
) -> Result<StatusCode, Error> {
    let digest = parse(&digest)?;
    let size = i64::try_from(body.len()).expect("a body is at most 2 MiB");
    let hashed = body.clone();
    let actual = tokio::task::spawn_blocking(move || Digest::of(&hashed))
        .await
        .map_err(|error| Error::Internal(error.into()))?;
    if actual != digest {
        return Err(Error::BadRequest(format!("the body's digest is {actual}")));
    }
    let subject = digest.to_string();
    let kept = shared.0.store.keep(digest, body).await?;
    let now = clock::now();
    let camera = query.camera.as_ref().map(CameraId::as_str);
    let mut transaction = shared.pool().begin().await?;
    let added = sqlx::query(
        "insert into evidence (digest, edge, camera, media_type, bytes, received_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (digest) do nothing",
    )
    .bind(&subject)
    .bind(edge.as_str())
    .bind(camera)
    .bind(JPEG)
    .bind(size)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    if added.rows_affected() > 0 {
        let detail = serde_json::json!({ "edge": edge, "camera": camera, "bytes": size });
        let act = Act { actor: None, action: "evidence.keep", subject: &subject, detail };
        audit::record_in(&mut transaction, act, now).await?;
    }
    transaction.commit().await?;
    Ok(if kept == Kept::New { StatusCode::CREATED } else { StatusCode::OK })
}
