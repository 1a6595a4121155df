//! The authority itself: a key that stays in the data folder, and what it signs.
//!
//! Keys are ECDSA over P-256, which every TLS library of the last ten years reads.

use super::request::{self, RequestError};
use super::store::Revoked;
use crate::city::Enrolled;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use ngatu_protocol::EdgeId;
use rand::Rng as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData,
    RevokedCertParams, SerialNumber,
};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// How long the authority itself is good.
const AUTHORITY_LASTS: TimeDelta = TimeDelta::days(20 * 365);
/// How long a device's certificate is good; it is renewed before.
const DEVICE_LASTS: TimeDelta = TimeDelta::days(365);
/// How long a server's certificate is good; the center makes a new one at each start, and in time while it runs.
const SERVER_LASTS: TimeDelta = TimeDelta::days(365);
/// Certificates are good from a little earlier: a device's clock may be behind ours.
const EARLIER: TimeDelta = TimeDelta::hours(1);
/// Bytes of a serial number; RFC 5280, 4.1.2.2 allows 20.
const SERIAL_BYTES: usize = 16;

/// Why a certificate cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Files(PathBuf, #[source] std::io::Error),
    /// Others may read the authority's key.
    #[error("{0}: others may read this key: chmod 600 {0}, or remove its folder and enroll every edge anew")]
    Open(PathBuf),
    /// The library refuses.
    #[error("certificate: {0}")]
    Library(#[from] rcgen::Error),
    /// Not a request for a certificate, or not signed with its own key.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The database refuses.
    #[error("certificate: {0}")]
    Database(#[from] sqlx::Error),
}

/// From when until when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Good from then on.
    pub from: DateTime<Utc>,
    /// And no longer than this.
    pub until: DateTime<Utc>,
}

impl Validity {
    /// A device's, for a year.
    #[must_use]
    pub fn of_device(now: DateTime<Utc>) -> Validity {
        Validity { from: now - EARLIER, until: now + DEVICE_LASTS }.whole()
    }

    /// Certificates know whole seconds only.
    fn whole(self) -> Validity {
        Validity { from: self.from.trunc_subsecs(0), until: self.until.trunc_subsecs(0) }
    }
}

/// A device's certificate.
#[derive(Debug, Clone)]
pub struct Issued {
    /// As PEM.
    pub pem: String,
    /// Its number, in hex.
    pub serial: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

/// A certificate with its private key, both as PEM.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// The authority, open.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens `ca/` in the data folder; makes the authority where there is none yet.
    ///
    /// # Errors
    /// When a file cannot be used, or others may read the key.
    pub fn open(data_dir: &Path, now: DateTime<Utc>) -> Result<Authority, CertificateError> {
        let dir = data_dir.join("ca");
        if !dir.exists() {
            make(data_dir, &dir, now)?;
        }
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read_to_string(&path).map_err(|error| CertificateError::Files(path, error))
        };
        let path = dir.join("ca.key");
        let mode = std::fs::metadata(&path).map_err(|error| CertificateError::Files(path.clone(), error))?;
        if mode.permissions().mode() & 0o077 != 0 {
            return Err(CertificateError::Open(path));
        }
        let (key, certificate) = (read("ca.key")?, read("ca.crt")?);
        let issuer = Issuer::from_ca_cert_pem(&certificate, KeyPair::from_pem(&key)?)?;
        Ok(Authority { issuer, certificate })
    }

    /// The authority's own certificate as PEM: what others trust.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Signs what a device asks for. Of its request only the key counts: whose certificate it is says who asks.
    ///
    /// # Errors
    /// [`CertificateError::Request`] when it is no request.
    pub fn sign(&self, request: &str, edge: &EdgeId, validity: Validity) -> Result<Issued, CertificateError> {
        self.device(&request::read(request)?, edge, validity)
    }

    /// A device's certificate with a key that is made here, for devices that cannot ask for themselves.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn with_key(&self, edge: &EdgeId, validity: Validity) -> Result<(Issued, String), CertificateError> {
        let key = KeyPair::generate()?;
        Ok((self.device(&key, edge, validity)?, key.serialize_pem()))
    }

    fn device(
        &self,
        key: &impl PublicKeyData,
        edge: &EdgeId,
        validity: Validity,
    ) -> Result<Issued, CertificateError> {
        let (mut params, serial) = leaf(edge.as_str(), validity);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let pem = params.signed_by(key, &self.issuer)?.pem();
        Ok(Issued { pem, serial, until: validity.until })
    }

    /// A server's certificate for these names and addresses, with its key.
    ///
    /// # Errors
    /// When a name cannot be one.
    pub fn server(&self, names: &[String], now: DateTime<Utc>) -> Result<Pair, CertificateError> {
        let key = KeyPair::generate()?;
        let validity = Validity { from: now - EARLIER, until: now + SERVER_LASTS };
        let (mut params, _) = leaf("Nga Tu control center", validity);
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Pair { certificate, key: key.serialize_pem() })
    }

    /// The list of what is revoked, as PEM. Of two lists the one with the later `this_update` counts.
    ///
    /// It ends with the authority: our own broker alone reads it, and gets each new one from us.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn revocations(
        &self,
        revoked: &[Revoked],
        this_update: DateTime<Utc>,
    ) -> Result<String, CertificateError> {
        let rows = revoked.iter().filter_map(|revoked| {
            Some(RevokedCertParams {
                serial_number: SerialNumber::from(hex::decode(&revoked.serial).ok()?),
                revocation_time: moment(revoked.at),
                reason_code: None,
                invalidity_date: None,
            })
        });
        let params = CertificateRevocationListParams {
            this_update: moment(this_update),
            next_update: moment(this_update + AUTHORITY_LASTS),
            crl_number: SerialNumber::from(this_update.timestamp().unsigned_abs()),
            issuing_distribution_point: None,
            revoked_certs: rows.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer)?.pem()?)
    }
}

