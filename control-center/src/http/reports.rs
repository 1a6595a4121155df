//! `/api/v1/reports`: citizens file reports and see what became of them.
//!
//! Filing and its state are open without a session: a stated exception, because a citizen has none. A proof of time, a
//! field that only programs fill in, and limits by address and for all stand against spam instead.

use super::areas::{Area, all_areas};
use super::extract::{Path, Query};
use super::idempotency::Idempotent;
use super::limits::{self, Peer};
use super::problem::{Error, Problem};
use super::{Shared, multipart, report_page};
use crate::access::audit::{self, Act};
use crate::alerts::AlertPlace;
use crate::clock;
use crate::evidence::{Digest, MAX_PICTURE_BYTES};
use crate::incidents::picture::without_metadata;
use crate::incidents::reports::{self, FileError, Filed, NewReport, ReportStatus};
use crate::incidents::{current_procedures, procedure::Words, text};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

const MAX_PICTURES: usize = 3;
/// Largest picture as a phone takes it, bytes.
const MAX_UPLOAD_BYTES: usize = 8 * 1024 * 1024;
/// Largest form, bytes.
pub(crate) const MAX_FORM_BYTES: usize = MAX_PICTURES * MAX_UPLOAD_BYTES + 64 * 1024;
/// Forms whose pictures are cleaned at once.
static READING: Semaphore = Semaphore::const_new(8);
/// Nobody fills the form in faster, and none is older.
const FORM_AGE_S: std::ops::RangeInclusive<i64> = 3..=86_400;

/// What a reporter agrees to.
pub(crate) const CONSENT_VI: &str = "Tôi đồng ý để trung tâm dùng nội dung, hình ảnh và thông tin liên hệ này để xử lý phản ánh; \
    dữ liệu vị trí trong ảnh được xóa trước khi lưu.";
pub(crate) const CONSENT_EN: &str = "I agree that the center uses this text, these pictures and this contact to deal with my \
    report; location data inside pictures is removed before they are kept.";

/// What a form needs to be filled in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportForm {
    /// To be sent with the form, at least 3 s and at most a day later.
    begun: String,
    /// The kinds of incident to choose from.
    kinds: Vec<ReportKind>,
    /// The areas to choose from; none when the city has none.
    areas: Vec<Area>,
    /// What the reporter agrees to.
    consent: Words,
    /// At most so many pictures.
    max_pictures: usize,
    /// Largest picture, bytes.
    max_picture_bytes: usize,
}

/// A kind of incident to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportKind {
    /// The kind.
    pub(crate) kind: String,
    /// What people call it.
    pub(crate) name: Words,
}

async fn secret(pool: &PgPool) -> Result<Vec<u8>, sqlx::Error> {
    // Strangers ask for it: it is written once, and read from then on.
    let known = sqlx::query_scalar("select value from center_secrets where name = 'report-form'");
    if let Some(known) = known.fetch_optional(pool).await? {
        return Ok(known);
    }
    let fresh: [u8; 32] = rand::random();
    sqlx::query_scalar(
        "with made as (insert into center_secrets (name, value) values ('report-form', $1) \
           on conflict (name) do update set name = excluded.name returning value) select value from made",
    )
    .bind(fresh.as_slice())
    .fetch_one(pool)
    .await
}

/// What a form carries to show when it was begun, seconds since 1970: nobody without the secret makes one.
#[must_use]
pub fn stamp(secret: &[u8], begun_s: i64) -> String {
    // The secret on both ends: nobody can go on from a digest that they saw.
    let digest = Sha256::new()
        .chain_update(secret)
        .chain_update(begun_s.to_be_bytes())
        .chain_update(secret)
        .finalize();
    format!("{begun_s}.{}", hex::encode(&digest[..16]))
}

fn is_stamped(secret: &[u8], token: &str, now: DateTime<Utc>) -> bool {
    let begun_s = token.split_once('.').and_then(|(begun, _)| begun.parse::<i64>().ok());
    begun_s.is_some_and(|begun_s| {
        bool::from(stamp(secret, begun_s).as_bytes().ct_eq(token.as_bytes()))
            && FORM_AGE_S.contains(&(now.timestamp() - begun_s))
    })
}

