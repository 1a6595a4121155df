//! Units: who is sent, over which channels, in which areas and hours. Pure; `units` keeps them.

use super::sign::Key;
use crate::local_time;
use chrono::{DateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

const MAX_CHANNELS: usize = 8;

/// What kind of unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Police.
    Police,
    /// Ambulance and hospitals.
    Health,
    /// Fire brigade.
    Fire,
    /// Rescue.
    Rescue,
    /// A ward's or commune's own people.
    Ward,
    /// Any other.
    Other,
}

impl UnitKind {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            UnitKind::Police => "police",
            UnitKind::Health => "health",
            UnitKind::Fire => "fire",
            UnitKind::Rescue => "rescue",
            UnitKind::Ward => "ward",
            UnitKind::Other => "other",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<UnitKind> {
        use UnitKind as K;
        [K::Police, K::Health, K::Fire, K::Rescue, K::Ward, K::Other]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// How a webhook's body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// A CloudEvent in JSON.
    #[default]
    Json,
    /// The Common Alerting Protocol 1.2.
    Cap,
}

/// A way to reach a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Channel {
    /// The unit's page in this center.
    Inbox {},
    /// A signed request to the unit's own system.
    Webhook {
        /// Where to, `https://…`; `http://` only where the configuration allows the network.
        url: String,
        /// How the body is written.
        #[serde(default)]
        format: WebhookFormat,
    },
    /// A mail.
    Mail {
        /// Where to.
        to: String,
    },
    /// The unit's topic on the broker, `ngatu/v1/units/{unit}/dispatches`.
    Mqtt {},
}

impl Channel {
    /// The word of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Channel::Inbox {} => "inbox",
            Channel::Webhook { .. } => "webhook",
            Channel::Mail { .. } => "mail",
            Channel::Mqtt {} => "mqtt",
        }
    }

    /// Where a message for that unit goes on it.
    #[must_use]
    pub fn target(&self, unit: &str) -> String {
        match self {
            Channel::Inbox {} => format!("inbox of {unit}"),
            Channel::Webhook { url, .. } => url.clone(),
            Channel::Mail { to } => to.clone(),
            Channel::Mqtt {} => format!("ngatu/v1/units/{unit}/dispatches"),
        }
    }

    /// As it is shown to those who do not set it up: of a webhook only the host, because its path may be a secret.
    #[must_use]
    pub fn masked(self) -> Channel {
        match self {
            Channel::Webhook { url, format } => Channel::Webhook { url: masked(&url), format },
            other => other,
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Channel::Inbox {} | Channel::Mqtt {} => Ok(()),
            Channel::Webhook { url, .. } => match Url::parse(url) {
                Ok(url) if !["http", "https"].contains(&url.scheme()) => Err("wanted https://…".into()),
                Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                    Err("a webhook's address holds no name and no password: messages are signed instead"
                        .into())
                }
                Ok(url) if url.fragment().is_some() => Err("a webhook's address has no #fragment".into()),
                Ok(_) if url.len() > 2000 => Err("longer than 2000 characters".into()),
                // Parsing forgives them; the address is kept as it was written.
                Ok(_) if url.contains(char::is_control) => {
                    Err("holds a character that does not print".into())
                }
                Ok(_) => Ok(()),
                Err(error) => Err(format!("`{url}`: {error}")),
            },
            Channel::Mail { to } => to
                .parse::<lettre::Address>()
                .map(|_| ())
                .map_err(|error| format!("`{to}` is no mail address: {error}")),
        }
    }
}

/// Scheme and host of an address.
pub(super) fn masked(url: &str) -> String {
    let origin = Url::parse(url).map(|url| url.origin().ascii_serialization());
    origin.map_or_else(|_| "…".to_owned(), |origin| format!("{origin}/…"))
}

/// Hours of duty on some days, local time. One that ends before it begins goes over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Days on which it begins, 1 is Monday; empty is every day.
    #[serde(default)]
    pub days: Vec<u8>,
    /// Minute of the day at which it begins, 0..=1439.
    #[schema(maximum = 1439)]
    pub from_min: u16,
    /// Minute of the day at which it ends, 1..=1440.
    #[schema(minimum = 1, maximum = 1440)]
    pub to_min: u16,
}