/// What the certificates of devices and servers share; also the serial number in hex.
fn leaf(name: &str, validity: Validity) -> (CertificateParams, String) {
    let mut params = CertificateParams::default();
    let mut serial = [0_u8; SERIAL_BYTES];
    rand::rng().fill(&mut serial);
    // Positive, and without a zero in front, so that every program writes it the same way.
    serial[0] = serial[0] & 0x7F | 0x40;
    params.serial_number = Some(SerialNumber::from(serial.to_vec()));
    params.not_before = moment(validity.from);
    params.not_after = moment(validity.until);
    params.distinguished_name = named(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    (params, hex::encode(serial))
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// As the library writes time.
fn moment(at: DateTime<Utc>) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Makes the authority in a folder of its own name, and gives it the right one when it is whole.
fn make(data_dir: &Path, dir: &Path, now: DateTime<Utc>) -> Result<(), CertificateError> {
    let key = KeyPair::generate()?;
    let mut number = [0_u8; 4];
    rand::rng().fill(&mut number);
    let validity = Validity { from: now - EARLIER, until: now + AUTHORITY_LASTS };
    // Numbered, so that two centers' authorities are not taken for one.
    let (mut params, _) = leaf(&format!("Nga Tu authority {}", hex::encode(number)), validity);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = false;
    let certificate = params.self_signed(&key)?.pem();
    let new = data_dir.join(format!("ca.new-{}", std::process::id()));
    let failed = |error| CertificateError::Files(new.clone(), error);
    std::fs::create_dir_all(data_dir).map_err(failed)?;
    let _ = std::fs::remove_dir_all(&new);
    std::fs::DirBuilder::new().mode(0o700).create(&new).map_err(failed)?;
    write(&new.join("ca.key"), &key.serialize_pem(), 0o600)?;
    write(&new.join("ca.crt"), &certificate, 0o644)?;
    // Another process may have been faster: then its authority is the one.
    if let Err(error) = std::fs::rename(&new, dir) {
        let _ = std::fs::remove_dir_all(&new);
        if !dir.exists() {
            return Err(failed(error));
        }
    }
    tracing::info!(folder = %dir.display(), "made a certificate authority; keep a copy of this folder in a safe place");
    Ok(())
}

/// Writes a new file and waits until it is on disk.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), CertificateError> {
    let failed = |error| CertificateError::Files(path.to_owned(), error);
    let _ = std::fs::remove_file(path);
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = file.map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Writes what an edge needs into a folder: `EDGE.crt`, `ca.crt` and, where the key was made here, `EDGE.key`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_out(
    folder: &Path,
    edge: &EdgeId,
    authority: &Authority,
    enrolled: &Enrolled,
) -> Result<(), CertificateError> {
    if let Some(key) = &enrolled.key {
        write(&folder.join(format!("{edge}.key")), key, 0o600)?;
    }
    write(&folder.join(format!("{edge}.crt")), &enrolled.certificate.pem, 0o644)?;
    write(&folder.join("ca.crt"), authority.certificate(), 0o644)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_made_once_and_its_key_is_for_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let now = crate::clock::now();
        let first = Authority::open(dir.path(), now).unwrap();
        let again = Authority::open(dir.path(), now).unwrap();
        assert_eq!(first.certificate(), again.certificate());
        let key = dir.path().join("ca/ca.key");
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Authority::open(dir.path(), now), Err(CertificateError::Open(_))));
    }

    #[test]
    fn of_a_request_only_the_key_counts() {
        use x509_parser::prelude::FromDer as _;
        let dir = tempfile::tempdir().unwrap();
        let now = crate::clock::now();
        let authority = Authority::open(dir.path(), now).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut asked = CertificateParams::default();
        asked.distinguished_name = named("_center");
        asked.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        asked.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let request = asked.serialize_request(&key).unwrap().pem().unwrap();
        let edge = EdgeId::new("nga-tu-1").unwrap();
        let issued = authority.sign(&request, &edge, Validity::of_device(now)).unwrap();
        let der = pem_content(&issued.pem);
        let (_, read) = x509_parser::certificate::X509Certificate::from_der(&der).unwrap();
        assert_eq!(read.subject().to_string(), "CN=nga-tu-1");
        assert!(!read.is_ca());
        let usage = read.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.client_auth && !usage.server_auth);
        assert_eq!(hex::encode(read.serial.to_bytes_be()), issued.serial);
        assert_eq!(read.validity().not_after.timestamp(), issued.until.timestamp());
        for wrong in ["", "x", &issued.pem, &request.replacen('M', "N", 1)] {
            let refused = authority.sign(wrong, &edge, Validity::of_device(now));
            assert!(matches!(refused, Err(CertificateError::Request(_))), "{wrong}");
        }
    }

    fn pem_content(pem: &str) -> Vec<u8> {
        use base64::Engine as _;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD.decode(body).unwrap()
    }
}
