//! The REST API, the websocket and the built dashboard over HTTP/1.1.
//!
//! One file per resource. A request passes `headers` (outermost), compression, `guard` (who is it, may they, own
//! origin), then its handler; `problem` turns every error into its answer. `openapi` makes the document from the same
//! code. What always holds: a route that [`crate::access::table`] does not name answers nobody.

mod alert_steps;
mod alerts;
mod areas;
mod audit;
mod backtests;
mod cameras;
mod cap;
#[cfg(debug_assertions)]
mod conformance;
mod cookie;
mod cursor;
mod dashboard;
mod dead_letters;
mod dispatches;
mod edges;
mod enroll;
mod events;
mod evidence;
mod examples;
mod extract;
mod guard;
mod headers;
mod html;
mod idempotency;
mod incident_work;
mod incidents;
mod ledger;
mod limits;
mod links;
mod listen;
mod live;
mod me;
mod multipart;
mod observations;
mod oidc;
mod oidc_page;
pub mod openapi;
mod page;
mod pictures;
mod policies;
mod problem;
mod procedures;
mod ready;
mod report_page;
mod report_triage;
mod reports;
mod search;
mod session;
mod signals;
mod site;
mod statistics;
mod suggestions;
pub mod tls;
mod tokens;
mod tracks;
mod units;
mod uploads;
mod users;

pub use idempotency::forget_old as forget_old_answers;
pub use listen::{ListenError, bind, check_listen, serve};
pub use ready::{PartStatus, Parts};
pub use reports::stamp as stamp_report_form;
pub use tls::Tls;

use crate::access::audit::PictureLooks;
use crate::access::limits::Quotas;
use crate::access::oidc::Provider;
use crate::access::sessions;
use crate::access::sign_in::Gates;
use crate::certificates::Authority;
use crate::evidence::{MAX_PICTURE_BYTES, Pictures, Store};
use crate::ingest::shed::Shed;
use crate::live::Hub;
use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use sqlx::PgPool;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest JSON body, bytes.
const MAX_JSON_BYTES: usize = 64 * 1024;

/// What the handlers need from the rest of the center.
#[derive(Debug)]
pub struct Options {
    /// The database.
    pub pool: PgPool,
    /// Where `evidence/` and `pictures/` are kept.
    pub data_dir: PathBuf,
    /// Whether plain HTTP on a non-loopback address was asked for: the cookie loses its prefix, and every page says so.
    pub insecure: bool,
    /// How long sessions last.
    pub sessions: sessions::Limits,
    /// How often one may ask.
    pub quotas: Quotas,
    /// Where people may sign in besides.
    pub oidc: Option<Provider>,
    /// The state of the center's parts, for `/readyz`.
    pub parts: watch::Receiver<Parts>,
    /// The live changes.
    pub hub: Hub,
    /// What ingest could not take.
    pub shed: Shed,
    /// Who signs devices' certificates, where they are switched on.
    pub authority: Option<Arc<Authority>>,
    /// TLS on every listener; without it plain HTTP.
    pub tls: Option<Arc<Tls>>,
}

/// The state that all handlers share; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: Options,
    store: Store,
    pictures: Pictures,
    looks: PictureLooks,
    gates: Gates,
    limits: limits::Limits,
    backtests: Arc<Semaphore>,
    uploads: uploads::Uploads,
}

impl Shared {
    /// Prepares the folders of evidence and pictures.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn new(options: Options) -> std::io::Result<Shared> {
        let store = Store::open(&options.data_dir)?;
        let pictures = Pictures::open(&options.data_dir)?;
        let limits = limits::Limits::new(&options.quotas);
        let (looks, gates) = (PictureLooks::default(), Gates::default());
        let backtests = Arc::new(Semaphore::new(backtests::AT_ONCE));
        let uploads = uploads::Uploads::new(options.quotas.form_stall);
        Ok(Shared(Arc::new(Inner { options, store, pictures, looks, gates, limits, backtests, uploads })))
    }

    fn pool(&self) -> &PgPool {
        &self.0.options.pool
    }

    fn hub(&self) -> &Hub {
        &self.0.options.hub
    }

    fn shed(&self) -> &Shed {
        &self.0.options.shed
    }

    fn authority(&self) -> Option<&Authority> {
        self.0.options.authority.as_deref()
    }

    fn insecure(&self) -> bool {
        self.0.options.insecure
    }

    fn sessions(&self) -> sessions::Limits {
        self.0.options.sessions
    }

    fn oidc(&self) -> Option<&Provider> {
        self.0.options.oidc.as_ref()
    }

    fn parts(&self) -> Parts {
        self.0.options.parts.borrow().clone()
    }
}