impl Shift {
    fn holds(&self, day: u8, minute: u16) -> bool {
        let on = |day: u8| self.days.is_empty() || self.days.contains(&day);
        if self.from_min < self.to_min {
            return on(day) && (self.from_min..self.to_min).contains(&minute);
        }
        let yesterday = if day == 1 { 7 } else { day - 1 };
        (on(day) && minute >= self.from_min) || (on(yesterday) && minute < self.to_min)
    }
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its id.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,62}$", example = "police-phuc-khanh")]
    pub id: String,
    /// What it is called in Vietnamese.
    pub name_vi: String,
    /// What it is called in English.
    pub name_en: String,
    /// What kind of unit it is.
    pub kind: UnitKind,
    /// The areas that it serves; `*` is the whole city.
    pub areas: Vec<String>,
    /// How it is reached, in the order in which it is tried.
    pub channels: Vec<Channel>,
    /// How long to wait for a reader before the next channel is tried, seconds.
    #[schema(minimum = 1, maximum = 86_400)]
    pub read_within_s: i32,
    /// How long who has read may take to say whether the unit comes, before the next way is tried, seconds; 300 when it is
    /// left out.
    #[serde(default = "accept_within")]
    #[schema(minimum = 1, maximum = 86_400)]
    pub accept_within_s: i32,
    /// The units that are asked next when this one does not answer or refuses.
    #[serde(default)]
    pub fallback: Vec<String>,
    /// Its hours of duty; empty is always.
    #[serde(default)]
    pub shifts: Vec<Shift>,
    /// Names of the users of role `unit` who see its inbox.
    #[serde(default)]
    pub members: Vec<String>,
    /// Whether it takes nothing any more.
    #[serde(default)]
    pub disabled: bool,
}

/// What [`Unit::accept_within_s`] is where nobody says, seconds.
pub(crate) const fn accept_within() -> i32 {
    300
}

/// The key under which a unit's webhooks are signed when it has none of its own yet.
pub(super) fn new_key(random: &[u8; 32]) -> String {
    Key::from_seed(random).to_text()
}