/// What is chosen from in a form, and when it was begun.
pub(crate) struct NewForm {
    pub(crate) begun: String,
    pub(crate) kinds: Vec<ReportKind>,
    pub(crate) areas: Vec<Area>,
}

pub(crate) async fn new_form(shared: &Shared) -> Result<NewForm, Error> {
    let secret = secret(shared.pool()).await?;
    let mut connection = shared.pool().acquire().await?;
    let procedures = current_procedures(&mut connection).await?;
    let kinds = procedures.into_iter().map(|p| ReportKind { kind: p.kind, name: p.name }).collect();
    let areas = all_areas(&mut connection).await?;
    Ok(NewForm { begun: stamp(&secret, clock::now().timestamp()), kinds, areas })
}

/// Begin a report
///
/// What a program needs to show a form and to send it.
#[utoipa::path(get, path = "/api/v1/reports/form", operation_id = "begin_report", tag = "reports",
    responses((status = 200, description = "What the form needs", body = ReportForm)))]
pub(crate) async fn begin_report(State(shared): State<Shared>) -> Result<axum::Json<ReportForm>, Error> {
    let NewForm { begun, kinds, areas } = new_form(&shared).await?;
    let consent = Words { vi: CONSENT_VI.into(), en: CONSENT_EN.into() };
    let (max_pictures, max_picture_bytes) = (MAX_PICTURES, MAX_UPLOAD_BYTES);
    Ok(axum::Json(ReportForm { begun, kinds, areas, consent, max_pictures, max_picture_bytes }))
}

/// A report as a form.
#[derive(ToSchema)]
#[allow(dead_code, reason = "stands for a form in the document only")]
pub(crate) struct FileReport {
    /// From the form that was begun.
    begun: String,
    /// One of the kinds of incident.
    kind: String,
    /// What happened.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
    /// Where, in words.
    #[schema(max_length = 300)]
    place: Option<String>,
    /// Where, on the map.
    lat: Option<f64>,
    lon: Option<f64>,
    /// The area that it lies in, of those that the form offers.
    area: Option<String>,
    /// How to reach the reporter.
    #[schema(max_length = 200)]
    contact: Option<String>,
    /// `vi` or `en`.
    #[schema(pattern = "^(vi|en)$")]
    language: Option<String>,
    /// `yes`.
    #[schema(pattern = "^yes$")]
    consent: String,
    /// Stays empty: programs that fill in everything give themselves away.
    website: Option<String>,
    /// At most three JPEGs of at most 8 MiB.
    #[schema(value_type = Option<Vec<String>>, format = Binary)]
    picture: Option<Vec<u8>>,
}

/// What the reporter is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportFiled {
    /// The number.
    number: String,
    /// The secret that shows its state; it is told only now.
    key: String,
    /// The address of its state, under this host.
    url: String,
}

/// File a report
///
/// Open without a session. A browser that asks for HTML is sent to the report's page.
#[utoipa::path(post, path = "/api/v1/reports", operation_id = "file_report", tag = "reports",
    request_body(content = FileReport, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is filed", body = ReportFiled),
        (status = 303, description = "It is filed; to the page that shows its state"),
        (status = 429, description = "Too many from this address, or from everywhere", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn file_report(
    State(shared): State<Shared>,
    peer: Option<axum::Extension<Peer>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let wants_page = accepts_html(&headers);
    let address = limits::address(peer.map(|peer| peer.0), &headers);
    let filed = read_and_file(&shared, address, &headers, body).await;
    match filed {
        Ok(Answered::Before(answer)) => answer,
        Ok(Answered::Now(told)) if wants_page => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, told.url)]).into_response()
        }
        Ok(Answered::Now(told)) => (StatusCode::CREATED, axum::Json(told)).into_response(),
        Err(error) if wants_page => {
            let answer = error.into_response();
            report_page::refused(&headers, answer.status())
        }
        Err(error) => error.into_response(),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The digest of an address: of IPv6 the network, because one household has 2^64 of them.
fn sender(address: std::net::IpAddr) -> Vec<u8> {
    let bytes = match address {
        std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
        std::net::IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
    };
    Sha256::digest(bytes)[..16].to_vec()
}

/// What became of a form.
enum Answered {
    /// It is filed.
    Now(ReportFiled),
    /// It was filed before, under the same key.
    Before(Response),
}