/// Every route, with its documentation. The order is the order of the document.
fn routes() -> OpenApiRouter<Shared> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(evidence::read_evidence, evidence::put_evidence))
        .routes(routes!(pictures::read_picture, pictures::put_picture))
        .layer(DefaultBodyLimit::max(MAX_PICTURE_BYTES));
    let forms = OpenApiRouter::new()
        .routes(routes!(report_triage::list_reports, reports::file_report))
        .layer(DefaultBodyLimit::max(reports::MAX_FORM_BYTES));
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(ready::healthz))
        .routes(routes!(ready::readyz))
        .routes(routes!(openapi::read_openapi))
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(oidc::read_ways))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(me::read_me, me::change_me))
        .routes(routes!(me::change_password))
        .routes(routes!(live::live))
        .routes(routes!(alerts::list_alerts))
        .routes(routes!(alerts::read_alert))
        .routes(routes!(alert_steps::acknowledge_alert))
        .routes(routes!(alert_steps::acknowledge_alerts))
        .routes(routes!(alert_steps::claim_alert))
        .routes(routes!(alert_steps::release_alert))
        .routes(routes!(alert_steps::forward_alert))
        .routes(routes!(alert_steps::shelve_alert))
        .routes(routes!(alert_steps::unshelve_alert))
        .routes(routes!(alert_steps::dismiss_alert))
        .routes(routes!(alert_steps::read_alert_log))
        .routes(routes!(incidents::list_incidents, incidents::open_incident))
        .routes(routes!(incidents::read_incident, incidents::change_incident))
        .routes(routes!(incident_work::take_incident))
        .routes(routes!(incident_work::do_step))
        .routes(routes!(incident_work::note_incident))
        .routes(routes!(incident_work::resolve_incident))
        .routes(routes!(incident_work::close_incident))
        .routes(routes!(incident_work::reopen_incident))
        .routes(routes!(incident_work::merge_incident))
        .routes(routes!(incident_work::split_incident))
        .routes(routes!(procedures::list_procedures, procedures::put_procedures))
        .routes(routes!(signals::send_signal))
        .routes(routes!(reports::begin_report))
        .routes(routes!(reports::read_report_status))
        .routes(routes!(report_triage::link_report))
        .routes(routes!(report_triage::reject_report))
        .routes(routes!(report_triage::answer_report))
        .routes(routes!(report_triage::place_report))
        .routes(routes!(report_page::form_page))
        .routes(routes!(report_page::status_page))
        .merge(forms)
        .routes(routes!(policies::list_policies, policies::add_policy))
        .routes(routes!(policies::read_policy))
        .routes(routes!(policies::activate_policy))
        .routes(routes!(backtests::begin_backtest))
        .routes(routes!(backtests::read_backtest))
        .routes(routes!(policies::list_silences, policies::add_silence))
        .routes(routes!(policies::end_silence))
        .routes(routes!(statistics::read_alarm_load))
        .routes(routes!(statistics::read_precision))
        .routes(routes!(statistics::list_proposals))
        .routes(routes!(units::list_units))
        .routes(routes!(units::put_unit))
        .routes(routes!(suggestions::suggest_units))
        .routes(routes!(dispatches::list_dispatches, dispatches::send_unit))
        .routes(routes!(dispatches::read_dispatch))
        .routes(routes!(dispatches::move_dispatch))
        .routes(routes!(dispatches::read_inbox))
        .routes(routes!(dispatches::answer_dispatch))
        .routes(routes!(dispatches::read_inbox_picture))
        .routes(routes!(links::open_link, links::answer_link))
        .routes(routes!(links::read_link_picture))
        .routes(routes!(cap::read_feed))
        .routes(routes!(cap::read_message))
        .routes(routes!(cameras::list_cameras))
        .routes(routes!(edges::list_edges))
        .routes(routes!(events::list_events))
        .routes(routes!(observations::list_observations))
        .routes(routes!(tracks::list_tracks))
        .routes(routes!(ledger::read_ledger))
        .routes(routes!(dead_letters::list_dead_letters))
        .routes(routes!(areas::list_areas))
        .routes(routes!(users::list_users, users::add_user))
        .routes(routes!(users::read_user, users::change_user))
        .routes(routes!(users::end_user_sessions))
        .routes(routes!(tokens::list_tokens, tokens::make_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::verify_audit))
        .routes(routes!(enroll::make_claim_code))
        .routes(routes!(enroll::revoke_credential))
        .routes(routes!(enroll::renew_certificate))
        .routes(routes!(enroll::enroll))
        .merge(uploads)
}

/// The whole service.
fn service(shared: Shared) -> Router {
    let (router, _) = routes().split_for_parts();
    let router = router
        .fallback(dashboard::fallback)
        .method_not_allowed_fallback(|| async { problem::Error::Method })
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .layer(middleware::from_fn_with_state(shared.clone(), idempotency::remember))
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard));
    #[cfg(debug_assertions)]
    let router = router.layer(middleware::from_fn(conformance::hold_to_the_document));
    router
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(shared.clone(), headers::secure))
        .with_state(shared)
}
