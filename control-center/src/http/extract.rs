//! Axum's extractors with our problem details as their refusals, and who is behind the request.

use super::problem::Error;
use crate::access::{Identity, Person};
use crate::evidence::check_jpeg;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use bytes::Bytes;
use ngatu_protocol::EdgeId;
use utoipa::ToSchema;

/// The media type of every picture.
pub(crate) const JPEG: &str = "image/jpeg";

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Error))]
pub(crate) struct Json<T>(pub(crate) T);

/// The query of the address.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Error))]
pub(crate) struct Query<T>(pub(crate) T);

/// The parameters in the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Error))]
pub(crate) struct Path<T>(pub(crate) T);

/// How the OpenAPI document writes a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(crate) struct JpegFile(#[allow(dead_code, reason = "stands for a body in the document only")] Vec<u8>);

/// The body of an upload: says that it is a JPEG, and looks like one.
pub(crate) struct Jpeg(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Jpeg {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case(JPEG)) {
            return Err(Error::MediaType(format!("the content type must be {JPEG}")));
        }
        let bytes = Bytes::from_request(request, state).await?;
        check_jpeg(&bytes).map_err(|error| Error::Unprocessable(error.to_string()))?;
        Ok(Jpeg(bytes))
    }
}

/// The person behind a session.
pub(crate) struct SignedIn(pub(crate) Person);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;

    /// The guard has put the identity there; without it the request is refused, so a hole in the guard fails closed.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Person(person)) => Ok(SignedIn(person.clone())),
            _ => Err(Error::NotSignedIn),
        }
    }
}

/// The edge behind a device credential.
pub(crate) struct Device(pub(crate) EdgeId);

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Device(edge)) => Ok(Device(edge.clone())),
            _ => Err(Error::NotADevice),
        }
    }
}
