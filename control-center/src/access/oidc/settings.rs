//! `[oidc]` of `center.toml`, checked.

use super::mapping::Grant;
use crate::access::areas::EVERYWHERE;
use ngatu_protocol::AreaId;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, Scope};
use serde::Deserialize;
use std::path::PathBuf;
use url::{Host, Url};

/// What happens to somebody who is nobody here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// They are refused.
    #[default]
    Refuse,
    /// They are added, with the role and areas of the mapping; without a role in it they are refused.
    Make,
}

/// Whose word on role and areas counts, for people who are known here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// What administrators here have set.
    #[default]
    Local,
    /// The mapping, at each sign-in.
    Mapping,
}

/// The checked settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider: `https://…`, or `http://` on this machine.
    pub issuer: IssuerUrl,
    /// What the provider calls this center.
    pub client_id: ClientId,
    /// How this center shows there that it is it; none for a public client.
    pub client_secret: Option<ClientSecret>,
    /// On the button.
    pub name: String,
    /// Asked for besides `openid`.
    pub scopes: Vec<Scope>,
    /// The claim that the mapping reads.
    pub claim: String,
    /// The claim that names people here.
    pub name_claim: String,
    /// Whether a person here who has that name, and comes for the first time, is the same person.
    pub link_by_name: bool,
    /// What happens to the others.
    pub unknown: Unknown,
    /// Whose word on role and areas counts.
    pub authority: Authority,
    /// The mapping.
    pub map: Vec<Grant>,
}

/// `[oidc]` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    name: String,
    #[serde(default = "default_scopes")]
    scopes: Vec<String>,
    #[serde(default = "default_claim")]
    claim: String,
    #[serde(default = "default_name_claim")]
    name_claim: String,
    #[serde(default)]
    link_by_name: bool,
    #[serde(default)]
    unknown: Unknown,
    #[serde(default)]
    authority: Authority,
    #[serde(default)]
    map: Vec<Grant>,
}

fn default_scopes() -> Vec<String> {
    vec!["profile".into()]
}

fn default_claim() -> String {
    "groups".into()
}

fn default_name_claim() -> String {
    "preferred_username".into()
}

/// A key and what is wrong with it.
type Wrong = (&'static str, String);

impl Raw {
    /// Checks everything that can be checked without the provider, and reads the secret.
    ///
    /// # Errors
    /// The key, and what is wrong.
    pub fn check(self) -> Result<Settings, Wrong> {
        let issuer = check_issuer(&self.issuer)?;
        if self.client_id.is_empty() {
            return Err(("oidc.client_id", "wanted what the provider calls this center".into()));
        }
        let client_secret = self.client_secret_file.as_deref().map(read_secret).transpose()?;
        let shown = self.name.trim() == self.name && !self.name.chars().any(char::is_control);
        if !shown || !(1..=40).contains(&self.name.chars().count()) {
            return Err(("oidc.name", "wanted 1 to 40 printing characters for the button".into()));
        }
        if self.scopes.iter().any(|scope| scope.is_empty() || !scope.bytes().all(is_scope_byte)) {
            return Err(("oidc.scopes", "wanted words without spaces".into()));
        }
        for (key, claim) in [("oidc.claim", &self.claim), ("oidc.name_claim", &self.name_claim)] {
            if claim.is_empty() {
                return Err((key, "wanted the name of a claim".into()));
            }
        }
        check_map(&self.map)?;
        let gives_no_role = self.map.iter().all(|row| row.role.is_none());
        if gives_no_role && (self.unknown == Unknown::Make || self.authority == Authority::Mapping) {
            return Err(("oidc.map", "gives nobody a role, but people are to get theirs from it".into()));
        }
        Ok(Settings {
            issuer,
            client_id: ClientId::new(self.client_id),
            client_secret,
            name: self.name,
            scopes: self.scopes.into_iter().map(Scope::new).collect(),
            claim: self.claim,
            name_claim: self.name_claim,
            link_by_name: self.link_by_name,
            unknown: self.unknown,
            authority: self.authority,
            map: self.map,
        })
    }
}

/// RFC 6749, section 3.3: what a scope is made of.
fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

fn check_issuer(text: &str) -> Result<IssuerUrl, Wrong> {
    let wrong = |reason: &str| ("oidc.issuer", reason.to_owned());
    let url = Url::parse(text).map_err(|error| ("oidc.issuer", error.to_string()))?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("wanted https://HOST")),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
        return Err(wrong("wanted https://, since whoever can change its answers can sign in as anybody"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("wanted no user, query or fragment"));
    }
    IssuerUrl::new(text.to_owned()).map_err(|error| ("oidc.issuer", error.to_string()))
}

