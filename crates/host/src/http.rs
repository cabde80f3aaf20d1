//! The application's HTTP client, which asks KDC proxies (MS-KKDCP).

use core::fmt;
use std::error::Error;
use std::time::Instant;

use orthros_types::config::HttpAnchor;

/// The application's HTTP client. It asks the KDC proxies that `kdc = https://..` and `kpasswd_server = https://..`
/// name: there is none in this crate, as it has no TLS.
///
/// ```
/// use std::sync::Arc;
///
/// use orthros_host::{Environment, HttpClient, HttpError, HttpRequest};
///
/// #[derive(Debug)]
/// struct Client(/* the HTTP library's */);
///
/// impl HttpClient for Client {
///     fn post(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError> {
///         # fn response(_: &str, _: &str, _: &[u8]) -> std::io::Result<(u16, Vec<u8>)> { Ok((503, vec![])) }
///         let (status, body) = response(request.url, HttpRequest::CONTENT_TYPE, request.body)
///             .map_err(|error| HttpError::Failed(error.into()))?;
///         if status == 200 { Ok(body) } else { Err(HttpError::Status(status)) }
///     }
/// }
///
/// let environment = Environment::builder().http_client(Arc::new(Client())).build();
/// ```
pub trait HttpClient: fmt::Debug + Send + Sync {
    /// Posts a body and returns that of the response. Blocks until `request.deadline` at the latest.
    ///
    /// The server's certificate has to be of its host's name, and of one of `request.anchors` where there are any. No
    /// redirection is followed, and nothing is sent without TLS.
    ///
    /// # Errors
    ///
    /// Where there is no response in time, one of another status than 200, or one above the limit.
    fn post(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError>;
}

/// What an [`HttpClient`] posts, and how.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HttpRequest<'a> {
    /// Where to: `https://host[:port]/path`, of which no character has to be escaped.
    pub url: &'a str,
    /// What: of [`CONTENT_TYPE`](Self::CONTENT_TYPE).
    pub body: &'a [u8],
    /// The longest body of a response that is of use, in octets. Of a longer one no more need be read.
    pub limit: usize,
    /// When the response is of no use any more.
    pub deadline: Instant,
    /// `http_anchors` of the realm: the authorities to trust. The system's where there are none.
    pub anchors: &'a [HttpAnchor],
}

impl HttpRequest<'_> {
    /// The `Content-Type` of the body.
    pub const CONTENT_TYPE: &'static str = "application/kerberos";
}

/// Why an [`HttpClient`] has no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The response has another status than 200.
    #[error("answered with HTTP status {0}")]
    Status(u16),
    /// The response is longer than it may be.
    #[error("answered with more than a reply can be")]
    TooLong,
    /// The deadline has passed.
    #[error("timed out")]
    TimedOut,
    /// The connection, TLS or HTTP failed.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}
