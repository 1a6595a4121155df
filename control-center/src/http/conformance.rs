//! In debug builds every answer is held against the OpenAPI document: a status or media type that the document does not
//! name becomes 500 `undocumented`, so that each test of this crate and of the whole stack is a test of the document, too.

use super::problem::Error;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use utoipa::openapi::RefOr;

/// By method and path: each status, with each media type that it may have; an empty one where there is no body.
type Answers = HashMap<(Method, String), HashSet<(String, String)>>;

static DOCUMENTED: LazyLock<Answers> = LazyLock::new(|| {
    let mut document = super::openapi::document();
    let mut answers = Answers::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in super::openapi::operations(item) {
            let known = answers.entry((method, path.clone())).or_default();
            for (status, response) in &operation.responses.responses {
                let RefOr::T(response) = response else { continue };
                if response.content.is_empty() || status == "101" {
                    known.insert((status.clone(), String::new()));
                }
                known.extend(response.content.keys().map(|media_type| (status.clone(), media_type.clone())));
            }
        }
    }
    answers
});

/// The middleware.
pub(crate) async fn hold_to_the_document(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let response = next.run(request).await;
    let Some(path) = path else { return response };
    let Some(known) = DOCUMENTED.get(&(method.clone(), path.clone())) else { return response };
    let (status, media_type) = (response.status().as_str().to_owned(), media_type(response.headers()));
    if known.contains(&(status.clone(), media_type.clone())) {
        return response;
    }
    let what = format!("undocumented: {method} {path} answered {status} `{media_type}`");
    tracing::error!("{what}");
    Error::Internal(what.into()).into_response()
}

/// Without parameters, such as the charset.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_owned()
}
