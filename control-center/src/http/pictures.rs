//! `/api/v1/cameras/{edge}/{camera}/picture`: the newest still, from the edge and to the screens.

use super::Shared;
use super::evidence::jpeg;
use super::extract::{Device, Jpeg, JpegFile, Path, Query, SignedIn};
use super::problem::{Error, Problem};
use crate::access::areas;
use crate::access::audit::{self, Act};
use crate::clock;
use crate::evidence::Picture;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use serde::Deserialize;
use utoipa::IntoParams;

/// Look at a camera's newest picture
///
/// Recorded once per person, camera and hour, because screens ask for it every few seconds.
#[utoipa::path(get, path = "/api/v1/cameras/{edge}/{camera}/picture", operation_id = "read_picture", tag = "cameras",
    params(("edge" = String, Path, description = "The edge"), ("camera" = String, Path, description = "The camera")),
    responses(
        (status = 200, description = "The picture", body = inline(JpegFile), content_type = "image/jpeg",
            headers(("x-taken-at" = String, description = "When it was taken, RFC 3339"))),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_picture(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path((edge, camera)): Path<(EdgeId, CameraId)>,
) -> Result<Response, Error> {
    if !areas::sees_camera(shared.pool(), &person.areas, (&edge, &camera)).await? {
        return Err(Error::NotFound("picture"));
    }
    let picture = shared.0.pictures.newest(&edge, &camera).await?.ok_or(Error::NotFound("picture"))?;
    let now = clock::now();
    if shared.0.looks.is_first(person.id, &edge, &camera, now) {
        let subject = format!("{edge}/{camera}");
        let detail = serde_json::json!({});
        let act = Act { actor: Some(person.id), action: "picture.look", subject: &subject, detail };
        if let Err(error) = audit::record(shared.pool(), act, now).await {
            shared.0.looks.forget(person.id, &edge, &camera);
            return Err(error.into());
        }
    }
    let taken_at = picture.taken_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut response = jpeg(picture.jpeg).into_response();
    let value = HeaderValue::try_from(taken_at).expect("a time stamp is a header value");
    response.headers_mut().insert("x-taken-at", value);
    Ok(response)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PictureQuery {
    /// When it was taken; a time in the future counts as now.
    taken_at: DateTime<Utc>,
}

/// Replace a camera's newest picture
///
/// By the camera's own edge. Not recorded: it is replaced every few seconds and is no evidence.
#[utoipa::path(put, path = "/api/v1/cameras/{edge}/{camera}/picture", operation_id = "put_picture", tag = "devices",
    params(("edge" = String, Path, description = "The edge"), ("camera" = String, Path, description = "The camera"),
        PictureQuery),
    request_body(content = inline(JpegFile), content_type = "image/jpeg", description = "At most 2 MiB"),
    responses((status = 204, description = "Replaced")))]
pub(crate) async fn put_picture(
    State(shared): State<Shared>,
    Device(device): Device,
    Path((edge, camera)): Path<(EdgeId, CameraId)>,
    Query(query): Query<PictureQuery>,
    Jpeg(body): Jpeg,
) -> Result<StatusCode, Error> {
    if device != edge {
        return Err(Error::Forbidden);
    }
    let now = clock::now();
    let taken_at = query.taken_at.min(now);
    // A camera that is only in its edge's local file becomes known by its first picture.
    sqlx::query(
        "insert into cameras (edge, id, name, picture_at, created_at) values ($1, $2, $2, $3, $4)
         on conflict (edge, id) do update set picture_at = excluded.picture_at",
    )
    .bind(edge.as_str())
    .bind(camera.as_str())
    .bind(taken_at)
    .bind(now)
    .execute(shared.pool())
    .await?;
    shared.0.pictures.replace(edge, camera, Picture { jpeg: body, taken_at }).await?;
    Ok(StatusCode::NO_CONTENT)
}
