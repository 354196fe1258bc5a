//! The papers of a case: the list, a picture sent and read back, the photo cut from a portrait, a paper taken out.
//! The same use cases as the pages: a picture is read from its bytes alone, whatever its sender calls it, and what is
//! stored and read back is our own JPEG of its pixels.

use axum::extract::{DefaultBodyLimit, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use issuance::casework;
use issuance::document::{self, Document, DocumentKind};
use issuance::reading;
use issuance::register::DocumentStore;
use issuance::removal::{self, Removal, RemovalReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::once::{Sent, Write};
use super::url::{Paper, PaperRemoval, Papers, PhotoCut};
use super::view;
use crate::picture::{Crop, Picture};
use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::guard::{Clerk, Client, ReadsCases, ToReadCases, ToWriteCases};
use crate::web::pages::documents::picture;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get::<Papers, _, _>(list)
        // The gate has received the whole body within the limit of uploads; axum's own is smaller.
        .post::<Papers, _, _>(add.layer(DefaultBodyLimit::disable()))
        .post::<PhotoCut, _, _>(cut)
        .get::<Paper, _, _>(one)
        .post::<PaperRemoval, _, _>(remove)
}

/// The papers of a case.
#[derive(Serialize, ToSchema)]
pub struct PapersView {
    /// Each that is there, oldest first.
    items: Vec<PaperView>,
    /// Each that was taken out, oldest first; its picture is gone.
    removed: Vec<RemovalView>,
    /// What the county asks for and nobody brought yet: any one of each list.
    #[schema(schema_with = view::needs)]
    missing: Vec<Vec<&'static str>>,
    /// The photo for certificate and card: the case's own, or that of the certificate it follows.
    photo: Option<i64>,
    /// Whether papers may still be added and removed.
    open: bool,
}

/// One paper, without its picture.
#[derive(Serialize, ToSchema)]
pub struct PaperView {
    /// Which one.
    id: i64,
    /// Of which case.
    application: i64,
    #[schema(schema_with = view::document_kinds)]
    kind: &'static str,
    /// Bytes of the picture as it is stored.
    size: usize,
    /// SHA-256 of the picture as it is stored.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// The officer who added it.
    added_by: i64,
    #[schema(format = DateTime)]
    added_at: String,
}

/// A paper that was taken out.
#[derive(Serialize, ToSchema)]
pub struct RemovalView {
    #[serde(flatten)]
    paper: PaperView,
    #[schema(schema_with = view::removal_reasons)]
    reason: &'static str,
    /// The officer who took it out.
    removed_by: i64,
    #[schema(format = DateTime)]
    removed_at: String,
}

/// Which part of the latest portrait becomes the photo, upright 3:4.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CropBody {
    /// Its centre from the left, in thousandths of the portrait.
    #[schema(minimum = 0, maximum = 1000, example = 500)]
    x: u32,
    /// Its centre from the top, in thousandths of the portrait.
    #[schema(minimum = 0, maximum = 1000, example = 450)]
    y: u32,
    /// How much closer than the largest part that fits, in per cent.
    #[schema(minimum = 100, maximum = 400, example = 100)]
    zoom: u32,
}

/// Why a paper is taken out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovalBody {
    /// Why.
    #[schema(schema_with = view::removal_reasons)]
    reason: RemovalReason,
}

impl PaperView {
    fn of(document: &Document) -> Self {
        let Document { id, application, kind, digest, size, added_by, added_at } = document;
        Self {
            id: id.get(),
            application: application.get(),
            kind: kind.as_str(),
            size: *size,
            sha256: hex::encode(digest),
            added_by: added_by.get(),
            added_at: added_at.to_string(),
        }
    }
}

impl RemovalView {
    fn of(removal: &Removal) -> Self {
        let Removal { document, reason, removed_by, removed_at } = removal;
        Self {
            paper: PaperView::of(document),
            reason: reason.as_str(),
            removed_by: removed_by.get(),
            removed_at: removed_at.to_string(),
        }
    }
}

/// The papers of a case, what is missing, and what was taken out.
#[utoipa::path(
    get, path = "/api/v1/applications/{id}/documents", tag = "papers", operation_id = "list_documents",
    params(("id" = i64, Path, description = "The case.")),
    responses((status = 200, description = "Its papers.", body = PapersView))
)]
pub(super) async fn list(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    At(url): At<Papers>,
) -> Result<Response, Refused> {
    client.visit.note_case(url.id);
    let view = app.desk.run(move |desk| {
        let (register, actor) = (&mut desk.register, client.actor());
        let filed = reading::case(register, url.id, &actor)?;
        let missing = document::missing(register, &filed, &actor)?;
        let word = |kind: &DocumentKind| kind.as_str();
        Ok(PapersView {
            items: register.documents_of(url.id)?.iter().map(PaperView::of).collect(),
            removed: register.removals_of(url.id)?.iter().map(RemovalView::of).collect(),
            missing: missing.iter().map(|need| need.iter().map(word).collect()).collect(),
            photo: document::photo_of_case(register, &filed)?.map(|photo| photo.id.get()),
            open: document::must_take_documents(&filed.application).is_ok(),
        })
    });
    Ok(axum::Json(view.await?).into_response())
}