fn read_secret(path: &std::path::Path) -> Result<ClientSecret, Wrong> {
    let key = "oidc.client_secret_file";
    let text =
        std::fs::read_to_string(path).map_err(|error| (key, format!("{}: {error}", path.display())))?;
    match text.lines().next().map(str::trim) {
        Some(secret) if !secret.is_empty() => Ok(ClientSecret::new(secret.to_owned())),
        _ => Err((key, format!("{}: the first line is empty", path.display()))),
    }
}

fn check_map(map: &[Grant]) -> Result<(), Wrong> {
    for row in map {
        if row.role.is_none() && row.areas.is_empty() {
            return Err(("oidc.map", format!("`{}` gives neither a role nor areas", row.value)));
        }
        let is_area = |area: &String| area == EVERYWHERE || AreaId::new(area.as_str()).is_ok();
        if let Some(area) = row.areas.iter().find(|area| !is_area(area)) {
            return Err(("oidc.map", format!("`{area}` is no area")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::users::Role;

    fn check(more: &str) -> Result<Settings, String> {
        let text = format!("client_id = \"nga-tu\"\n{more}");
        let raw: Raw = toml::from_str(&text).map_err(|error| error.to_string())?;
        raw.check().map_err(|(key, reason)| format!("{key}: {reason}"))
    }

    const GOOD: &str = "issuer = \"https://id.example\"\nname = \"Tỉnh\"";

    #[test]
    fn issuer_client_and_name_are_enough_and_nobody_is_let_in_who_is_unknown() {
        let settings = check(GOOD).unwrap();
        assert_eq!((settings.unknown, settings.authority), (Unknown::Refuse, Authority::Local));
        assert!(!settings.link_by_name && settings.client_secret.is_none());
        let mapped = format!("{GOOD}\nunknown = \"make\"\n[[map]]\nvalue = \"g\"\nrole = \"viewer\"");
        assert_eq!(check(&mapped).unwrap().map[0].role, Some(Role::Viewer));
        for here in ["http://127.0.0.1:1", "http://[::1]:1/a", "http://localhost"] {
            assert!(check(&format!("issuer = \"{here}\"\nname = \"x\"")).is_ok(), "{here}");
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_key() {
        let issuer = |issuer: &str| format!("issuer = \"{issuer}\"\nname = \"x\"");
        let table = [
            (issuer("id.example"), "oidc.issuer"),
            (issuer("http://id.example"), "oidc.issuer: wanted https://"),
            (issuer("http://127.0.0.1.evil.example"), "oidc.issuer: wanted https://"),
            (issuer("https://id.example/?a=b"), "oidc.issuer: wanted no user"),
            ("issuer = \"https://id.example\"\nname = \"\"".into(), "oidc.name"),
            (
                format!("{GOOD}\nclient_secret_file = \"/nowhere/secret\""),
                "oidc.client_secret_file: /nowhere/secret",
            ),
            (format!("{GOOD}\nscopes = [\"a b\"]"), "oidc.scopes"),
            (format!("{GOOD}\nclaim = \"\""), "oidc.claim"),
            (format!("{GOOD}\nunknown = \"make\""), "oidc.map: gives nobody a role"),
            (format!("{GOOD}\nauthority = \"mapping\""), "oidc.map: gives nobody a role"),
            (format!("{GOOD}\nunknown = \"admin\""), "unknown variant"),
            (format!("{GOOD}\n[[map]]\nvalue = \"g\""), "oidc.map: `g` gives neither"),
            (format!("{GOOD}\n[[map]]\nvalue = \"g\"\nareas = [\"A B\"]"), "oidc.map: `A B` is no area"),
            (format!("{GOOD}\n[[map]]\nvalue = \"g\"\nrole = \"root\""), "unknown variant"),
            (format!("{GOOD}\nsecret = \"x\""), "unknown field `secret`"),
        ];
        for (text, wanted) in table {
            let error = check(&text).unwrap_err();
            assert!(error.contains(wanted), "{error} should say {wanted}");
        }
    }
}
