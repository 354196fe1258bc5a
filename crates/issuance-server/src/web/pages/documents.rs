//! The papers of a case: the list, the upload, each picture by itself, and taking one out.
//! An upload is read from its bytes alone: neither its name nor what its sender calls it counts, and what is stored
//! is our own JPEG of its pixels.

use askama::Template;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::handler::Handler;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use issuance::actor::Actor;
use issuance::application::Filed;
use issuance::casework;
use issuance::document::{self, Document, DocumentKind, Need};
use issuance::id::{ApplicationId, OfficerId};
use issuance::officer::Role;
use issuance::reading;
use issuance::register::{DocumentStore, OfficeStore};
use issuance::removal::{self, Removal, RemovalReason};

use crate::picture::Picture;
use crate::sqlite::SqliteRegister;
use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Clerk, Power, ReadsCases, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::person::{case_number, clock_time, officer_name};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CaseUrl, DocumentUrl, Documents, PhotoUrl, RemoveDocument};
use crate::web::words::documents::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<Documents, _, _>(page)
        // The gate has received the whole body within the limit of uploads; axum's own is smaller.
        .post::<Documents, _, _>(upload.layer(DefaultBodyLimit::disable()))
        .get::<DocumentUrl, _, _>(open)
        .post::<RemoveDocument, _, _>(remove)
}

/// The papers of a case.
#[derive(Debug, Template)]
#[template(path = "documents.html")]
pub struct DocumentsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub d: &'static Words,
    /// The case.
    pub case: String,
    /// Its page.
    pub back: String,
    /// Where an upload is sent; `None` for who may not, or after the review.
    pub upload: Option<String>,
    /// Why nothing can be added.
    pub closed: Option<String>,
    /// Where the photo is cut.
    pub cut: Option<String>,
    /// The photo and what it shows.
    pub photo: Option<(String, String)>,
    /// What the county asks for and nobody brought yet.
    pub missing: Vec<String>,
    /// Each paper.
    pub rows: Vec<Row>,
    /// Each that was taken out.
    pub gone: Vec<Gone>,
    /// What was typed.
    pub form: Form,
    /// Kinds that are uploaded.
    pub kinds: Vec<(&'static str, String)>,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

/// One paper.
#[derive(Debug)]
pub struct Row {
    /// The picture.
    pub url: String,
    /// What it is.
    pub kind: String,
    /// By whom and when it was added.
    pub added: String,
    /// Where it is taken out; `None` for who may not, or after the review.
    pub removal: Option<String>,
}

/// One paper that was taken out.
#[derive(Debug)]
pub struct Gone {
    /// What it was.
    pub kind: String,
    /// Why it went.
    pub reason: String,
    /// By whom and when.
    pub removed: String,
}

impl DocumentsPage {
    /// The choices of reason.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&'static str, String)> {
        let word = |reason: &RemovalReason| self.frame.lang.word(reason.zh(), reason.as_str());
        RemovalReason::ALL.iter().map(|reason| (reason.as_str(), word(reason))).collect()
    }
}

async fn page(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<Documents>,
) -> Result<Response, Refused> {
    show(&officer, &app, url.id, Form::default(), None).await
}

