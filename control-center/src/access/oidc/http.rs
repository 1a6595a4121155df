//! How the provider is asked: reqwest under `openidconnect`'s own trait, which knows an older reqwest only.
//!
//! No redirects: the addresses come from the provider's document, and nothing may lead the center elsewhere.

use crate::causes::causes;
use futures_util::future::BoxFuture;
use openidconnect::http::{self, StatusCode};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::time::Duration;

/// Longest answer that is read, bytes: a document, keys, or a token.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// No connection, no answer in time, or it broke off.
    #[error("{}", causes(.0))]
    Request(#[from] reqwest::Error),
    /// The provider is in trouble itself.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// More than anybody needs.
    #[error("its answer is too long")]
    TooLong,
    /// What it sent is no HTTP.
    #[error(transparent)]
    Http(#[from] http::Error),
}

/// Asks the provider.
#[derive(Debug)]
pub(super) struct Http(reqwest::Client);

impl Http {
    /// One that waits so long for each answer.
    ///
    /// # Errors
    /// When the system's TLS cannot be prepared.
    pub(super) fn new(patience: Duration) -> Result<Http, reqwest::Error> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Ok(Http(client.timeout(patience).user_agent("ngatu").build()?))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        if response.status().is_server_error() {
            return Err(HttpError::Status(response.status()));
        }
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.extend(response.headers().clone());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
