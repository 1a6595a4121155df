//! `/api/v1/openapi.json`: OpenAPI 3.1 from the handlers' own documentation.
//!
//! What the guard, the extractors and the limits answer on every path is added here from the table of roles and paths,
//! so no handler can forget it and none repeats it.

use super::examples;
use super::problem::{PROBLEM_JSON, Problem};
use crate::access::table::{self, Who};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use std::sync::OnceLock;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, Header, PathItem, Ref, RefOr, ResponseBuilder, Schema};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ngã Tư control center",
        description = "Errors are RFC 9457 problem details. Lists page by an opaque cursor. Times are RFC 3339, UTC. \
            Writes with a session, and the websocket, need an `Origin` header that is this site.",
    ),
    components(schemas(Problem)),
    tags(
        (name = "session", description = "Signing in and out"),
        (name = "alerts", description = "What needs attention"),
        (name = "incidents", description = "The cases that people work"),
        (name = "reports", description = "What citizens report"),
        (name = "policies", description = "Which events become alerts, and what is muted for a while"),
        (name = "statistics", description = "What was measured over a time"),
        (name = "units", description = "Who can be sent"),
        (name = "dispatches", description = "Incidents handed to units"),
        (name = "cameras", description = "Cameras and their newest pictures"),
        (name = "edges", description = "Edge agents"),
        (name = "events", description = "What rules stated"),
        (name = "observations", description = "Measured quantities"),
        (name = "tracks", description = "The ways of road users through the picture"),
        (name = "evidence", description = "Pictures that belong to events"),
        (name = "ledger", description = "What arrived, what is missing, what was refused"),
        (name = "access", description = "People, machines, areas, and who did what"),
        (name = "devices", description = "For edge agents, with their device credential"),
        (name = "center", description = "The center itself"),
    )
)]
struct Frame;

const SESSION: &str = "session";
const TOKEN: &str = "token";
const DEVICE: &str = "device";
/// Schemas that clients write; in all others every property is always there.
const WRITTEN: &[&str] = &[
    "SignIn",
    "MeChange",
    "PasswordChange",
    "UserNew",
    "UserChange",
    "TokenNew",
    "Enroll",
    "AskCertificate",
    "ForwardAlert",
    "ShelveAlert",
    "DismissAlert",
    "AcknowledgeAlerts",
    "OpenIncident",
    "ChangeIncident",
    "DoStep",
    "ResolveIncident",
    "MergeIncident",
    "SplitIncident",
    "ChangeProcedures",
    "Procedure",
    "Escalation",
    "UnitSla",
    "Sla",
    "Signal",
    "PostSignal",
    "LinkReport",
    "FileReport",
    "NewPolicy",
    "NewSilence",
    "NewBacktest",
    "TriedRule",
    "PolicyBody",
    "PolicyRule",
    "Matcher",
    "Grouping",
    "Inhibit",
    "Maintenance",
    "PutUnit",
    "SendUnit",
    "MoveDispatch",
    "AnswerByLink",
    "Channel",
    "Shift",
];
/// Properties that are not always there.
const OPTIONAL: &[(&str, &str)] =
    &[("Problem", "acknowledged_by"), ("Problem", "by"), ("Problem", "change"), ("Problem", "steps")];

/// The document without paths.
pub(crate) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The OpenAPI document
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "read_openapi", tag = "center",
    responses((status = 200, description = "This document", body = serde_json::Value)))]
pub(crate) async fn read_openapi() -> Response {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| document_json().into()).clone();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

/// The document as JSON text, as it is served and as `control-center/openapi.json` keeps it.
#[must_use]
pub fn document_json() -> String {
    let mut text = document().to_pretty_json().expect("a document of strings and numbers is JSON");
    text.push('\n');
    text
}

/// The document, complete.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = super::routes().split_for_parts();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(&method, path, operation);
            examples::add(operation);
        }
    }
    if let Some(components) = &mut document.components {
        for (name, schema) in &mut components.schemas {
            if !WRITTEN.contains(&name.as_str()) {
                require_all(name, schema);
            }
            if name == "Problem" {
                examples::add_to_schema(name, schema);
            }
        }
        let cookie = "Set by signing in. Named `session` where plain HTTP was asked for.";
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description("__Host-session", cookie));
        components.security_schemes.insert(SESSION.into(), SecurityScheme::ApiKey(cookie).into());
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("ngt_…")
            .description(Some("A machine's token, as `POST /api/v1/tokens` gave it out. Needs no `Origin`."));
        components.security_schemes.insert(TOKEN.into(), SecurityScheme::Http(bearer.build()).into());
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("Edge id and device secret, as `control-center edge enroll` gave it out"));
        components.security_schemes.insert(DEVICE.into(), SecurityScheme::Http(basic.build()).into());
    }
    document
}

