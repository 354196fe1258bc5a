//! Style sheet and scripts: inside the program, under an address with the hash of their bytes, so that browsers keep
//! them for a year and a new version is a new address. Nothing is ever fetched from another host.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::web::guard::Anyone;
use crate::web::refused::Refused;
use crate::web::routes::Routes;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its address.
    pub url: String,
    media_type: &'static str,
    bytes: &'static [u8],
}

/// The style sheet of every page.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "css", "text/css; charset=utf-8", include_bytes!("../../assets/console.css"))
});
/// The keyboard script: an extra, no task needs it.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/console.js"))
});
/// The sign in the browser's tab.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")));

/// Every file; a new one is added here.
fn all() -> [&'static Asset; 3] {
    [&STYLE, &SCRIPT, &ICON]
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = hex::encode(Sha256::digest(bytes));
        let short = hash.get(..16).unwrap_or_default();
        Self { url: format!("/assets/{name}-{short}.{extension}"), media_type, bytes }
    }
}

impl std::fmt::Display for Asset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url)
    }
}

/// The one route of all files.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get_at("/assets/{file}", show)
}

async fn show(_: Anyone, Path(file): Path<String>) -> Result<Response, Refused> {
    let found = all().into_iter().find(|asset| asset.url.strip_prefix("/assets/") == Some(file.as_str()));
    let asset = found.ok_or(Refused::NotFound)?;
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, asset.bytes).into_response())
}
