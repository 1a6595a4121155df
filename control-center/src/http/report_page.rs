//! `/report`: the citizens' form and the page of a report's state, in Vietnamese and English. Plain HTML that needs no
//! script; everything that came from outside is escaped.

use super::Shared;
use super::areas::Area;
use super::extract::{Path, Query};
use super::html;
use super::problem::Error;
use super::reports::{CONSENT_EN, CONSENT_VI, NewForm, ReportKind, new_form};
use crate::incidents::reports::{ReportState, ReportStatus, report_status};
use crate::local_time;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::fmt::Write as _;
use utoipa::IntoParams;

/// The words of the pages.
struct Page {
    language: &'static str,
    other: (&'static str, &'static str),
    title: &'static str,
    intro: &'static str,
    kind: &'static str,
    text: &'static str,
    place: &'static str,
    area: &'static str,
    no_area: &'static str,
    contact: &'static str,
    pictures: &'static str,
    consent: &'static str,
    send: &'static str,
    keep: &'static str,
    received: &'static str,
    due: &'static str,
    states: [&'static str; 5],
    refused: &'static str,
    too_many: &'static str,
    again: &'static str,
}

const VI: Page = Page {
    language: "vi",
    other: ("en", "English"),
    title: "Phản ánh hiện trường",
    intro: "Nguy hiểm đến tính mạng: gọi 113 (công an), 114 (cháy), 115 (cấp cứu) trước.",
    kind: "Loại sự việc",
    text: "Chuyện gì đang xảy ra?",
    place: "Ở đâu? (số nhà, đường, phường)",
    area: "Khu vực",
    no_area: "Không rõ",
    contact: "Điện thoại hoặc email của bạn (không bắt buộc)",
    pictures: "Ảnh JPEG, tối đa 3 ảnh, mỗi ảnh 8 MB",
    consent: CONSENT_VI,
    send: "Gửi phản ánh",
    keep: "Hãy lưu địa chỉ trang này để xem kết quả. Mã phản ánh:",
    received: "Đã nhận lúc",
    due: "Trả lời trước",
    states: ["Đã nhận, chờ xem xét", "Đang xử lý", "Không tiếp nhận", "Đã trả lời", "Đã xử lý xong"],
    refused: "Chưa gửi được phản ánh. Hãy kiểm tra nội dung, ảnh JPEG, ô đồng ý, và thử lại sau vài giây.",
    too_many: "Có quá nhiều phản ánh. Hãy thử lại sau một giờ; việc khẩn cấp xin gọi 113, 114, 115.",
    again: "Quay lại",
};

const EN: Page = Page {
    language: "en",
    other: ("vi", "Tiếng Việt"),
    title: "Report what happens",
    intro: "A life in danger: call 113 (police), 114 (fire) or 115 (ambulance) first.",
    kind: "What kind",
    text: "What is happening?",
    place: "Where? (number, street, ward)",
    area: "Area",
    no_area: "I do not know",
    contact: "Your phone or mail (not required)",
    pictures: "JPEG pictures, at most 3 of 8 MB each",
    consent: CONSENT_EN,
    send: "Send the report",
    keep: "Keep the address of this page to see what becomes of it. Number:",
    received: "Received",
    due: "Answered before",
    states: ["Received, waits to be looked at", "Being worked on", "Not taken", "Answered", "Done"],
    refused: "The report was not sent. Check the text, the JPEG pictures and the consent, and try again in a few seconds.",
    too_many: "There are too many reports. Try again in an hour; in an emergency call 113, 114 or 115.",
    again: "Back",
};

const STYLE: &str = "body{font:1.05rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:34rem;color:#1b1f24;\
    background:#fff}label{display:block;margin:1rem 0 .25rem;font-weight:600}input,select,textarea,button{font:inherit;width:100%;\
    box-sizing:border-box;min-height:44px;padding:.5rem}textarea{min-height:8rem}.row{display:flex;gap:.75rem;align-items:\
    flex-start}.row input{width:24px;min-height:24px;flex:none;margin:.25rem 0}.row label{margin:0;font-weight:400}button{margin-top:\
    1.25rem;background:#0b5cad;color:#fff;border:0;border-radius:.4rem;font-weight:600}.warn{border-left:.3rem solid #b42318;\
    padding:.25rem .75rem}.away{position:absolute;left:-99rem}@media(prefers-color-scheme:dark){body{background:#14171a;color:#e8eaed}\
    input,select,textarea{background:#1f2429;color:inherit;border:1px solid #8a939c}a{color:#8ab8ff}}";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `vi` or `en`.
    lang: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusQuery {
    /// The secret that the reporter was told.
    key: String,
    /// `vi` or `en`.
    lang: Option<String>,
}

fn words(language: Option<&str>) -> &'static Page {
    if language == Some("en") { &EN } else { &VI }
}

