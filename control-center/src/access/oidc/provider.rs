//! What is asked of the provider: its document and keys, a token for a code, and what it knows of the person.
//!
//! The document is read when it is first needed and kept for an hour; a provider that is down is not asked again for a few
//! seconds, so nobody waits in line behind its silence. A token whose key is not known makes the keys be read anew, once.

use super::http::{Http, HttpError};
use super::mapping;
use super::settings::Settings;
use crate::causes::causes;
use crate::clock;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Alg,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError,
    ConfigurationError, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenClaims, IdTokenFields, JsonWebKeySet, LogoutRequest, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, StandardErrorResponse, StandardTokenResponse,
    SubjectIdentifier, TokenResponse as _, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// The path to which the provider sends browsers back; under the center's own address it is registered there.
pub const CALLBACK: &str = "/oidc/callback";

/// Longest wait for one answer of the provider.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// OpenID Connect Core, section 2: a subject is no longer.
pub const MAX_SUBJECT_BYTES: usize = 255;
const DOCUMENT_LASTS: Duration = Duration::from_secs(3600);
const NOT_AGAIN_FOR: Duration = Duration::from_secs(5);

/// Signatures with a key pair. `HS…`, whose key is the client's secret, and `none` are refused even if it offers them.
const ALGORITHMS: [Alg; 9] = [
    Alg::RsaSsaPkcs1V15Sha256,
    Alg::RsaSsaPkcs1V15Sha384,
    Alg::RsaSsaPkcs1V15Sha512,
    Alg::RsaSsaPssSha256,
    Alg::RsaSsaPssSha384,
    Alg::RsaSsaPssSha512,
    Alg::EcdsaP256Sha256,
    Alg::EcdsaP384Sha384,
    Alg::EdDsa,
];

/// Why the provider was of no help.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer.
    #[error("the provider does not answer: {0}")]
    Away(String),
    /// It answers with what cannot be taken.
    #[error("the provider's answer cannot be taken: {0}")]
    Answer(String),
}

/// A way to the provider, with what must be known on the way back.
#[derive(Debug)]
pub struct Begun {
    /// Where to send the browser.
    pub url: Url,
    /// To be found in the token.
    pub nonce: Nonce,
    /// The secret of PKCE.
    pub verifier: PkceCodeVerifier,
}

/// What the way back is checked with.
#[derive(Debug)]
pub struct Return {
    /// What the provider gave the browser.
    pub code: String,
    /// As begun.
    pub nonce: Nonce,
    /// As begun.
    pub verifier: PkceCodeVerifier,
}

/// A person as the provider vouches for them.
#[derive(Debug)]
pub struct Vouched {
    /// Who, for all time, at this provider.
    pub subject: String,
    /// All that is said of them.
    pub claims: Value,
    /// The token itself, for signing out there.
    pub id_token: String,
}

/// Whatever else a token says.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Others {
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

impl AdditionalClaims for Others {}

type Encryption = CoreJweContentEncryptionAlgorithm;
type Fields = IdTokenFields<Others, EmptyExtraTokenFields, CoreGenderClaim, Encryption, Alg>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Token = IdToken<Others, CoreGenderClaim, Encryption, Alg>;
type Claims = IdTokenClaims<Others, CoreGenderClaim>;
type TokenError = StandardErrorResponse<CoreErrorResponseType>;
type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    Encryption,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenError,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type Document = ProviderMetadataWithLogout;

/// The provider, as far as it is known.
#[derive(Debug, Default)]
struct Known {
    document: Option<(Arc<Document>, Instant)>,
    failed: Option<(ProviderError, Instant)>,
}

/// The other side.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    http: Http,
    redirect: RedirectUrl,
    home: PostLogoutRedirectUrl,
    known: Mutex<Known>,
}

