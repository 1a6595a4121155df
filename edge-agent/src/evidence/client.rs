//! The two requests that the edge makes, and what the answers mean.

use super::spool::Item;
use super::{EvidenceError, EvidenceOptions};
use crate::credential::authorities;
use chrono::{DateTime, SecondsFormat, Utc};
use ngatu_protocol::{CameraId, EdgeId};
use reqwest::{Method, StatusCode, Url};
use std::time::Duration;

/// What an answer means for the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The center has it.
    Taken,
    /// The center will never take it.
    Never(String),
    /// Not now, and it may be this picture's fault.
    Later(String),
    /// The center cannot be reached or does not know this edge: no picture would do better.
    Away(String),
}

#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    edge: EdgeId,
    secret: String,
}

impl Client {
    pub(super) fn new(options: &EvidenceOptions) -> Result<Client, EvidenceError> {
        let bad = |reason: String| EvidenceError::Url { url: options.center_url.clone(), reason };
        let base = Url::parse(&options.center_url).map_err(|e| bad(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad("it is not http:// or https:// with a host".into()));
        }
        let mut builder = reqwest::Client::builder();
        if let Some(path) = &options.center_ca {
            let trusted = authorities(path).map_err(|error| EvidenceError::Ca(format!("{error:#}")))?;
            builder = builder.tls_certs_only(trusted);
        }
        let http = builder
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| bad(e.to_string()))?;
        Ok(Client { http, base, edge: options.edge.clone(), secret: options.secret.clone() })
    }

    pub(super) async fn evidence(&self, item: &Item, jpeg: Vec<u8>) -> Answer {
        let mut url = self.base.clone();
        url.set_path(&format!("/api/v1/evidence/{}", item.digest));
        url.query_pairs_mut().append_pair("camera", item.camera.as_str());
        self.put(url, jpeg).await
    }

    pub(super) async fn newest(&self, camera: &CameraId, jpeg: Vec<u8>, taken_at: DateTime<Utc>) -> Answer {
        let mut url = self.base.clone();
        url.set_path(&format!("/api/v1/cameras/{}/{camera}/picture", self.edge));
        let taken_at = taken_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        url.query_pairs_mut().append_pair("taken_at", &taken_at);
        self.put(url, jpeg).await
    }

    async fn put(&self, url: Url, jpeg: Vec<u8>) -> Answer {
        let request = self
            .http
            .request(Method::PUT, url)
            .basic_auth(self.edge.as_str(), Some(&self.secret))
            .header(reqwest::header::CONTENT_TYPE, "image/jpeg")
            .body(jpeg);
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                let text = if status.is_success() { String::new() } else { start_of(response).await };
                meaning(status, &text)
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(|e| format!(": {e}")).unwrap_or_default();
                Answer::Away(format!("the center cannot be reached: {error}{cause}"))
            }
        }
    }
}

/// The first part of an error's text; a center that sends megabytes is not read to the end.
async fn start_of(mut response: reqwest::Response) -> String {
    let mut text = Vec::new();
    while text.len() < 500
        && let Ok(Some(chunk)) = response.chunk().await
    {
        text.extend_from_slice(&chunk);
    }
    text.truncate(500);
    String::from_utf8_lossy(&text).into_owned()
}

fn meaning(status: StatusCode, text: &str) -> Answer {
    let said = format!("the center answers {status}: {text}");
    match status.as_u16() {
        200..=299 => Answer::Taken,
        400 | 413 | 415 | 422 => Answer::Never(said),
        401 | 403 | 429 | 502 | 503 | 504 => Answer::Away(said),
        _ => Answer::Later(said),
    }
}