/// Adds a paper to a case, until the review: a picture, which is made anew before it is stored. The same picture of the same
/// kind a second time is the one that is there.
#[utoipa::path(
    post, path = "/api/v1/applications/{id}/documents", tag = "papers", operation_id = "add_document",
    params(
        ("id" = i64, Path, description = "The case."),
        ("kind" = inline(view::ReceivedKind), Query, description = "What it is. A photo is cut from a portrait."),
    ),
    request_body(
        description = "The picture, at most 12 MB and 32 million pixels. Its bytes tell what it is.",
        content((view::Octets = "image/jpeg"), (view::Octets = "image/png"), (view::Octets = "image/webp")),
    ),
    responses((status = 201, description = "The paper.", body = PaperView))
)]
pub(super) async fn add(
    client: Client<ToWriteCases, Clerk>,
    State(app): State<App>,
    At(url): At<Papers>,
    Asked(asked): Asked,
    write: Write<Sent>,
) -> Result<Response, Refused> {
    client.visit.note_case(url.id);
    let kind = asked.find("kind").and_then(DocumentKind::parse).filter(|kind| kind.is_received());
    let kind = kind.ok_or(Refused::Unreadable)?;
    if let Some(before) = write.before(&app, &client).await? {
        return Ok(before);
    }
    // Whoever does not see the case has nothing made anew for them.
    let officer = client.officer.clone();
    app.desk.run(move |desk| Ok(casework::look_at(&desk.register, url.id, &officer).map(drop)?)).await?;
    let Sent(file) = &write.body;
    let file = file.clone();
    let made = app.picture(move || Picture::read(&file).and_then(|picture| picture.scan())).await?;
    let write = write.with(made.map_err(Refused::Picture)?);
    let done = write.once(&app, &client, StatusCode::CREATED, move |picture, register, client| {
        Ok(PaperView::of(&document::attach(register, url.id, kind, picture, &client.actor())?))
    });
    done.await
}

/// Cuts the photo for certificate and card out of the latest portrait.
#[utoipa::path(
    post, path = "/api/v1/applications/{id}/photo", tag = "papers", operation_id = "cut_photo",
    params(("id" = i64, Path, description = "The case.")),
    request_body = CropBody,
    responses((status = 201, description = "The photo, a paper of kind `photo`.", body = PaperView))
)]
pub(super) async fn cut(
    client: Client<ToWriteCases, Clerk>,
    State(app): State<App>,
    At(url): At<PhotoCut>,
    write: Write<CropBody>,
) -> Result<Response, Refused> {
    client.visit.note_case(url.id);
    let CropBody { x, y, zoom } = write.body;
    let crop = Crop::new(x, y, zoom);
    if crop.parts() != (x, y, zoom) {
        return Err(Refused::Shape { line: 0, column: 0 });
    }
    if let Some(before) = write.before(&app, &client).await? {
        return Ok(before);
    }
    let actor = client.clone();
    let portrait = app
        .desk
        .run(move |desk| Ok(document::open_portrait(&mut desk.register, url.id, &actor.actor())?))
        .await?;
    let made = app.picture(move || Picture::read(&portrait).and_then(|picture| picture.photo(crop))).await?;
    let write = write.with(made.map_err(Refused::Picture)?);
    let done = write.once(&app, &client, StatusCode::CREATED, move |photo, register, client| {
        let kind = DocumentKind::Photo;
        Ok(PaperView::of(&document::attach(register, url.id, kind, photo, &client.actor())?))
    });
    done.await
}

/// The picture of a paper.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}", tag = "papers", operation_id = "read_document",
    params(("id" = i64, Path, description = "Which one.")),
    responses((status = 200, description = "The picture.", content_type = "image/jpeg", body = view::Octets))
)]
pub(super) async fn one(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    At(url): At<Paper>,
) -> Result<Response, Refused> {
    let actor = client.clone();
    let opened =
        app.desk.run(move |desk| Ok(document::open(&mut desk.register, url.id, &actor.actor())?)).await?;
    client.visit.note_case(opened.0.application);
    Ok(picture(opened.1, Some(&opened.0)))
}

/// Takes a paper out of its case, until the review. Its picture is gone for good; who took it out and why stays.
#[utoipa::path(
    post, path = "/api/v1/documents/{id}/removal", tag = "papers", operation_id = "remove_document",
    params(("id" = i64, Path, description = "Which one.")),
    request_body = RemovalBody,
    responses((status = 200, description = "What was taken out.", body = RemovalView))
)]
pub(super) async fn remove(
    client: Client<ToWriteCases, Clerk>,
    State(app): State<App>,
    At(url): At<PaperRemoval>,
    write: Write<RemovalBody>,
) -> Result<Response, Refused> {
    let done = write.once(&app, &client, StatusCode::OK, move |body, register, client| {
        let removal = removal::remove(register, url.id, body.reason, &client.actor())?;
        client.visit.note_case(removal.document.application);
        Ok(RemovalView::of(&removal))
    });
    done.await
}
