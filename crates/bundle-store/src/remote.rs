//! Bundles by HTTP: a delta from the version in force if the server has one, else the whole bundle if its ETag changed.
//! A folder of files on any web server is enough: `bundle.dcb`, and beside it `bundle.dcb.from-812`.

use std::time::Duration;

use credential::bundle::MAX_BUNDLE_BYTES;
use credential::snapshot::Version;
use ureq::http::{StatusCode, header};
use ureq::{Agent, Body};

use crate::error::Error;

/// Where bundles come from.
pub struct Remote {
    agent: Agent,
    url: String,
    /// Of the whole bundle that was taken last.
    etag: Option<String>,
}

/// What the server had.
#[derive(PartialEq, Eq)]
pub enum Fetched {
    /// Nothing new.
    Unchanged,
    /// A file that claims to be newer: a bundle or a delta.
    File {
        /// The bytes.
        bytes: Vec<u8>,
        /// To be given to [`Remote::taken`] when the file was accepted.
        etag: Option<String>,
    },
}

/// The name of the file that leads from one snapshot to the newest.
#[must_use]
pub fn delta_name(bundle: &str, base: Version) -> String {
    format!("{bundle}.from-{base}")
}

impl Remote {
    /// The address of the whole bundle.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        Self { agent: config.build().into(), url: url.into(), etag: None }
    }

    /// Asks for a delta from this version. 404 means that there is none, or that nothing is newer.
    pub fn fetch_delta(&self, base: Version) -> Result<Fetched, Error> {
        let mut response = self.agent.get(delta_name(&self.url, base)).call().map_err(download)?;
        match response.status() {
            StatusCode::OK => Ok(Fetched::File { bytes: read(response.body_mut())?, etag: None }),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Fetched::Unchanged),
            other => Err(download(ureq::Error::StatusCode(other.as_u16()))),
        }
    }

    /// Asks for the whole bundle.
    pub fn fetch(&self) -> Result<Fetched, Error> {
        let mut request = self.agent.get(&self.url);
        if let Some(etag) = &self.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let mut response = request.call().map_err(download)?;
        let etag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok().map(str::to_owned));
        match response.status() {
            StatusCode::OK => Ok(Fetched::File { bytes: read(response.body_mut())?, etag }),
            StatusCode::NOT_MODIFIED => Ok(Fetched::Unchanged),
            other => Err(download(ureq::Error::StatusCode(other.as_u16()))),
        }
    }

    /// Remembers the ETag of a bundle that was accepted. One that was refused is asked for again.
    pub fn taken(&mut self, etag: Option<String>) {
        if etag.is_some() {
            self.etag = etag;
        }
    }
}

fn read(body: &mut Body) -> Result<Vec<u8>, Error> {
    body.with_config().limit(MAX_BUNDLE_BYTES as u64).read_to_vec().map_err(download)
}

fn download(source: ureq::Error) -> Error {
    Error::Download { source: Box::new(source) }
}

/// A bundle of the whole country over a slow mobile line; a gate does not wait for it, only its updates do.
const TIMEOUT: Duration = Duration::from_secs(120);