/// Whether a text may be a unit's id: it stands in topics and addresses.
fn is_id(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    first
        && text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl Unit {
    /// Looks for what cannot be used.
    ///
    /// # Errors
    /// The first mistake, with its key.
    pub fn check(&self) -> Result<(), String> {
        let name = |key: &str, text: &str| match text.trim().is_empty()
            || text.chars().count() > 200
            || text.contains('\0')
        {
            true => Err(format!("{key}: wanted 1 to 200 characters")),
            false => Ok(()),
        };
        if !is_id(&self.id) {
            return Err("id: wanted 1 to 63 of a-z, 0-9 and -, not beginning with -".into());
        }
        name("name_vi", &self.name_vi)?;
        name("name_en", &self.name_en)?;
        if self.channels.is_empty() || self.channels.len() > MAX_CHANNELS {
            return Err(format!("channels: wanted 1 to {MAX_CHANNELS}"));
        }
        for (i, channel) in self.channels.iter().enumerate() {
            channel.check().map_err(|reason| format!("channels[{i}]: {reason}"))?;
        }
        if !(1..=86_400).contains(&self.read_within_s) {
            return Err("read_within_s: wanted 1 to 86400".into());
        }
        if !(1..=86_400).contains(&self.accept_within_s) {
            return Err("accept_within_s: wanted 1 to 86400".into());
        }
        for (key, texts) in [("areas", &self.areas), ("fallback", &self.fallback), ("members", &self.members)]
        {
            if texts.iter().any(|text| text.contains('\0')) {
                return Err(format!("{key}: a text with U+0000 cannot be kept"));
            }
        }
        if self.fallback.contains(&self.id) {
            return Err("fallback: a unit does not come after itself".into());
        }
        for (i, shift) in self.shifts.iter().enumerate() {
            if shift.days.iter().any(|day| !(1..=7).contains(day))
                || shift.from_min > 1439
                || !(1..=1440).contains(&shift.to_min)
            {
                return Err(format!("shifts[{i}]: days are 1 to 7, from_min 0 to 1439, to_min 1 to 1440"));
            }
        }
        Ok(())
    }

    /// Whether somebody is on duty.
    #[must_use]
    pub fn is_on_duty(&self, now: DateTime<Utc>) -> bool {
        let local = local_time::local(now);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        let day = u8::try_from(chrono::Datelike::weekday(&local).number_from_monday()).unwrap_or(1);
        !self.disabled && (self.shifts.is_empty() || self.shifts.iter().any(|shift| shift.holds(day, minute)))
    }

    /// Until when [`Unit::is_on_duty`] stays as it is; none when it always does.
    #[must_use]
    pub fn duty_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_on_duty = self.is_on_duty(now);
        let midnight = now - local_time::local(now).time().signed_duration_since(NaiveTime::MIN);
        let ends = self.shifts.iter().flat_map(|shift| [shift.from_min, shift.to_min]);
        // Hours of duty repeat each week, and a shift may end on the day after it began.
        let moments = ends.flat_map(|minute| {
            (0..=8).map(move |day| midnight + TimeDelta::days(day) + TimeDelta::minutes(minute.into()))
        });
        moments.filter(|moment| *moment > now && self.is_on_duty(*moment) != is_on_duty).min()
    }

    /// Whether it may be asked in another's place: somebody is on duty, and it serves the area, if one is known.
    #[must_use]
    pub fn may_be_asked(&self, area: Option<&str>, now: DateTime<Utc>) -> bool {
        self.is_on_duty(now) && (area.is_none() || self.serves(area))
    }

    /// Whether it serves an area.
    #[must_use]
    pub fn serves(&self, area: Option<&str>) -> bool {
        self.areas.iter().any(|own| own == "*" || Some(own.as_str()) == area)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use chrono::FixedOffset;

    pub(crate) fn unit() -> Unit {
        Unit {
            id: "police-1".into(),
            name_vi: "Công an phường".into(),
            name_en: "Ward police".into(),
            kind: UnitKind::Police,
            areas: vec!["phuc-khanh".into()],
            channels: vec![Channel::Inbox {}],
            read_within_s: 60,
            accept_within_s: 300,
            fallback: vec![],
            shifts: vec![],
            members: vec![],
            disabled: false,
        }
    }

    fn local(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        // 23 November 2026 is a Monday.
        let text = format!("2026-11-{}T{hour:02}:{minute:02}:00+07:00", 22 + day);
        text.parse::<DateTime<FixedOffset>>().unwrap().to_utc()
    }

    #[test]
    fn duty_is_by_local_hours_and_goes_over_midnight() {
        let day = Shift { days: vec![1, 2], from_min: 360, to_min: 840 };
        let night = Shift { days: vec![1], from_min: 1320, to_min: 360 };
        let unit = Unit { shifts: vec![day, night], ..unit() };
        let table = [
            (local(1, 6, 0), true),
            (local(1, 13, 59), true),
            (local(1, 14, 0), false),
            (local(3, 7, 0), false),
            (local(1, 23, 0), true),
            (local(2, 5, 59), true),
            (local(2, 23, 0), false),
            (local(1, 5, 59), false),
        ];
        for (at, wanted) in table {
            assert_eq!(unit.is_on_duty(at), wanted, "{at}");
        }
        assert!(self::unit().is_on_duty(local(7, 3, 0)));
        assert!(!Unit { disabled: true, ..self::unit() }.is_on_duty(local(7, 3, 0)));
    }

    #[test]
    fn it_is_known_until_when_a_unit_is_on_or_off_duty() {
        let days = Shift { days: vec![1, 2], from_min: 360, to_min: 840 };
        let night = Shift { days: vec![1], from_min: 1320, to_min: 360 };
        let unit = Unit { shifts: vec![days, night], ..unit() };
        let table = [
            (local(1, 6, 0), local(1, 14, 0)),
            (local(1, 14, 0), local(1, 22, 0)),
            // The night goes over into the day.
            (local(1, 23, 0), local(2, 14, 0)),
            (local(2, 14, 0), local(8, 6, 0)),
        ];
        for (at, until) in table {
            assert_eq!(unit.duty_until(at), Some(until), "{at}");
        }
        let always = Shift { days: vec![], from_min: 0, to_min: 1440 };
        for shifts in [vec![], vec![always]] {
            assert_eq!(Unit { shifts, ..self::unit() }.duty_until(local(7, 3, 0)), None);
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_key() {
        let webhook = |url: &str| Unit {
            channels: vec![Channel::Webhook { url: url.into(), format: WebhookFormat::Json }],
            ..unit()
        };
        let table = [
            (Unit { id: "Công an".into(), ..unit() }, "id:"),
            (Unit { name_vi: " ".into(), ..unit() }, "name_vi:"),
            (Unit { channels: vec![], ..unit() }, "channels: wanted 1"),
            (webhook("ftp://x"), "channels[0]: wanted https"),
            (webhook("https://a:b@x"), "no password"),
            (webhook("x"), "channels[0]: `x`"),
            (Unit { channels: vec![Channel::Mail { to: "nobody".into() }], ..unit() }, "no mail address"),
            (Unit { read_within_s: 0, ..unit() }, "read_within_s"),
            (Unit { accept_within_s: 86_401, ..unit() }, "accept_within_s"),
            (Unit { fallback: vec!["police-1".into()], ..unit() }, "fallback"),
            (Unit { shifts: vec![Shift { days: vec![8], from_min: 0, to_min: 1 }], ..unit() }, "shifts[0]"),
        ];
        for (unit, wanted) in table {
            let error = unit.check().unwrap_err();
            assert!(error.contains(wanted), "{error} should say {wanted}");
        }
        unit().check().unwrap();
    }

    #[test]
    fn of_a_webhook_only_the_host_is_shown() {
        for (url, shown) in [
            ("https://hooks.example.vn/services/T0/secret?key=1", "https://hooks.example.vn/…"),
            ("http://10.0.0.7:8080/secret", "http://10.0.0.7:8080/…"),
            ("nonsense", "…"),
        ] {
            assert_eq!(masked(url), shown);
        }
        assert_eq!(Channel::Inbox {}.masked(), Channel::Inbox {});
    }

    #[test]
    fn a_unit_serves_its_areas() {
        assert!(unit().serves(Some("phuc-khanh")) && !unit().serves(Some("other")) && !unit().serves(None));
        assert!(Unit { areas: vec!["*".into()], ..unit() }.serves(None));
        let now = local(1, 12, 0);
        let asked =
            |unit: &Unit| [Some("phuc-khanh"), Some("other"), None].map(|area| unit.may_be_asked(area, now));
        assert_eq!(asked(&unit()), [true, false, true]);
        let night = Shift { days: vec![], from_min: 1320, to_min: 360 };
        assert_eq!(asked(&Unit { shifts: vec![night], ..unit() }), [false; 3]);
    }
}
