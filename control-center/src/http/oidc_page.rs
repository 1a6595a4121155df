//! What a person sees when signing in at an OpenID provider went wrong: a page without scripts, in both languages.

use super::html::escape;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:36rem;margin:10vh auto 0;padding:1rem;background:#fff;\
    color:#16202a}h1{font-size:1.4rem}a{display:inline-block;min-height:44px;line-height:44px;margin-right:1.5rem;color:#0b5d8a}\
    p[lang=en]{color:#55606b}@media(prefers-color-scheme:dark){body{background:#11181f;color:#e8edf2}a{color:#7cc4f0}\
    p[lang=en]{color:#a5b0bc}}";

/// What went wrong. Who is unknown, disabled or without a role is told the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The provider does not answer.
    Away,
    /// Its answer cannot be trusted.
    Answer,
    /// No such sign-in is under way in this browser.
    Flow,
    /// The provider, or the person there, said no.
    Cancelled,
    /// They may not enter here.
    Refused,
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Trouble::Away | Trouble::Answer => StatusCode::BAD_GATEWAY,
            Trouble::Flow | Trouble::Cancelled => StatusCode::BAD_REQUEST,
            Trouble::Refused => StatusCode::FORBIDDEN,
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Trouble::Away => (
                "Dịch vụ đăng nhập «{}» không trả lời. Hãy thử lại sau ít phút, hoặc đăng nhập bằng tên và mật khẩu.",
                "The sign-in service «{}» does not answer. Try again in a few minutes, or sign in with name and password.",
            ),
            Trouble::Answer => (
                "Không xác minh được câu trả lời của «{}». Hãy thử lại; nếu vẫn vậy, xin báo cho quản trị viên.",
                "The answer of «{}» could not be verified. Try again; if it stays like this, tell an administrator.",
            ),
            Trouble::Flow => (
                "Lần đăng nhập này đã quá 10 phút, đã được dùng, hoặc bắt đầu ở trình duyệt khác. Hãy bắt đầu lại.",
                "This sign-in took more than 10 minutes, was used already, or began in another browser. Please begin again.",
            ),
            Trouble::Cancelled => {
                ("Bạn đã huỷ, hoặc «{}» không cho đăng nhập.", "You cancelled, or «{}» did not sign you in.")
            }
            Trouble::Refused => (
                "Tài khoản này không được vào trung tâm. Hãy hỏi quản trị viên của trung tâm.",
                "This account may not enter this center. Ask an administrator of the center.",
            ),
        }
    }
}

/// The page; `name` is what people call the provider.
pub(crate) fn page(trouble: Trouble, name: &str) -> Response {
    let (vi, en) = trouble.words();
    let name = escape(name);
    let html = format!(
        "<!doctype html><html lang=vi><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta name=robots content=noindex><title>Đăng nhập không thành công · Ngã Tư</title><style>{STYLE}</style></head><body>\
         <h1>Đăng nhập không thành công · <span lang=en>Sign-in failed</span></h1><p>{}</p><p lang=en>{}</p>\
         <p><a href=\"/oidc/start\">Thử lại · <span lang=en>Try again</span></a>\
         <a href=\"/\">Trang đăng nhập · <span lang=en>Sign-in page</span></a></p></body></html>",
        vi.replace("{}", &name),
        en.replace("{}", &name),
    );
    (trouble.status(), Html(html)).into_response()
}