/// Why the provider cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum UnusableError {
    /// The center's own address is none.
    #[error("the center's address: {0}")]
    Address(#[from] url::ParseError),
    /// The system's TLS cannot be prepared.
    #[error(transparent)]
    Tls(#[from] reqwest::Error),
}

impl Provider {
    /// Prepares to ask, and asks nothing yet. `public_url` is this center's own address, as browsers write it; each answer of
    /// the provider is waited for so long.
    ///
    /// # Errors
    /// [`UnusableError`].
    pub fn new(settings: Settings, public_url: &str, patience: Duration) -> Result<Provider, UnusableError> {
        Ok(Provider {
            settings,
            http: Http::new(patience)?,
            redirect: RedirectUrl::new(format!("{public_url}{CALLBACK}"))?,
            home: PostLogoutRedirectUrl::new(format!("{public_url}/"))?,
            known: Mutex::default(),
        })
    }

    /// What `[oidc]` says.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins: where to send the browser with this state.
    ///
    /// # Errors
    /// When the provider is away or cannot be understood.
    pub async fn begin(&self, state: String) -> Result<Begun, ProviderError> {
        let client = self.client(&*self.document().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, _, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                Nonce::new_random,
            )
            .add_scopes(self.settings.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        Ok(Begun { url, nonce, verifier })
    }

    /// Ends: exchanges the code and checks everything about the token.
    ///
    /// # Errors
    /// When the provider is away, or its token is not to be trusted.
    pub async fn finish(&self, back: Return) -> Result<Vouched, ProviderError> {
        let document = self.document().await?;
        let client = self.client(&document);
        let request = client
            .exchange_code(AuthorizationCode::new(back.code))
            .map_err(missing)?
            .set_pkce_verifier(back.verifier);
        let tokens = request.request_async(&self.http).await.map_err(token_error)?;
        let id_token = tokens.id_token().ok_or_else(|| answer("there is no ID token"))?;
        let claims = match verify(&client, &tokens, id_token, &back.nonce) {
            // The provider may have changed its keys since they were read.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.client(&*self.read_keys(&document).await?);
                verify(&client, &tokens, id_token, &back.nonce).cloned()
            }
            verified => verified.cloned(),
        };
        let claims = claims.map_err(|error| answer(causes(&error)))?;
        let subject = claims.subject().clone();
        if subject.len() > MAX_SUBJECT_BYTES || subject.chars().any(char::is_control) {
            return Err(answer("the subject is none"));
        }
        let mut all = serde_json::to_value(&claims).map_err(answer)?;
        let wanted = [&self.settings.claim, &self.settings.name_claim];
        if wanted.iter().any(|claim| mapping::find(&all, claim).is_none()) && client.user_info_url().is_some()
        {
            self.add_user_info(&client, &tokens, &subject, &mut all).await?;
        }
        Ok(Vouched { subject: subject.to_string(), claims: all, id_token: id_token.to_string() })
    }

    /// Where to send a browser so that it is signed out at the provider too; none when it knows no such place, or is away.
    pub async fn leave(&self, id_token: &str) -> Option<Url> {
        let document = self.document().await.ok()?;
        let end = document.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(end)
            .set_client_id(self.settings.client_id.clone())
            .set_post_logout_redirect_uri(self.home.clone());
        match id_token.parse::<Token>() {
            Ok(token) => Some(request.set_id_token_hint(&token).http_get_url()),
            Err(_) => Some(request.http_get_url()),
        }
    }

    fn client(&self, document: &Document) -> Client {
        let methods = document.token_endpoint_auth_methods_supported();
        let knows = |method| methods.is_some_and(|known| known.contains(&method));
        let only_in_body =
            knows(CoreClientAuthMethod::ClientSecretPost) && !knows(CoreClientAuthMethod::ClientSecretBasic);
        let client = Client::from_provider_metadata(
            document.clone(),
            self.settings.client_id.clone(),
            self.settings.client_secret.clone(),
        );
        let auth = if only_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth)
    }

    async fn document(&self) -> Result<Arc<Document>, ProviderError> {
        let mut known = self.known.lock().await;
        let now = clock::instant();
        if let Some((document, read_at)) = &known.document
            && now - *read_at < DOCUMENT_LASTS
        {
            return Ok(document.clone());
        }
        let recent = known.failed.clone().filter(|(_, failed_at)| now - *failed_at < NOT_AGAIN_FOR);
        let is_told = recent.is_some();
        let read = match recent {
            Some((error, _)) => Err(error),
            None => Document::discover_async(self.settings.issuer.clone(), &self.http)
                .await
                .map_err(discovery_error),
        };
        match read {
            Ok(document) => {
                let document = Arc::new(document);
                *known = Known { document: Some((document.clone(), clock::instant())), failed: None };
                Ok(document)
            }
            Err(error) => {
                if !is_told {
                    tracing::warn!(%error, issuer = %self.settings.issuer.as_str(), "oidc: no document");
                    known.failed = Some((error.clone(), clock::instant()));
                }
                // An old one is better than none: addresses change less often than networks fail.
                known.document.as_ref().map(|(document, _)| document.clone()).ok_or(error)
            }
        }
    }

    /// Reads the keys anew, unless somebody else has since this document was handed out.
    async fn read_keys(&self, old: &Arc<Document>) -> Result<Arc<Document>, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some((document, _)) = &known.document
            && !Arc::ptr_eq(document, old)
        {
            return Ok(document.clone());
        }
        let keys = JsonWebKeySet::fetch_async(old.jwks_uri(), &self.http).await.map_err(discovery_error)?;
        let document = Arc::new(Document::clone(old).set_jwks(keys));
        let read_at = known.document.as_ref().map_or_else(clock::instant, |(_, read_at)| *read_at);
        known.document = Some((document.clone(), read_at));
        Ok(document)
    }

    /// Many providers tell a person's groups only where one asks with the access token.
    async fn add_user_info(
        &self,
        client: &Client,
        tokens: &Tokens,
        subject: &SubjectIdentifier,
        all: &mut Value,
    ) -> Result<(), ProviderError> {
        let token = tokens.access_token();
        // RFC 6750, section 2.1; anything else cannot be sent as a header.
        if !token.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(answer("the access token cannot be sent"));
        }
        let request = client.user_info(token.clone(), Some(subject.clone())).map_err(missing)?;
        let told: UserInfoClaims<Others, CoreGenderClaim> =
            request.request_async(&self.http).await.map_err(user_info_error)?;
        let told = serde_json::to_value(&told).map_err(answer)?;
        if let (Value::Object(all), Value::Object(told)) = (all, told) {
            for (name, value) in told {
                // What the signed token says counts more.
                all.entry(name).or_insert(value);
            }
        }
        Ok(())
    }
}