async fn read_and_file(
    shared: &Shared,
    address: std::net::IpAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<Answered, Error> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multipart::boundary(content_type)
        .ok_or_else(|| Error::MediaType("the content type must be multipart/form-data".into()))?;
    let sender = sender(address);
    let once = Idempotent::of_stranger(headers, &sender)?;
    let now = clock::now();
    // One that was filed already is answered again, however many there are.
    if !once.is_answered(shared.pool()).await? {
        let mut connection = shared.pool().acquire().await?;
        reports::check_limits(&mut connection, Some(&sender), now).await.map_err(refused)?;
    }
    let (body, _held) = shared.0.uploads.read(address, body).await?;
    let form = {
        let _turn = READING.acquire().await.map_err(|error| Error::Internal(error.into()))?;
        tokio::task::spawn_blocking(move || Form::read(&body, &boundary)).await
    };
    let form = form.map_err(|error| Error::Internal(error.into()))??;
    if !is_stamped(&secret(shared.pool()).await?, &form.begun, now) {
        return Err(Error::Unprocessable("the form was sent too fast or too late: begin it again".into()));
    }
    let content = form.digest();
    if let Some(answer) = once.claim(shared.pool(), &content, now).await? {
        return Ok(Answered::Before(answer));
    }
    let filed = file(shared, (sender, form), &once, now).await;
    if filed.is_err() {
        once.give_up(shared.pool()).await?;
    }
    Ok(Answered::Now(filed?))
}

/// Keeps the pictures and files the report, with its answer.
async fn file(
    shared: &Shared,
    (sender, form): (Vec<u8>, Form),
    once: &Idempotent,
    now: DateTime<Utc>,
) -> Result<ReportFiled, Error> {
    // Before anything is kept: else what is refused would fill the disk.
    {
        let mut connection = shared.pool().acquire().await?;
        let kinds = crate::incidents::current_procedures(&mut connection).await?;
        if !kinds.iter().any(|procedure| procedure.kind == form.kind) {
            return Err(refused(FileError::Kind));
        }
        reports::check_limits(&mut connection, Some(&sender), now).await.map_err(refused)?;
    }
    let mut pictures = Vec::new();
    for picture in form.pictures {
        let digest = Digest::of(&picture);
        let (name, size) = (digest.to_string(), picture.len());
        shared.0.store.keep(digest, picture).await?;
        sqlx::query(
            "insert into evidence (digest, edge, media_type, bytes, received_at) values ($1, '', 'image/jpeg', $2, $3) \
             on conflict (digest) do nothing",
        )
        .bind(&name)
        .bind(i64::try_from(size).unwrap_or(i64::MAX))
        .bind(now)
        .execute(shared.pool())
        .await?;
        pictures.push(name);
    }
    let language = form.language;
    let consent = if language == "en" { CONSENT_EN } else { CONSENT_VI };
    let new = NewReport {
        kind: form.kind,
        text: form.text,
        language,
        place: form.place,
        place_text: form.place_text,
        area: form.area,
        contact: form.contact,
        consent,
        pictures,
        sender: Some(sender),
    };
    let mut transaction = shared.pool().begin().await?;
    let filed = reports::file_report(&mut transaction, &new, now).await.map_err(refused)?;
    let detail = serde_json::json!({ "pictures": new.pictures.len() });
    let act = Act { actor: None, action: "report.file", subject: &filed.number, detail };
    audit::record_in(&mut transaction, act, now).await?;
    let Filed { number, key } = filed;
    let url = format!("/report/{number}?key={key}&lang={language}");
    let told = ReportFiled { number, key, url };
    once.seal(&mut transaction, StatusCode::CREATED, &told).await?;
    transaction.commit().await?;
    Ok(told)
}

fn refused(error: FileError) -> Error {
    match error {
        FileError::TooMany => Error::TooOften { retry_after_s: 600 },
        FileError::Kind => Error::Unprocessable("there is no such kind of incident".into()),
        FileError::Area => Error::Unprocessable("area: there is no such area".into()),
        FileError::Database(error) => error.into(),
    }
}

/// A form that was filled in, checked.
struct Form {
    begun: String,
    kind: String,
    text: String,
    language: &'static str,
    place: Option<AlertPlace>,
    place_text: Option<String>,
    area: Option<String>,
    contact: Option<String>,
    pictures: Vec<Bytes>,
}

