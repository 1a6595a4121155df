//! From every error of a handler to its answer: one table, RFC 9457 problem details.

use crate::access::passwords::{HashError, PasswordError};
use crate::access::sign_in::SignInError;
use crate::access::users::{AddUserError, ChangeError};
use crate::alerts::Person;
use crate::alerts::step::Refused;
use crate::alerts::store::StepError;
use crate::database::LOCK_NOT_AVAILABLE;
use crate::incidents::machine::Refusal;
use crate::incidents::{Moved, WorkError};
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// When to come again with a step that found the log of alerts or incidents locked, seconds.
const BUSY_LOG_S: i64 = 2;

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong, as RFC 9457 writes it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem: `urn:ngatu:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:ngatu:problem:not-found")]
    kind: String,
    /// The kind of problem, for people.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong this time, for people.
    detail: String,
    /// Who acknowledged the alert, when that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_by: Option<Person>,
    /// Who was faster, when that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Person>,
    /// What they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    /// The steps that stand against it, when that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<String>>,
}

/// Someone or something stands against a change.
#[derive(Debug, Default)]
pub(crate) struct Conflict {
    /// What is wrong, for people.
    pub(crate) detail: String,
    /// Who was faster.
    pub(crate) by: Option<Person>,
    /// What they did.
    pub(crate) change: Option<String>,
    /// The steps that stand against it.
    pub(crate) steps: Option<Vec<String>>,
}

/// Everything that a handler can answer instead of success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("sign in first")]
    NotSignedIn,
    #[error("the device credential is missing or wrong")]
    NotADevice,
    #[error("the name or the password is wrong")]
    WrongPassword,
    #[error("too many failures: try again in {retry_after_s} s")]
    Locked { retry_after_s: i64 },
    #[error("too many sign-ins wait already: try again soon")]
    Busy,
    #[error("too often: try again in {retry_after_s} s")]
    TooOften { retry_after_s: i64 },
    #[error("the password is wrong")]
    WrongOldPassword,
    #[error("the code is wrong, used or too old")]
    WrongCode,
    #[error("a machine cannot do this: sign in as a person")]
    NotForMachines,
    #[error("your role may not do this")]
    Forbidden,
    #[error(
        "you may not speak for this source: its `senders` do not name you, or your token was not made for it"
    )]
    NotTheirs,
    #[error("the path is not in the table of roles and paths, so nobody may call it")]
    NotInTable,
    #[error("the Origin of the request is missing or is not this site's")]
    ForeignOrigin,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the path does not know this method")]
    Method,
    #[error("acknowledged by {} already", .0.name)]
    Acknowledged(Person),
    #[error("{} works on it", .0.name)]
    Claimed(Person),
    #[error("{} has given a verdict already", .0.name)]
    Decided(Person),
    #[error("{}", .0.detail)]
    Conflict(Box<Conflict>),
    #[error("a request with this Idempotency-Key is under way")]
    UnderWay,
    #[error("{0}")]
    NotNow(String),
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Unprocessable(String),
    #[error("{0}")]
    MediaType(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("ask for a websocket: this path speaks nothing else")]
    NotAWebsocket,
    #[error("the request took longer than {0} s")]
    Timeout(u64),
    #[error("too many live connections")]
    TooManyLive,
    #[error("the database does not answer")]
    DatabaseAway(#[source] sqlx::Error),
    #[error("the log is busy: try again in {BUSY_LOG_S} s")]
    LogBusy,
    #[error("the disk is full")]
    DiskFull(#[source] std::io::Error),
    #[error("the center could not do it; its log says why")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The table: status, the word of the type, and the title.
    const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Error::NotSignedIn => (S::UNAUTHORIZED, "not-signed-in", "Not signed in"),
            Error::NotADevice => (S::UNAUTHORIZED, "not-a-device", "No device credential"),
            Error::WrongPassword => (S::UNAUTHORIZED, "wrong-password", "Wrong name or password"),
            Error::Locked { .. } => (S::TOO_MANY_REQUESTS, "locked", "Locked"),
            Error::Busy => (S::TOO_MANY_REQUESTS, "busy", "Too many sign-ins"),
            Error::TooOften { .. } => (S::TOO_MANY_REQUESTS, "too-often", "Too many requests"),
            Error::WrongOldPassword => (S::FORBIDDEN, "wrong-password", "Wrong password"),
            Error::WrongCode => (S::FORBIDDEN, "wrong-code", "Wrong code"),
            Error::NotForMachines => (S::FORBIDDEN, "not-for-machines", "Not for machines"),
            Error::NotNow(_) => (S::CONFLICT, "not-now", "Not possible now"),
            Error::Forbidden | Error::NotTheirs => (S::FORBIDDEN, "forbidden", "Not allowed"),
            Error::NotInTable => (S::FORBIDDEN, "not-in-table", "Not allowed"),
            Error::ForeignOrigin => (S::FORBIDDEN, "foreign-origin", "Foreign origin"),
            Error::NotFound(_) => (S::NOT_FOUND, "not-found", "Not found"),
            Error::Method => (S::METHOD_NOT_ALLOWED, "method", "Method not allowed"),
            Error::Acknowledged(_) => (S::CONFLICT, "acknowledged", "Acknowledged already"),
            Error::Claimed(_) => (S::CONFLICT, "claimed", "Claimed already"),
            Error::Decided(_) => (S::CONFLICT, "decided", "Decided already"),
            Error::Conflict(_) => (S::CONFLICT, "conflict", "Conflict"),
            Error::UnderWay => (S::CONFLICT, "under-way", "Under way"),
            Error::BadRequest(_) => (S::BAD_REQUEST, "bad-request", "Bad request"),
            Error::Unprocessable(_) => (S::UNPROCESSABLE_ENTITY, "unprocessable", "Not usable"),
            Error::MediaType(_) => (S::UNSUPPORTED_MEDIA_TYPE, "media-type", "Unsupported media type"),
            Error::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Error::NotAWebsocket => (S::UPGRADE_REQUIRED, "not-a-websocket", "Upgrade required"),
            Error::Timeout(_) => (S::REQUEST_TIMEOUT, "timeout", "Timed out"),
            Error::TooManyLive => (S::SERVICE_UNAVAILABLE, "too-many-live", "Too many connections"),
            Error::DatabaseAway(_) => (S::SERVICE_UNAVAILABLE, "database-away", "Not ready"),
            Error::LogBusy => (S::SERVICE_UNAVAILABLE, "log-busy", "Log busy"),
            Error::DiskFull(_) => (S::INSUFFICIENT_STORAGE, "disk-full", "Disk full"),
            Error::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    fn retry_after_s(&self) -> Option<i64> {
        match self {
            Error::Locked { retry_after_s } | Error::TooOften { retry_after_s } => Some(*retry_after_s),
            Error::UnderWay => Some(1),
            Error::LogBusy => Some(BUSY_LOG_S),
            Error::Busy | Error::DatabaseAway(_) | Error::TooManyLive => Some(5),
            _ => None,
        }
    }

    fn log(&self) {
        match self {
            Error::DatabaseAway(source) => tracing::warn!(error = %source, "the database does not answer"),
            Error::DiskFull(source) => tracing::error!(error = %source, "the disk is full"),
            Error::Internal(source) => tracing::error!(error = %source, "a request failed"),
            Error::NotInTable => tracing::error!("a path is not in the table of roles and paths"),
            _ => {}
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let (status, word, title) = self.row();
        let retry_after_s = self.retry_after_s();
        let wants_basic = matches!(self, Error::NotADevice);
        let wants_websocket = matches!(self, Error::NotAWebsocket);
        let detail = self.to_string();
        let by = |by| Conflict { by: Some(by), ..Conflict::default() };
        let (acknowledged_by, conflict) = match self {
            Error::Acknowledged(person) => (Some(person.clone()), by(person)),
            Error::Claimed(person) | Error::Decided(person) => (None, by(person)),
            Error::Conflict(conflict) => (None, *conflict),
            _ => (None, Conflict::default()),
        };
        let Conflict { by, change, steps, .. } = conflict;
        let kind = format!("urn:ngatu:problem:{word}");
        let problem =
            Problem { kind, title, status: status.as_u16(), detail, acknowledged_by, by, change, steps };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if wants_basic {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"ngatu edge\""));
        }
        if wants_websocket {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        response
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let shutting_down =
            |code: &str| code.starts_with("57P") || code.starts_with("08") || code.starts_with("53");
        let unusable = |code: &str| ["22003", "22007", "22008", "22021"].contains(&code);
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Error::DatabaseAway(error),
            sqlx::Error::Database(refusal) if refusal.code().is_some_and(|code| shutting_down(&code)) => {
                Error::DatabaseAway(error)
            }
            sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                tracing::warn!(error = %refusal, "a lock was not free in time");
                Error::LogBusy
            }
            // What no column can hold, asked for by somebody: a year far away, a NUL in a text.
            sqlx::Error::Database(refusal) if refusal.code().is_some_and(|code| unusable(&code)) => {
                Error::BadRequest(
                    "a time, number or text in the request is beyond what can be asked for".into(),
                )
            }
            _ => Error::Internal(error.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            Error::DiskFull(error)
        } else {
            Error::Internal(error.into())
        }
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Error::WrongPassword,
            SignInError::Locked(until) => {
                Error::Locked { retry_after_s: (until - crate::clock::now()).num_seconds().max(0) + 1 }
            }
            SignInError::Busy => Error::Busy,
            SignInError::Hash(error) => Error::Internal(error.into()),
            SignInError::Database(error) => error.into(),
        }
    }
}

impl From<StepError> for Error {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Unknown => Error::NotFound("alert"),
            StepError::Refused(Refused::Acknowledged(by)) => Error::Acknowledged(by),
            StepError::Refused(Refused::Claimed(by)) => Error::Claimed(by),
            StepError::Refused(Refused::Decided(by)) => Error::Decided(by),
            StepError::Refused(Refused::Unusable(what)) => Error::Unprocessable(what),
            StepError::Database(error) => error.into(),
        }
    }
}

impl From<WorkError> for Error {
    fn from(error: WorkError) -> Self {
        let detail = error.to_string();
        match error {
            WorkError::Unknown => Error::NotFound("incident"),
            WorkError::Unusable(what) => Error::Unprocessable(what),
            WorkError::Refused(Refusal::UnknownStep, _) => Error::NotFound("step"),
            WorkError::Refused(refusal, moved) => {
                let mut conflict = Conflict { detail, ..moved_by(*moved) };
                match refusal {
                    Refusal::StepsOpen(steps) => conflict.steps = Some(steps),
                    Refusal::Taken(by) | Refusal::StepDone(by) => conflict.by = Some(by),
                    Refusal::Status(_) | Refusal::Merged | Refusal::UnknownStep => {}
                }
                Error::Conflict(conflict.into())
            }
            WorkError::Moved(moved) => Error::Conflict(Conflict { detail, ..moved_by(*moved) }.into()),
            WorkError::Database(error) => error.into(),
        }
    }
}

fn moved_by(moved: Moved) -> Conflict {
    Conflict { by: moved.by, change: Some(moved.change.as_str().to_owned()), ..Conflict::default() }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        Error::Internal(error.into())
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Hash(error) => error.into(),
            error => Error::Unprocessable(error.to_string()),
        }
    }
}

impl From<AddUserError> for Error {
    fn from(error: AddUserError) -> Self {
        match error {
            AddUserError::Hash(error) => error.into(),
            AddUserError::Database(error) => error.into(),
            AddUserError::Taken(_) => Error::NotNow(error.to_string()),
            AddUserError::Name(_) | AddUserError::Password(_) => Error::Unprocessable(error.to_string()),
        }
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Error::NotFound("user"),
            ChangeError::Area(_) => Error::Unprocessable(error.to_string()),
            ChangeError::LastAdmin | ChangeError::SubjectTaken => Error::NotNow(error.to_string()),
            ChangeError::Password(error) => error.into(),
            ChangeError::Database(error) => error.into(),
        }
    }
}

impl From<JsonRejection> for Error {
    fn from(rejection: JsonRejection) -> Self {
        let text = rejection.body_text();
        // Somebody tries what this version, or anybody, does not have: that is no value to be put right.
        if text.contains("unknown field `") {
            return Error::BadRequest(text);
        }
        match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => Error::Unprocessable(text),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::MediaType(text),
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(text),
            _ => Error::BadRequest(text),
        }
    }
}

impl From<BytesRejection> for Error {
    fn from(rejection: BytesRejection) -> Self {
        let text = rejection.body_text();
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(text),
            _ => Error::BadRequest(text),
        }
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        Error::BadRequest(rejection.body_text())
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        Error::BadRequest(rejection.body_text())
    }
}