/// The form for citizens
///
/// A page that needs no script. Open without a session.
#[utoipa::path(get, path = "/report", operation_id = "report_form_page", tag = "reports", params(PageQuery),
    responses((status = 200, description = "The form", body = String, content_type = "text/html")))]
pub(crate) async fn form_page(
    State(shared): State<Shared>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let page = words(query.lang.as_deref());
    Ok(Html(form(page, &new_form(&shared).await?)).into_response())
}

/// The page of a report's state
///
/// Open without a session, for who has the number and the key.
#[utoipa::path(get, path = "/report/{number}", operation_id = "report_status_page", tag = "reports",
    params(("number" = String, Path, description = "The report's number"), StatusQuery),
    responses(
        (status = 200, description = "How far it is", body = String, content_type = "text/html"),
        (status = 404, description = "There is no report of that number and key", body = String, content_type = "text/html")))]
pub(crate) async fn status_page(
    State(shared): State<Shared>,
    Path(number): Path<String>,
    Query(query): Query<StatusQuery>,
) -> Result<Response, Error> {
    let page = words(query.lang.as_deref());
    Ok(match report_status(shared.pool(), &number, &query.key).await? {
        Some(report) => Html(status(page, &report)).into_response(),
        None => (StatusCode::NOT_FOUND, Html(shell(page, "<p class=warn>404</p>"))).into_response(),
    })
}

/// The page of a form that was not taken.
pub(crate) fn refused(headers: &HeaderMap, code: StatusCode) -> Response {
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok()).unwrap_or_default();
    let page = words(from.contains("lang=en").then_some("en"));
    let why = if code == StatusCode::TOO_MANY_REQUESTS { page.too_many } else { page.refused };
    let body = format!(
        "<p class=warn>{why}</p><p><a href=\"/report?lang={}\">{}</a></p>",
        page.language, page.again
    );
    (code, Html(shell(page, &body))).into_response()
}

/// Escaped, each line on its own.
fn escape(text: &str) -> String {
    html::escape(text).replace('\n', "<br>")
}

fn shell(page: &Page, body: &str) -> String {
    let Page { language, title, other: (other, other_name), .. } = page;
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><header><p><a href=\"/report?lang={other}\" lang=\"{other}\">{other_name}</a></p>\
         <h1>{title}</h1></header><main>{body}</main></body></html>"
    )
}

/// The choice of an area, where the city has some.
fn area_choice(page: &Page, areas: &[Area]) -> String {
    if areas.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<label for=\"area\">{}</label><select id=\"area\" name=\"area\"><option value=\"\" selected>{}</option>",
        page.area, page.no_area
    );
    for Area { id, name } in areas {
        let _ = write!(html, "<option value=\"{}\">{}</option>", escape(id), escape(name));
    }
    html.push_str("</select>");
    html
}