/// What a path can be asked for.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, item.get.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
        (Method::PATCH, item.patch.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// Adds what stands before the handler: who may call it, and the refusals of guard, extractors and limits.
fn complete(method: &Method, path: &str, operation: &mut Operation) {
    let who = table::who(method, path);
    let refused = "The role may not do this, or the origin is foreign";
    match who {
        Some(Who::People(roles)) => {
            let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            operation.security = Some(
                [SESSION, TOKEN].map(|scheme| SecurityRequirement::new(scheme, [] as [&str; 0])).to_vec(),
            );
            describe(operation, &format!("Roles: {}.", roles.join(", ")));
            problem(operation, 401, "Not signed in");
            problem(operation, 403, refused);
            problem(operation, 429, "Too many requests: `Retry-After` says how long to wait");
        }
        Some(Who::Devices) => {
            operation.security = Some(vec![SecurityRequirement::new(DEVICE, [] as [&str; 0])]);
            problem(operation, 401, "No device credential");
            problem(operation, 403, "A person's session, or another edge's camera");
            problem(operation, 507, "The disk is full");
        }
        Some(Who::Anybody) | None => {
            operation.security = Some(vec![]);
            if table::is_for_strangers(path) {
                problem(
                    operation,
                    429,
                    "Too many requests from this address: `Retry-After` says how long to wait",
                );
            }
            if !method.is_safe() {
                problem(operation, 403, "The origin is foreign");
            }
        }
    }
    let may_repeat = matches!(who, Some(Who::People(_))) || path == "/api/v1/reports";
    if method == Method::POST && may_repeat && !table::has_secret(path) {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "A repeated request with the same key gets the first answer for 24 h and is not done again",
            ))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(200))));
        operation.parameters.get_or_insert_default().push(RefOr::T(key.build()));
        problem(operation, 409, "A request with this Idempotency-Key is under way");
        problem(operation, 422, "This Idempotency-Key was used for another request");
    }
    let has_parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    if has_parameters {
        problem(operation, 400, "A parameter cannot be read");
    }
    if operation.request_body.is_some() {
        problem(operation, 400, "The request cannot be read");
        problem(operation, 413, "The body is too large");
        problem(operation, 415, "The body has another media type");
        problem(operation, 422, "The body is not what it should be");
    }
    if !matches!(path, "/healthz" | "/readyz" | "/api/v1/openapi.json") {
        problem(operation, 408, "The request took too long");
        problem(operation, 500, "The center could not do it");
        let away = match method.is_safe() {
            true => "The database does not answer: `Retry-After` says how long to wait",
            false => {
                "The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long \
                 to wait"
            }
        };
        problem(operation, 503, away);
    }
    if path == "/api/v1/reports" && method == Method::POST {
        refuse_in_html(operation);
    }
}

fn describe(operation: &mut Operation, more: &str) {
    let text = operation.description.get_or_insert_default();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

fn problem(operation: &mut Operation, status: u16, description: &str) {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let mut response = ResponseBuilder::new().description(description).content(PROBLEM_JSON, content);
    if status == 503 {
        let mut seconds = Header::new(ObjectBuilder::new().schema_type(Type::Integer));
        seconds.description = Some("Seconds to wait".into());
        response = response.header("Retry-After", seconds);
    }
    let response = response.build();
    operation.responses.responses.entry(status.to_string()).or_insert(RefOr::T(response));
}

/// A browser that sent the form is shown a page, whatever went wrong.
fn refuse_in_html(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let (RefOr::T(response), true) = (response, status.as_str() >= "400") {
            response.content.insert("text/html".into(), RefOr::T(Content::new(Some(Schema::from(text())))));
        }
    }
}

fn text() -> utoipa::openapi::Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

fn require_all(name: &str, schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema {
        let optional = |property: &String| OPTIONAL.contains(&(name, property.as_str()));
        // Answers may gain fields; what takes the place of a map's values stays.
        if matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(_))) {
            object.additional_properties = None;
        }
        object.required = object.properties.keys().filter(|property| !optional(property)).cloned().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_and_the_table_of_roles_name_the_same_paths() {
        let mut document = document();
        let mut documented = BTreeSet::new();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                assert!(operation.summary.is_some(), "{method} {path} has no summary");
                documented.insert(format!("{method} {path}"));
            }
        }
        let named: BTreeSet<String> =
            table::TABLE.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
        assert_eq!(documented, named);
    }

    #[test]
    fn the_committed_document_is_the_one_that_is_served() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let current = document_json();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &current).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == current,
            "openapi.json is out of date: run with UPDATE=1, and read the difference"
        );
    }
}
