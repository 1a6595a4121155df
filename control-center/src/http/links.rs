//! `/link/{token}`: one dispatch for those without an account, such as a hospital that got a mail. A page without
//! scripts; the link is the credential, works for a time, and opens nothing else. Each look is recorded.

use super::Shared;
use super::dispatches::{MoveDispatch, answer_by_link, is_given_back, picture};
use super::evidence::jpeg;
use super::extract::{JpegFile, Path};
use super::html::escape;
use super::problem::{Error, Problem};
use crate::access::AreaScope;
use crate::access::audit::{self, Act};
use crate::clock;
use crate::dispatch::{Dispatch, State as Progress, link, store};
use crate::incidents::{self, View};
use crate::local_time;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use std::fmt::Write as _;
use utoipa::ToSchema;
use uuid::Uuid;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem;background:#fff;color:#16202a}\
    h1{font-size:1.4rem;margin:.5rem 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#55606b}dd{margin:0}\
    img{max-width:100%;border-radius:.5rem;margin:.5rem 0}button,.map{display:block;width:100%;min-height:48px;margin:.5rem 0;\
    font:inherit;font-weight:600;border:1px solid #8893a0;border-radius:.5rem;background:#eef1f4;color:#16202a;text-align:center;\
    line-height:48px;text-decoration:none}button.go{background:#0b5d3b;border-color:#0b5d3b;color:#fff}textarea{width:100%;min-height:4rem;\
    font:inherit;box-sizing:border-box}small{color:#55606b}@media(prefers-color-scheme:dark){body{background:#11181f;color:#e8edf2}\
    button,.map{background:#26313c;color:#e8edf2}dt,small{color:#a5b0bc}}";

async fn open(connection: &mut PgConnection, token: &str) -> Result<Dispatch, Error> {
    let gone = || Error::NotFound("link");
    let secret = store::link_secret(connection, &rand::random()).await?;
    let id: Uuid = link::open(&secret, token).ok_or_else(gone)?;
    let dispatch = store::find(connection, id, &AreaScope::whole_city()).await?.ok_or_else(gone)?;
    // What was taken back or refused is nobody's to look at any more.
    if is_given_back(dispatch.state) || dispatch.link_until < clock::now() {
        Err(gone())
    } else {
        Ok(dispatch)
    }
}

/// Open a dispatch by its link
///
/// A page for a phone, in Vietnamese and English.
#[utoipa::path(get, path = "/link/{token}", operation_id = "open_link", tag = "dispatches",
    params(("token" = String, Path, description = "What the message said")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "The link is wrong or has run out", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn open_link(
    State(shared): State<Shared>,
    Path(token): Path<String>,
) -> Result<impl IntoResponse, Error> {
    let mut connection = shared.pool().acquire().await?;
    let dispatch = open(&mut connection, &token).await?;
    let view = incidents::view(&mut connection, dispatch.incident, &AreaScope::whole_city()).await?;
    let view = view.ok_or(Error::NotFound("link"))?;
    let procedure =
        incidents::procedure_of(&mut connection, &view.incident.kind, view.incident.procedure).await?;
    let detail = serde_json::json!({ "incident": view.incident.number, "unit": dispatch.unit });
    let act = Act { actor: None, action: "link.look", subject: &dispatch.id.to_string(), detail };
    audit::record_in(&mut connection, act, clock::now()).await?;
    Ok(Html(page(&token, &dispatch, &view, (&procedure.name.vi, &procedure.name.en))))
}

/// What the page's buttons send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerByLink {
    /// `read`, `accepted`, `on_scene`, `done` or `refused`.
    state: Progress,
    /// What is said with it; needed with `refused`.
    #[serde(default)]
    #[schema(max_length = 2000)]
    answer: String,
}

/// Answer a dispatch by its link
#[utoipa::path(post, path = "/link/{token}", operation_id = "answer_link", tag = "dispatches",
    params(("token" = String, Path, description = "What the message said")),
    request_body(content = AnswerByLink, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Noted; back to the page"),
        (status = 404, description = "The link is wrong or has run out", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot go there from where it is", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The form is not the page's", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn answer_link(
    State(shared): State<Shared>,
    Path(token): Path<String>,
    form: Result<Form<AnswerByLink>, axum::extract::rejection::FormRejection>,
) -> Result<Redirect, Error> {
    let dispatch = open(&mut *shared.pool().acquire().await?, &token).await?;
    let Form(form) = form.map_err(|error| Error::Unprocessable(error.body_text()))?;
    let moved = MoveDispatch { state: form.state, answer: Some(form.answer) };
    answer_by_link(&shared, dispatch.id, &moved).await?;
    Ok(Redirect::to(&format!("/link/{token}")))
}

/// Look at a picture by a link
///
/// Each look is recorded.
#[utoipa::path(get, path = "/link/{token}/pictures/{digest}", operation_id = "read_link_picture", tag = "dispatches",
    params(("token" = String, Path, description = "What the message said"),
        ("digest" = String, Path, description = "`sha256:` and 64 hex digits")),
    responses(
        (status = 200, description = "The picture", body = inline(JpegFile), content_type = "image/jpeg"),
        (status = 404, description = "The link is wrong or has run out, or the picture is another's", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn read_link_picture(
    State(shared): State<Shared>,
    Path((token, digest)): Path<(String, String)>,
) -> Result<impl IntoResponse, Error> {
    let mut connection = shared.pool().acquire().await?;
    let dispatch = open(&mut connection, &token).await?;
    picture(&shared, &mut connection, (&dispatch, &digest), None).await.map(jpeg)
}

fn page(token: &str, dispatch: &Dispatch, view: &View, (vi, en): (&str, &str)) -> String {
    let incident = &view.incident;
    let mut html = format!(
        "<!doctype html><html lang=vi><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta name=robots content=noindex><title>{number}</title><style>{STYLE}</style></head><body>\
         <small>{number}</small><h1>{vi} · {en}</h1><p>{title}</p><dl>\
         <dt>Mức độ · Severity</dt><dd>{severity}</dd><dt>Từ lúc · Since</dt><dd>{since}</dd>\
         <dt>Trạng thái · State</dt><dd>{state}</dd></dl>",
        number = escape(&incident.number),
        vi = escape(vi),
        en = escape(en),
        title = escape(&incident.title),
        severity = incident.severity.as_str(),
        since = local(incident.opened_at),
        state = words(dispatch.state),
    );
    if !dispatch.note.is_empty() {
        let _ = write!(html, "<p><b>{}</b></p>", escape(&dispatch.note));
    }
    if let Some(place) = incident.place {
        let _ = write!(
            html,
            "<a class=map rel=noreferrer href=\"https://www.openstreetmap.org/?mlat={0:.6}&amp;mlon={1:.6}#map=18/{0:.6}/{1:.6}\">\
             Bản đồ · Map ({0:.5}, {1:.5})</a>",
            place.lat, place.lon
        );
    }
    let token = escape(token);
    for picture in &view.evidence {
        let digest = picture.url.rsplit('/').next().unwrap_or_default();
        let _ = write!(
            html,
            "<figure><img loading=lazy alt=\"{en}\" src=\"/link/{token}/pictures/{}\"><figcaption><small>{}</small></figcaption></figure>",
            escape(digest),
            local(picture.at),
            en = escape(en),
        );
    }
    let possible = [
        (Progress::Read, "Đã xem · Seen"),
        (Progress::Accepted, "Nhận · Accept"),
        (Progress::OnScene, "Đã đến nơi · On scene"),
        (Progress::Done, "Hoàn thành · Done"),
        (Progress::Refused, "Từ chối · Refuse"),
    ];
    let _ = write!(
        html,
        "<form method=post action=\"/link/{token}\"><label>Ghi chú · Note<textarea name=answer maxlength=2000></textarea></label>"
    );
    let mut first = true;
    for (state, label) in possible {
        if dispatch.state.may_become(state) && (!dispatch.times.contains_key(&state)) {
            let class = if first { " class=go" } else { "" };
            let _ = write!(html, "<button{class} name=state value={}>{label}</button>", state.as_str());
            first = false;
        }
    }
    let _ = write!(
        html,
        "</form><p><small>Liên kết hết hạn · The link ends: {}</small></p></body></html>",
        local(dispatch.link_until)
    );
    html
}

fn words(state: Progress) -> &'static str {
    match state {
        Progress::Queued | Progress::Sent | Progress::Delivered => "Đang chờ · Waits for you",
        Progress::Read => "Đã xem · Seen",
        Progress::Accepted => "Đã nhận · Accepted",
        Progress::OnScene => "Đã đến nơi · On scene",
        Progress::Done => "Hoàn thành · Done",
        Progress::Refused => "Từ chối · Refused",
        Progress::Failed => "Chưa phản hồi · Not answered",
        Progress::Recalled => "Đã thu hồi · Recalled",
    }
}

fn local(at: DateTime<Utc>) -> String {
    local_time::local(at).format("%d/%m/%Y %H:%M:%S %:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local_and_say_so() {
        assert_eq!(local(DateTime::from_timestamp(1_795_334_400, 0).unwrap()), "22/11/2026 15:00:00 +07:00");
    }
}