/// Signature, issuer, audience, expiry and nonce by the library; who it was given to, and for which access token, here.
fn verify<'t>(
    client: &Client,
    tokens: &Tokens,
    id_token: &'t Token,
    nonce: &Nonce,
) -> Result<&'t Claims, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(clock::now);
    let claims = id_token.claims(&verifier, nonce)?;
    if claims.authorized_party().is_some_and(|party| party != client.client_id()) {
        return Err(ClaimsVerificationError::InvalidAudience("it was issued to another client".into()));
    }
    if let Some(wanted) = claims.access_token_hash() {
        let signature = ClaimsVerificationError::SignatureVerification;
        let alg = id_token.signing_alg().map_err(signature)?;
        let key = id_token.signing_key(&verifier).map_err(signature)?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key)
            .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
        if actual != *wanted {
            return Err(ClaimsVerificationError::Other("it belongs to another access token".into()));
        }
    }
    Ok(claims)
}

fn answer(error: impl ToString) -> ProviderError {
    ProviderError::Answer(error.to_string().chars().take(300).collect())
}

fn missing(error: ConfigurationError) -> ProviderError {
    answer(error)
}

fn discovery_error(error: DiscoveryError<HttpError>) -> ProviderError {
    match error {
        DiscoveryError::Request(error) => ProviderError::Away(error.to_string()),
        error => answer(causes(&error)),
    }
}

fn token_error(error: RequestTokenError<HttpError, TokenError>) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => ProviderError::Away(error.to_string()),
        // The body of a token's answer may hold the token: it is not told.
        RequestTokenError::Parse(error, _) => answer(error),
        error => answer(error),
    }
}

fn user_info_error(error: UserInfoError<HttpError>) -> ProviderError {
    match error {
        UserInfoError::Request(error) => ProviderError::Away(error.to_string()),
        error => answer(causes(&error)),
    }
}
