//! What a unit is told, on each kind of channel. Pure.

use super::cap::{self, Category};
use super::unit::{Channel, WebhookFormat};
use crate::alerts::AlertPlace;
use crate::incidents::procedure::Words;
use crate::incidents::{Incident, IncidentEvidence};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A message of the Common Alerting Protocol counts for this long.
pub(super) const CAP_COUNTS: TimeDelta = TimeDelta::hours(24);
/// Pictures that are named in one message; the link shows all.
const MAX_PICTURES: usize = 10;

/// All that a message is made of.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// The dispatch.
    pub dispatch: Uuid,
    /// The unit's id.
    pub unit: &'a str,
    /// The incident.
    pub incident: &'a Incident,
    /// What the incident's kind is called.
    pub kind: &'a Words,
    /// Its pictures.
    pub evidence: &'a [IncidentEvidence],
    /// What the center asks.
    pub note: &'a str,
    /// Opens the dispatch without an account.
    pub link: &'a str,
    /// Until when.
    pub link_until: DateTime<Utc>,
    /// The units that a message of the Common Alerting Protocol is for; none makes it one to all who may read the feed.
    pub told: &'a [String],
}

/// The data of a `vn.ngatu.dispatch.v1`.
#[derive(Debug, Serialize)]
struct Data<'a> {
    dispatch: Uuid,
    unit: &'a str,
    incident: Uuid,
    number: &'a str,
    kind: &'a str,
    kind_name: &'a Words,
    severity: &'a str,
    title: &'a str,
    area: Option<&'a str>,
    place: Option<AlertPlace>,
    opened_at: DateTime<Utc>,
    note: &'a str,
    link: &'a str,
    link_until: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct CloudEvent<D> {
    specversion: &'static str,
    id: Uuid,
    source: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    time: DateTime<Utc>,
    datacontenttype: &'static str,
    data: D,
}

/// A body with its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The text.
    pub text: String,
    /// What it is.
    pub media_type: &'static str,
}

/// Who speaks, for the Common Alerting Protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The sender's identifier, such as the center's domain.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl Notice<'_> {
    /// The message of id `id` for a channel. `cap` is the newest message of the incident in the Common Alerting Protocol.
    #[must_use]
    pub fn body(&self, channel: &Channel, id: Uuid, cap: &str, now: DateTime<Utc>) -> Body {
        match channel {
            Channel::Webhook { format: WebhookFormat::Cap, .. } => {
                Body { text: cap.to_owned(), media_type: "application/cap+xml" }
            }
            Channel::Mail { .. } => Body { text: self.mail(), media_type: "text/plain" },
            Channel::Webhook { .. } | Channel::Mqtt {} | Channel::Inbox {} => {
                Body { text: self.event(id, now), media_type: "application/cloudevents+json" }
            }
        }
    }

    fn event(&self, id: Uuid, now: DateTime<Utc>) -> String {
        let incident = self.incident;
        let event = CloudEvent {
            specversion: "1.0",
            id,
            source: "/center",
            kind: "vn.ngatu.dispatch.v1",
            time: now,
            datacontenttype: "application/json",
            data: Data {
                dispatch: self.dispatch,
                unit: self.unit,
                incident: incident.id,
                number: &incident.number,
                kind: &incident.kind,
                kind_name: self.kind,
                severity: incident.severity.as_str(),
                title: &incident.title,
                area: incident.area.as_deref(),
                place: incident.place,
                opened_at: incident.opened_at,
                note: self.note,
                link: self.link,
                link_until: self.link_until,
            },
        };
        serde_json::to_string(&event).expect("strings, numbers and times are JSON")
    }

    /// The subject of a mail.
    #[must_use]
    pub fn subject(&self) -> String {
        let title: String = self.incident.title.chars().filter(|c| !c.is_control()).collect();
        format!("[{}] {} · {}", self.incident.number, self.kind.vi, title)
    }

    fn mail(&self) -> String {
        let place = self.incident.place.map_or_else(
            || "–".to_owned(),
            |place| format!("{:.6}, {:.6}  https://www.openstreetmap.org/?mlat={0:.6}&mlon={1:.6}#map=18/{0:.6}/{1:.6}", place.lat, place.lon),
        );
        let severity = self.incident.severity.as_str();
        let (vi, en) = (&self.kind.vi, &self.kind.en);
        let (number, title, note, link) = (&self.incident.number, &self.incident.title, self.note, self.link);
        let (since, until) = (cap::time(self.incident.opened_at), cap::time(self.link_until));
        format!(
            "{vi} · {title}\nSố vụ việc: {number}\nMức độ: {severity}\nTừ lúc: {since}\nVị trí: {place}\n{note}\n\n\
             Xem hình ảnh, nhận hoặc từ chối (đến {until}):\n{link}\n\n---\n\
             {en} · {title}\nIncident: {number}\nSeverity: {severity}\nSince: {since}\nPlace: {place}\n{note}\n\n\
             See the pictures, accept or refuse (until {until}):\n{link}\n"
        )
    }

    /// The incident as a message of the Common Alerting Protocol; `earlier` are those that were sent of it before.
    #[must_use]
    pub fn cap(
        &self,
        (identifier, kind): (&str, cap::Kind),
        earlier: Vec<cap::Reference>,
        (sender, host): (&Sender, &str),
        now: DateTime<Utc>,
    ) -> cap::Message {
        let incident = self.incident;
        let (over_vi, over_en) = match incident.merged_into {
            None => ("Vụ việc đã kết thúc.", "The incident is over."),
            Some(_) => ("Vụ việc đã được gộp vào vụ việc khác.", "The incident was merged into another one."),
        };
        let words = |event: &str, over: &str, come: &str| cap::Words {
            event: event.to_owned(),
            headline: format!("{event}: {}", incident.title),
            description: match (kind, self.note) {
                (cap::Kind::Cancel, _) => format!("{over} ({})", incident.number),
                (_, "") => incident.title.clone(),
                (_, note) => format!("{}\n{note}", incident.title),
            },
            instruction: if kind == cap::Kind::Cancel { String::new() } else { come.to_owned() },
            area: incident.area.clone().unwrap_or_else(|| event.to_owned()),
        };
        let pictures = self.evidence.iter().take(MAX_PICTURES).map(|picture| cap::Resource {
            description: format!("{} {}", self.kind.en, cap::time(picture.at)),
            media_type: "image/jpeg".into(),
            // By its own link a unit sees them without an account; whoever reads the feed has one.
            uri: match (self.link, picture.url.rsplit('/').next()) {
                ("", _) | (_, None) => format!("{host}{}", picture.url),
                (link, Some(digest)) => format!("{link}/pictures/{digest}"),
            },
        });
        cap::Message {
            identifier: identifier.to_owned(),
            sender: sender.id.clone(),
            sender_name: sender.name.clone(),
            sent: now,
            status: cap::Status::Actual,
            kind,
            addresses: self.told.to_vec(),
            references: earlier,
            incident: incident.number.clone(),
            category: category(&incident.kind),
            severity: incident.severity,
            expires: now + CAP_COUNTS,
            place: incident.place,
            web: Some(self.link.to_owned()).filter(|link| !link.is_empty()),
            resources: pictures.collect(),
            vi: words(&self.kind.vi, over_vi, "Đến hiện trường và phản hồi qua liên kết."),
            en: words(&self.kind.en, over_en, "Go to the place and answer through the link."),
        }
    }
}

