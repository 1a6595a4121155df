//! `/api/v1/live`: from a request to the websocket of [`crate::live`].

use super::Shared;
use super::extract::{Query, SignedIn};
use super::problem::{Error, Problem};
use crate::access::table;
use crate::live::{self, LiveMessage, Wish};
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

/// Clients have nothing to say; what they send is read only to notice that they are there.
const MAX_CLIENT_BYTES: usize = 4096;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// The number of the last change that the client has; without it, or when the gap is larger than 5,000, the
    /// state comes first.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// The number of the last change of an incident that the client has; without it, it hears of incidents from now on.
    #[param(minimum = 0)]
    incidents_after: Option<i64>,
}

/// The live changes of alerts and incidents, as a websocket
///
/// Needs the session cookie and an `Origin` that is this site, or a token. Text frames, server to client, each a `LiveMessage`:
/// a `snapshot`, or the changes after `after` and a `heartbeat`; then each `change` and each `incident` of your areas, a `passed` where
/// changes of alerts were left out, a `report` for those who may read reports, and a `heartbeat` every 15 s.
/// A client that does not keep up gets `resume` and close 1013; 1008 means that the session has ended; 1001 that the
/// center stops.
#[utoipa::path(get, path = "/api/v1/live", operation_id = "live", tag = "alerts", params(LiveQuery),
    responses(
        (status = 101, description = "Switched to a websocket of these messages", body = LiveMessage),
        (status = 426, description = "Not a websocket request", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many connections", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn live(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    query: Query<LiveQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let upgrade = upgrade.map_err(|_| Error::NotAWebsocket)?;
    let subscription = shared.hub().subscribe(person.session).ok_or(Error::TooManyLive)?;
    let upgrade = upgrade.max_message_size(MAX_CLIENT_BYTES).max_frame_size(MAX_CLIENT_BYTES);
    let Query(LiveQuery { after, incidents_after }) = query;
    let reads_reports = table::lets_role_in(person.role, &Method::GET, "/api/v1/reports");
    let wish = Wish { after, incidents_after, areas: person.areas, reads_reports };
    Ok(upgrade.on_upgrade(move |socket| live::run(socket, subscription, wish)))
}
