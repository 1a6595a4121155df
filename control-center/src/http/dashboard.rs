//! The built dashboard: files inside the binary (in a debug build: on disk), and `index.html` for its own routes.

use super::Shared;
use super::problem::Error;
use super::site::is_api;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../dashboard/dist/"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Vite puts the digest of a file's content into its name in this folder.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Ngã Tư</title>\
    <h1>Ngã Tư</h1><p>The control center runs, but its dashboard was not built.\
    <p>Run <code>make setup</code> once, then <code>npm run build</code> in <code>dashboard/</code>; \
    for a release build, build the control center after that.<p>The API is under <code>/api/v1</code>.";

/// Told on every page of a center that serves plain HTTP beyond its machine; the dashboard shows it.
const INSECURE_META: &str = "<meta name=\"ngatu-insecure\" content=\"true\">";

/// Whatever no route took: an unknown API path, a file of the dashboard, or one of its own routes.
pub(crate) async fn fallback(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if is_api(uri.path()) {
        return Err(Error::NotFound("path"));
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(Error::Method);
    }
    let path = uri.path().trim_start_matches('/');
    match Dist::get(path) {
        Some(file) if path != INDEX => Ok(answer(path, file, &headers)),
        // A name with a dot was meant as a file; the dashboard's routes have none.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != INDEX => {
            Err(Error::NotFound("file"))
        }
        _ => Ok(index(shared.insecure())),
    }
}

fn index(insecure: bool) -> Response {
    let page = match Dist::get(INDEX) {
        Some(file) => String::from_utf8_lossy(&file.data).into_owned(),
        None => return (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    };
    let page = if insecure { page.replacen("<head>", &format!("<head>{INSECURE_META}"), 1) } else { page };
    ([(header::CACHE_CONTROL, "no-cache")], Html(page)).into_response()
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| tags.as_bytes() == etag.as_bytes());
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type.as_ref())], file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, HeaderValue::try_from(etag).expect("hex digits are a header value"));
    response
}