/// What takes a message of a dispatch back.
#[derive(Debug, Clone)]
pub struct Withdrawal<'a> {
    /// Its own id.
    pub id: Uuid,
    /// The id of the message that it takes back.
    pub takes_back: Uuid,
    /// The dispatch.
    pub dispatch: Uuid,
    /// The unit's id.
    pub unit: &'a str,
    /// The incident.
    pub incident: &'a Incident,
    /// What the incident's kind is called.
    pub kind: &'a Words,
    /// Why.
    pub reason: &'a str,
}

/// The data of a `vn.ngatu.dispatch.recalled.v1`.
#[derive(Debug, Serialize)]
struct Recalled<'a> {
    dispatch: Uuid,
    unit: &'a str,
    incident: Uuid,
    number: &'a str,
    takes_back: String,
    reason: &'a str,
}

impl Withdrawal<'_> {
    /// In JSON; `takes_back` is the `webhook-id` of the message before.
    #[must_use]
    pub fn event(&self, now: DateTime<Utc>) -> String {
        let event = CloudEvent {
            specversion: "1.0",
            id: self.id,
            source: "/center",
            kind: "vn.ngatu.dispatch.recalled.v1",
            time: now,
            datacontenttype: "application/json",
            data: Recalled {
                dispatch: self.dispatch,
                unit: self.unit,
                incident: self.incident.id,
                number: &self.incident.number,
                takes_back: format!("msg_{}", self.takes_back.simple()),
                reason: self.reason,
            },
        };
        serde_json::to_string(&event).expect("strings, numbers and times are JSON")
    }

    /// As a mail.
    #[must_use]
    pub fn mail(&self) -> String {
        let (number, title, reason) = (&self.incident.number, &self.incident.title, self.reason);
        let (vi, en) = (&self.kind.vi, &self.kind.en);
        format!(
            "{vi} · {title}\nSố vụ việc: {number}\nTrung tâm đã thu hồi yêu cầu này: không cần đến nữa.\nLý do: {reason}\n\n---\n\
             {en} · {title}\nIncident: {number}\nThe center has taken this request back: you need not come.\nReason: {reason}\n"
        )
    }

    /// In the Common Alerting Protocol: a Cancel of what this unit was told, and of nothing else.
    #[must_use]
    pub fn cap(
        &self,
        said: Vec<cap::Reference>,
        (sender, host): (&Sender, &str),
        now: DateTime<Utc>,
    ) -> cap::Message {
        let told = [self.unit.to_owned()];
        let notice = Notice {
            dispatch: self.dispatch,
            unit: self.unit,
            incident: self.incident,
            kind: self.kind,
            evidence: &[],
            note: "",
            link: "",
            link_until: now,
            told: &told,
        };
        let identifier = format!("{}.{}", self.dispatch.simple(), self.id.simple());
        let mut message =
            notice.cap((&identifier, cap::Kind::Cancel), said, (sender, host), now.trunc_subsecs(0));
        let number = &self.incident.number;
        message.vi.description = format!("Trung tâm đã thu hồi yêu cầu ({number}). {}", self.reason);
        message.en.description = format!("The center has taken the request back ({number}). {}", self.reason);
        message
    }
}

/// The standard's category of an incident's kind, by the words in it.
#[must_use]
pub fn category(kind: &str) -> Category {
    let table = [
        ("fire", Category::Fire),
        ("flood", Category::Geo),
        ("traffic", Category::Transport),
        ("accident", Category::Transport),
        ("person", Category::Health),
        ("medical", Category::Health),
        ("disorder", Category::Security),
        ("abandoned", Category::Security),
        ("intrusion", Category::Security),
    ];
    table.into_iter().find(|(word, _)| kind.contains(word)).map_or(Category::Safety, |(_, category)| category)
}