fn form(page: &Page, NewForm { begun, kinds, areas }: &NewForm) -> String {
    let area = area_choice(page, areas);
    let mut options = String::new();
    for ReportKind { kind, name } in kinds {
        let name = if page.language == "en" { &name.en } else { &name.vi };
        let chosen = if kind == "other" { " selected" } else { "" };
        let _ = write!(options, "<option value=\"{}\"{chosen}>{}</option>", escape(kind), escape(name));
    }
    let Page { language, intro, kind, text, place, contact, pictures, consent, send, .. } = page;
    let (begun, consent) = (escape(begun), escape(consent));
    let body = format!(
        "<p class=warn>{intro}</p><form method=\"post\" action=\"/api/v1/reports\" enctype=\"multipart/form-data\">\
         <input type=\"hidden\" name=\"begun\" value=\"{begun}\"><input type=\"hidden\" name=\"language\" value=\"{language}\">\
         <label for=\"kind\">{kind}</label><select id=\"kind\" name=\"kind\">{options}</select>\
         <label for=\"text\">{text}</label><textarea id=\"text\" name=\"text\" required maxlength=\"4000\"></textarea>\
         <label for=\"place\">{place}</label><input id=\"place\" name=\"place\" maxlength=\"300\" autocomplete=\"street-address\">{area}\
         <label for=\"contact\">{contact}</label><input id=\"contact\" name=\"contact\" maxlength=\"200\" autocomplete=\"tel\">\
         <label for=\"picture\">{pictures}</label><input id=\"picture\" name=\"picture\" type=\"file\" accept=\"image/jpeg\" multiple>\
         <p class=\"away\" aria-hidden=\"true\"><label for=\"website\">Website</label><input id=\"website\" name=\"website\" \
         tabindex=\"-1\" autocomplete=\"off\"></p>\
         <p class=\"row\"><input id=\"consent\" type=\"checkbox\" name=\"consent\" value=\"yes\" required>\
         <label for=\"consent\">{consent}</label></p><button type=\"submit\">{send}</button></form>"
    );
    shell(page, &body)
}

/// As people in Viet Nam write a time: dd/MM/yyyy HH:mm, +07.
fn time(at: DateTime<Utc>) -> String {
    local_time::local(at).format("%d/%m/%Y %H:%M").to_string()
}

fn status(page: &Page, report: &ReportStatus) -> String {
    let place = match report.state {
        ReportState::Received => 0,
        ReportState::Accepted if report.is_over => 4,
        ReportState::Accepted => 1,
        ReportState::Rejected => 2,
        ReportState::Answered => 3,
    };
    let answer =
        report.answer.as_deref().map_or(String::new(), |answer| format!("<p>{}</p>", escape(answer)));
    let due = if report.answered_at.is_none() {
        format!("<p>{}: {}</p>", page.due, time(report.due_at))
    } else {
        String::new()
    };
    let body = format!(
        "<p>{} <strong>{}</strong></p><p role=\"status\"><strong>{}</strong></p>{answer}<p>{}: {}</p>{due}",
        page.keep,
        escape(&report.number),
        page.states[place],
        page.received,
        time(report.received_at)
    );
    shell(page, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_is_text_and_never_markup() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let report = ReportStatus {
            number: "R-1\"><script>".into(),
            received_at: now,
            kind: "fire".into(),
            state: ReportState::Answered,
            is_over: false,
            answer: Some("<img src=x onerror=alert(1)> & 'xong'\nhai".into()),
            due_at: now,
            answered_at: Some(now),
        };
        for page in [&VI, &EN] {
            let html = status(page, &report);
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
            assert!(html.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &#39;xong&#39;<br>hai"));
            assert!(html.contains("15/01/2027 15:00"), "{html}");
            let area = |id: &str, name: &str| Area { id: id.into(), name: name.into() };
            let areas = vec![area("north", "Bắc \"><b>")];
            let form = form(page, &NewForm { begun: "1.\"><b>".into(), kinds: vec![], areas });
            assert!(form.contains("value=\"north\""));
            assert!(
                !form.contains("<script") && !form.contains("\"><b>") && !form.contains(" on"),
                "no scripts"
            );
            assert!(form.contains(&format!("lang=\"{}\"", page.language)));
        }
    }
}