async fn upload(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<Documents>,
    parts: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refused> {
    officer.visit.note_case(url.id);
    let who = officer.officer.clone();
    app.desk.run(move |desk| Ok(casework::look_at(&desk.register, url.id, &who).map(drop)?)).await?;
    let parts = parts.map_err(|_| Refused::Unreadable)?;
    let (lang, d) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let Sent { kind, file } = Sent::read(parts).await?;
    let mut form = Form::of(&Fields::default().with("kind", &kind));
    // The photo itself is cut here, never sent.
    let kind = DocumentKind::parse(&kind).filter(|kind| kind.is_received());
    let kind = form.require("kind", kind, d.kind_choose);
    let made = app.picture(move || Picture::read(&file).and_then(|picture| picture.scan())).await?;
    let picture = made.map_err(|fault| form.fault("file", lang.pick(fault.zh(), fault.en()))).ok();
    let (Some(kind), Some(picture)) = (kind, picture) else {
        let mut page = show(&officer, &app, url.id, form, None).await?;
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page);
    };
    let actor = officer.clone();
    let done = app
        .desk
        .run(move |desk| Ok(document::attach(&mut desk.register, url.id, kind, picture, &actor.actor())?));
    match done.await {
        Ok(_) if kind == DocumentKind::Portrait => {
            Ok(Redirect::to(&PhotoUrl { id: url.id }.to_string()).into_response())
        }
        Ok(_) => Ok(Redirect::to(&url.to_string()).into_response()),
        Err(Refused::Rule(error)) => {
            let text = lang.pick(error.zh(), error.en());
            let mut page = show(&officer, &app, url.id, form, Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
        Err(refused) => Err(refused),
    }
}

async fn open(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<DocumentUrl>,
) -> Result<Response, Refused> {
    let actor = officer.clone();
    let opened =
        app.desk.run(move |desk| Ok(document::open(&mut desk.register, url.id, &actor.actor())?)).await?;
    officer.visit.note_case(opened.0.application);
    Ok(picture(opened.1, Some(&opened.0)))
}

async fn remove(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<RemoveDocument>,
    fields: Fields,
) -> Result<Response, Refused> {
    let lang = officer.visit.lang();
    let actor = officer.clone();
    let looked = app.desk.run(move |desk| {
        let document = desk.register.document(url.id)?.ok_or(Refused::NotFound)?;
        casework::look_at(&desk.register, document.application, &actor.officer)?;
        Ok(document.application)
    });
    let case = looked.await?;
    officer.visit.note_case(case);
    let Some(reason) = RemovalReason::parse(fields.get("reason")) else {
        let text = Words::of(lang).removal_choose.to_owned();
        let mut page = show(&officer, &app, case, Form::default(), Some(text)).await?;
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page);
    };
    let actor = officer.clone();
    let done =
        app.desk.run(move |desk| Ok(removal::remove(&mut desk.register, url.id, reason, &actor.actor())?));
    match done.await {
        Ok(_) => Ok(Redirect::to(&Documents { id: case }.to_string()).into_response()),
        Err(Refused::Rule(error)) => {
            let text = lang.pick(error.zh(), error.en());
            let mut page = show(&officer, &app, case, Form::default(), Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
        Err(refused) => Err(refused),
    }
}

/// A picture of our own making, which nothing can make into anything else.
pub(crate) fn picture(bytes: Vec<u8>, document: Option<&Document>) -> Response {
    let name = document.map_or_else(String::new, |document| format!("; filename=\"{}.jpg\"", document.id));
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, "image/jpeg".into()),
        (header::CONTENT_DISPOSITION, format!("inline{name}")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox".into()),
    ];
    (headers, bytes).into_response()
}

/// The parts of an upload that count.
struct Sent {
    kind: String,
    file: Vec<u8>,
}

impl Sent {
    async fn read(mut parts: Multipart) -> Result<Self, Refused> {
        let unreadable = |_: MultipartError| Refused::Unreadable;
        let mut sent = Self { kind: String::new(), file: Vec::new() };
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            count += 1;
            if count > MOST_PARTS {
                return Err(Refused::Unreadable);
            }
            match part.name() {
                Some("kind") => sent.kind = part.text().await.map_err(unreadable)?,
                Some("file") => sent.file = part.bytes().await.map_err(unreadable)?.into(),
                _ => {}
            }
        }
        Ok(sent)
    }
}

struct Loaded {
    filed: Filed,
    documents: Vec<(Document, String)>,
    removals: Vec<(Removal, String)>,
    missing: Vec<Need>,
    photo: Option<Document>,
}

async fn show<P: Power>(
    officer: &SignedIn<P>,
    app: &App,
    id: ApplicationId,
    form: Form,
    refused: Option<String>,
) -> Result<Response, Refused> {
    officer.visit.note_case(id);
    let (lang, now) = (officer.visit.lang(), officer.now());
    let (who, origin) = (officer.officer.clone(), officer.origin.clone());
    let d = Words::of(lang);
    let loaded = app.desk.run(move |desk| {
        let register = &mut desk.register;
        let actor = Actor { officer: &who, now, origin: &origin };
        let filed = reading::case(register, id, &actor)?;
        let name = |register: &SqliteRegister, who: OfficerId| -> Result<String, Refused> {
            Ok(register.officer(who)?.map(|who| officer_name(&who)).unwrap_or_default())
        };
        let mut documents = Vec::new();
        for document in register.documents_of(id)? {
            let who = name(register, document.added_by)?;
            documents.push((document, who));
        }
        let mut removals = Vec::new();
        for removal in register.removals_of(id)? {
            let who = name(register, removal.removed_by)?;
            removals.push((removal, who));
        }
        let missing = document::missing(register, &filed, &actor)?;
        let photo = document::photo_of_case(register, &filed)?;
        Ok(Loaded { filed, documents, removals, missing, photo })
    });
    let Loaded { filed, documents, removals, missing, photo } = loaded.await?;
    let open = document::must_take_documents(&filed.application);
    let serves = officer.must_serve(filed.application.request().desk).is_ok();
    let adds = officer.officer.roles.has(Role::Clerk) && serves;
    let has_portrait = documents.iter().any(|(document, _)| document.kind == DocumentKind::Portrait);
    let name = filed.application.request().particulars.name.expose();
    let rows = documents.iter().map(|(document, who)| Row {
        url: DocumentUrl { id: document.id }.to_string(),
        kind: kind_word(document.kind, lang),
        added: format!("{who} {}", clock_time(document.added_at)),
        removal: (adds && open.is_ok()).then(|| RemoveDocument { id: document.id }.to_string()),
    });
    let gone = removals.iter().map(|(removal, who)| Gone {
        kind: kind_word(removal.document.kind, lang),
        reason: lang.word(removal.reason.zh(), removal.reason.as_str()),
        removed: format!("{who} {}", clock_time(removal.removed_at)),
    });
    frame::show(&DocumentsPage {
        frame: Frame::inside(app, officer, d.documents),
        d,
        case: format!("{} · {name}", case_number(&filed)),
        back: CaseUrl { id }.to_string(),
        upload: (adds && open.is_ok()).then(|| Documents { id }.to_string()),
        closed: open.as_ref().err().filter(|_| adds).map(|error| lang.pick(error.zh(), error.en())),
        cut: (adds && open.is_ok() && has_portrait).then(|| PhotoUrl { id }.to_string()),
        photo: photo.map(|photo| shown(&photo, name, lang)),
        missing: missing.iter().map(|need| need_word(need, lang)).collect(),
        rows: rows.collect(),
        gone: gone.collect(),
        form,
        kinds: DocumentKind::ALL
            .iter()
            .filter(|kind| kind.is_received())
            .map(|kind| (kind.as_str(), kind_word(*kind, lang)))
            .collect(),
        refused,
    })
}

/// Address and alternative text of a photo.
pub(crate) fn shown(photo: &Document, name: &str, lang: Lang) -> (String, String) {
    let d = Words::of(lang);
    (DocumentUrl { id: photo.id }.to_string(), format!("{}{name}", d.photo_of))
}

fn kind_word(kind: DocumentKind, lang: Lang) -> String {
    lang.word(kind.zh(), kind.as_str())
}

fn need_word(need: &Need, lang: Lang) -> String {
    let words: Vec<_> = need.iter().map(|kind| kind_word(*kind, lang)).collect();
    words.join(Words::of(lang).or)
}

/// Token, kind and file; a body of thousands is an attack on the parser.
const MOST_PARTS: usize = 8;