impl Form {
    /// Of what it says: a browser that sends it again packs it differently.
    fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        let mut take = |part: &[u8]| {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        };
        for text in [
            Some(&self.begun),
            Some(&self.kind),
            Some(&self.text),
            self.place_text.as_ref(),
            self.area.as_ref(),
            self.contact.as_ref(),
        ] {
            take(text.map(String::as_bytes).unwrap_or_default());
        }
        take(self.language.as_bytes());
        take(format!("{:?}", self.place).as_bytes());
        self.pictures.iter().for_each(|picture| take(picture));
        digest.finalize().to_vec()
    }

    fn read(body: &Bytes, boundary: &str) -> Result<Form, Error> {
        let fields =
            multipart::parse(body, boundary).map_err(|error| Error::BadRequest(error.to_string()))?;
        let given = |name: &str| {
            let field = fields.iter().find(|field| field.name == name && !field.is_file);
            let text = field.and_then(|field| std::str::from_utf8(&field.body).ok()).map(str::trim);
            text.filter(|text| !text.is_empty())
        };
        let unusable = |what: &str| Error::Unprocessable(what.to_owned());
        if given("website").is_some() {
            return Err(unusable("the report cannot be taken"));
        }
        if given("consent") != Some("yes") {
            return Err(unusable("the report needs your consent"));
        }
        let line = |name: &str, max| match given(name) {
            Some(value) => text::line(name, value, max).map(Some).map_err(Error::Unprocessable),
            None => Ok(None),
        };
        let degrees = |name: &str| match given(name) {
            Some(value) => value.parse::<f64>().map(Some).map_err(|_| unusable("lat and lon are degrees")),
            None => Ok(None),
        };
        let place = match (degrees("lat")?, degrees("lon")?) {
            (Some(lat), Some(lon)) => Some(AlertPlace { lat, lon }),
            (None, None) => None,
            _ => return Err(unusable("lat and lon belong together")),
        };
        if let Some(place) = place {
            super::incidents::check_place(place)?;
        }
        let text = given("text").ok_or_else(|| unusable("say what happened"))?;
        let mut pictures = Vec::new();
        for picture in fields.iter().filter(|field| field.name == "picture" && field.is_file) {
            if picture.body.is_empty() {
                continue; // a browser sends a field without a file like this
            }
            if pictures.len() == MAX_PICTURES || picture.body.len() > MAX_UPLOAD_BYTES {
                return Err(Error::TooLarge(format!(
                    "at most {MAX_PICTURES} pictures of {MAX_UPLOAD_BYTES} bytes"
                )));
            }
            let clean =
                without_metadata(&picture.body).map_err(|_| unusable("pictures must be whole JPEGs"))?;
            pictures.push(clean.into());
        }
        Ok(Form {
            begun: given("begun").unwrap_or_default().to_owned(),
            kind: given("kind").unwrap_or("other").chars().take(64).collect(),
            text: text::lines("text", text, 4000).map_err(Error::Unprocessable)?,
            language: if given("language") == Some("en") { "en" } else { "vi" },
            place,
            place_text: line("place", 300)?,
            area: given("area").map(|area| area.chars().take(64).collect()),
            contact: line("contact", 200)?,
            pictures,
        })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportKey {
    /// The secret that the reporter was told.
    pub(crate) key: String,
}

/// See what became of a report
///
/// Open without a session, for who has the number and the key.
#[utoipa::path(get, path = "/api/v1/reports/{number}", operation_id = "read_report_status", tag = "reports",
    params(("number" = String, Path, description = "The report's number"), ReportKey),
    responses(
        (status = 200, description = "How far it is", body = ReportStatus),
        (status = 404, description = "There is no report of that number and key", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_report_status(
    State(shared): State<Shared>,
    Path(number): Path<String>,
    Query(query): Query<ReportKey>,
) -> Result<axum::Json<ReportStatus>, Error> {
    let status = reports::report_status(shared.pool(), &number, &query.key).await?;
    Ok(axum::Json(status.ok_or(Error::NotFound("report"))?))
}

const _: () =
    assert!(MAX_UPLOAD_BYTES >= MAX_PICTURE_BYTES, "a citizen's picture may be as large as an edge's");
