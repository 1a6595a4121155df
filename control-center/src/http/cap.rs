//! `/cap/v1`: what was said in the Common Alerting Protocol, as an Atom feed (RFC 4287) and one document each.

use super::Shared;
use super::extract::{Path, Query, SignedIn};
use super::page::{self, Cursor};
use super::problem::{Error, Problem};
use crate::dispatch::cap;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::Deserialize;
use sqlx::Row as _;
use utoipa::IntoParams;

/// Messages on a page of the feed.
const PAGE: i64 = 100;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// Of the `next` link of the page before.
    cursor: Option<String>,
}

/// Read the feed of CAP messages
///
/// Those of your areas, the newest first, 100 on a page; the link `next` leads to the page after (RFC 5005).
#[utoipa::path(get, path = "/cap/v1/feed.atom", operation_id = "read_cap_feed", tag = "dispatches",
    params(FeedQuery), responses((status = 200, description = "An Atom feed", body = String, content_type = "application/atom+xml")))]
pub(crate) async fn read_feed(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Query(query): Query<FeedQuery>,
) -> Result<impl IntoResponse, Error> {
    let before = match &query.cursor {
        None => None,
        Some(cursor) => {
            let cursor = Cursor::open(cursor)?;
            Some((cursor.time()?, cursor.key::<String>(1)?))
        }
    };
    let (before_sent, before_identifier) = before.unzip();
    let rows = sqlx::query(
        "select identifier, kind, sent, title from cap_messages where ($1::text[] is null or area = any($1)) \
           and ($2::timestamptz is null or (sent, identifier) < ($2, $3)) \
         order by sent desc, identifier desc limit $4",
    )
    .bind(person.areas.bind())
    .bind(before_sent)
    .bind(before_identifier)
    .bind(PAGE + 1)
    .fetch_all(shared.pool())
    .await?;
    let mut entries: Vec<Entry> = rows
        .iter()
        .map(|row| {
            Ok(Entry {
                identifier: row.try_get("identifier")?,
                kind: row.try_get("kind")?,
                sent: row.try_get("sent")?,
                title: row.try_get("title")?,
            })
        })
        .collect::<Result<_, sqlx::Error>>()?;
    let cursor_of = |entry: &Entry| page::encode(entry.sent, std::slice::from_ref(&entry.identifier));
    let next = page::cut(&mut entries, PAGE, cursor_of);
    let feed = feed(&entries, next.as_deref()).map_err(|error| Error::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed))
}

struct Entry {
    identifier: String,
    kind: String,
    sent: DateTime<Utc>,
    title: String,
}

fn feed(entries: &[Entry], next: Option<&str>) -> std::io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let updated = entries.first().map_or(DateTime::UNIX_EPOCH, |entry| entry.sent);
    xml.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).write_inner_content(
        |xml| {
            let text = |xml: &mut Writer<Vec<u8>>, name: &str, text: &str| {
                let clean: String = text.chars().filter(|c| !c.is_control()).collect();
                xml.create_element(name).write_text_content(BytesText::new(&clean)).map(|_| ())
            };
            text(xml, "id", "urn:ngatu:cap:feed")?;
            text(xml, "title", "Ngã Tư CAP 1.2")?;
            text(xml, "updated", &cap::time(updated))?;
            xml.create_element("author").write_inner_content(|xml| text(xml, "name", "Ngã Tư"))?;
            if let Some(cursor) = next {
                let href = format!("/cap/v1/feed.atom?cursor={cursor}");
                let link = xml.create_element("link").with_attribute(("rel", "next"));
                link.with_attribute(("href", href.as_str())).write_empty()?;
            }
            for entry in entries {
                xml.create_element("entry").write_inner_content(|xml| {
                    text(xml, "id", &format!("urn:ngatu:cap:{}", entry.identifier))?;
                    text(xml, "title", &format!("{} · {}", entry.kind, entry.title))?;
                    text(xml, "updated", &cap::time(entry.sent))?;
                    let href = format!("/cap/v1/alerts/{}.xml", entry.identifier);
                    xml.create_element("link")
                        .with_attribute(("rel", "alternate"))
                        .with_attribute(("type", "application/cap+xml"))
                        .with_attribute(("href", href.as_str()))
                        .write_empty()?;
                    Ok(())
                })?;
            }
            Ok(())
        },
    )?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned())
}

/// Read one CAP message
#[utoipa::path(get, path = "/cap/v1/alerts/{file}", operation_id = "read_cap_message", tag = "dispatches",
    params(("file" = String, Path, description = "The message's identifier and `.xml`")),
    responses(
        (status = 200, description = "The message", body = String, content_type = "application/cap+xml"),
        (status = 404, description = "There is no such message in your areas", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_message(
    State(shared): State<Shared>,
    SignedIn(person): SignedIn,
    Path(file): Path<String>,
) -> Result<impl IntoResponse, Error> {
    let identifier =
        file.strip_suffix(".xml").filter(|id| cap::is_name(id)).ok_or(Error::NotFound("message"))?;
    let document: Option<String> = sqlx::query_scalar(
        "select document from cap_messages where identifier = $1 and ($2::text[] is null or area = any($2))",
    )
    .bind(identifier)
    .bind(person.areas.bind())
    .fetch_optional(shared.pool())
    .await?;
    let document = document.ok_or(Error::NotFound("message"))?;
    Ok(([(header::CONTENT_TYPE, "application/cap+xml; charset=utf-8")], document))
}
