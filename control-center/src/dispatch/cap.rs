//! An incident as a message of the Common Alerting Protocol 1.2 (OASIS, CAP-V1.2), in Vietnamese and English.
//!
//! Pure. The order of the elements is the schema's; a test holds documents against the schema itself. What is easy to get
//! wrong: times carry a numeric zone and never `Z`; coordinates are latitude first, unlike GeoJSON; an Update or a Cancel
//! names every earlier message of its incident.

use crate::alerts::{AlertPlace, Severity};
use crate::local_time;
use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io::Result;

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// A place is told as a circle of this radius, km: a crossroads.
const PLACE_KM: f64 = 0.1;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$item])* $variant,)+ }

        impl $name {
            /// The word of the standard.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => stringify!($variant),)+ }
            }
        }
    };
}

words! {
    /// Whether it is meant.
    Status {
        /// It happened.
        Actual,
        /// A drill: act as the drill's plan says.
        Exercise,
        /// A test of the line: do nothing.
        Test,
    }
}

words! {
    /// What a message is to its incident.
    Kind {
        /// The first.
        Alert,
        /// It replaces what was said before.
        Update,
        /// It takes back what was said before.
        Cancel,
    }
}

words! {
    /// The kind of trouble.
    Category {
        /// Earth and water: floods, landslides.
        Geo,
        /// The weather.
        Met,
        /// General danger.
        Safety,
        /// Police.
        Security,
        /// Fire.
        Fire,
        /// Health.
        Health,
        /// Traffic.
        Transport,
        /// Anything else.
        Other,
    }
}

/// An earlier message of the same incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its identifier.
    pub identifier: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
}

/// What is said in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What kind of thing happened.
    pub event: String,
    /// In one line.
    pub headline: String,
    /// At length.
    pub description: String,
    /// What to do; may be empty.
    pub instruction: String,
    /// What the place is called.
    pub area: String,
}

/// A picture that comes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it shows.
    pub description: String,
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// Where it is.
    pub uri: String,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Unique among the sender's messages; see [`is_name`].
    pub identifier: String,
    /// Who sends; see [`is_name`].
    pub sender: String,
    /// What people call the sender.
    pub sender_name: String,
    /// When.
    pub sent: DateTime<Utc>,
    /// Whether it is meant.
    pub status: Status,
    /// What it is to its incident.
    pub kind: Kind,
    /// The units that it is for; none makes it a message to everybody who may read the feed.
    pub addresses: Vec<String>,
    /// The earlier messages.
    pub references: Vec<Reference>,
    /// The incident's number.
    pub incident: String,
    /// The kind of trouble.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// Until when it counts.
    pub expires: DateTime<Utc>,
    /// Where.
    pub place: Option<AlertPlace>,
    /// Where to read on.
    pub web: Option<String>,
    /// Pictures.
    pub resources: Vec<Resource>,
    /// In Vietnamese.
    pub vi: Words,
    /// In English.
    pub en: Words,
}

/// Whether a text may be an identifier or a sender: without spaces, commas, `<` and `&`, as the standard asks.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || ",<&".contains(c))
}

/// The standard's word for a severity.
#[must_use]
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Extreme",
        Severity::High => "Severe",
        Severity::Medium => "Moderate",
        Severity::Low => "Minor",
    }
}

/// A time as the standard writes it: Vietnam's, to the second, with its numeric zone.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    local_time::local(at).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Which message a document of ours is, for who takes it back; none for what is no such document.
#[must_use]
pub fn reference(document: &str) -> Option<Reference> {
    let element = |name: &str| {
        let (_, rest) = document.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    };
    let sent = DateTime::parse_from_rfc3339(element("sent")?).ok()?.to_utc();
    Some(Reference { identifier: element("identifier")?.to_owned(), sent })
}

type Xml = Writer<Vec<u8>>;

/// The document, UTF-8.
///
/// # Panics
/// Never: writing to memory does not fail.
#[must_use]
pub fn document(message: &Message) -> String {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write(&mut xml, message).expect("memory takes it");
    String::from_utf8(xml.into_inner()).expect("written from strings")
}

fn write(xml: &mut Xml, message: &Message) -> Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let alert = xml.create_element("alert").with_attribute(("xmlns", NAMESPACE));
    alert.write_inner_content(|xml| {
        text(xml, "identifier", &message.identifier)?;
        text(xml, "sender", &message.sender)?;
        text(xml, "sent", &time(message.sent))?;
        text(xml, "status", message.status.as_str())?;
        text(xml, "msgType", message.kind.as_str())?;
        if message.addresses.is_empty() {
            text(xml, "scope", "Restricted")?;
            text(xml, "restriction", "Units of the operations center")?;
        } else {
            text(xml, "scope", "Private")?;
            text(xml, "addresses", &addresses(&message.addresses))?;
        }
        if !message.references.is_empty() {
            text(xml, "references", &references(&message.sender, &message.references))?;
        }
        text(xml, "incidents", &message.incident)?;
        info(xml, message, ("vi-VN", &message.vi))?;
        info(xml, message, ("en-US", &message.en))
    })?;
    Ok(())
}

/// Several addresses in one element, with a space between; one that holds a space stands in quotation marks.
fn addresses(addresses: &[String]) -> String {
    let one = |address: &String| match address.contains(' ') {
        true => format!("\"{}\"", address.replace('"', "'")),
        false => address.clone(),
    };
    addresses.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn references(sender: &str, references: &[Reference]) -> String {
    let one = |earlier: &Reference| format!("{sender},{},{}", earlier.identifier, time(earlier.sent));
    references.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn info(xml: &mut Xml, message: &Message, (language, words): (&str, &Words)) -> Result<()> {
    let is_over = message.kind == Kind::Cancel;
    xml.create_element("info").write_inner_content(|xml| {
        text(xml, "language", language)?;
        text(xml, "category", message.category.as_str())?;
        text(xml, "event", &words.event)?;
        text(xml, "responseType", if is_over { "AllClear" } else { "Execute" })?;
        text(xml, "urgency", if is_over { "Past" } else { "Immediate" })?;
        text(xml, "severity", severity(message.severity))?;
        text(xml, "certainty", "Observed")?;
        text(xml, "expires", &time(message.expires))?;
        text(xml, "senderName", &message.sender_name)?;
        text(xml, "headline", &words.headline)?;
        text(xml, "description", &words.description)?;
        if !words.instruction.is_empty() {
            text(xml, "instruction", &words.instruction)?;
        }
        if let Some(web) = &message.web {
            text(xml, "web", web)?;
        }
        for resource in &message.resources {
            xml.create_element("resource").write_inner_content(|xml| {
                text(xml, "resourceDesc", &resource.description)?;
                text(xml, "mimeType", &resource.media_type)?;
                text(xml, "uri", &resource.uri)
            })?;
        }
        xml.create_element("area").write_inner_content(|xml| {
            text(xml, "areaDesc", &words.area)?;
            match message.place {
                Some(place) => text(xml, "circle", &format!("{:.6},{:.6} {PLACE_KM}", place.lat, place.lon)),
                None => Ok(()),
            }
        })?;
        Ok(())
    })?;
    Ok(())
}

/// An element with text. What XML 1.0 cannot hold at all is left out.
fn text(xml: &mut Xml, name: &str, text: &str) -> Result<()> {
    let clean: String = text.chars().filter(|c| is_xml(*c)).collect();
    xml.create_element(name).write_text_content(BytesText::new(&clean))?;
    Ok(())
}

/// The characters of XML 1.0, section 2.2.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
