//! The photo of a case, cut out of a portrait: numbers say where, links nudge them, the server draws the preview.
//! Everything works by keyboard and without script, which spares a page load a nudge; nothing is stored until the photo
//! is taken into use.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use issuance::document::{self, DocumentKind};
use issuance::id::{ApplicationId, DocumentId};
use issuance::reading;

use crate::picture::{Crop, Picture, PictureFault};
use crate::web::app::App;
use crate::web::fields::{Asked, Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Clerk, SignedIn};
use crate::web::pages::documents::{picture, shown};
use crate::web::pages::person::case_number;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, DocumentUrl, Documents, PhotoPreview, PhotoUrl};
use crate::web::words::documents::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<PhotoUrl, _, _>(page)
        .post::<PhotoUrl, _, _>(take)
        .get::<PhotoPreview, _, _>(preview)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "photo.html")]
pub struct PhotoPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub d: &'static Words,
    /// The case.
    pub case: String,
    /// Its papers.
    pub back: String,
    /// Where the numbers are sent.
    pub url: PhotoUrl,
    /// The portrait; `None` where there is none yet.
    pub portrait: Option<String>,
    /// The photo as it would be.
    pub preview: String,
    /// The photo in use and what it shows.
    pub current: Option<(String, String)>,
    /// Where previews are drawn.
    pub drawn: String,
    /// Each way to move the cut.
    pub nudges: Vec<Nudge>,
    /// The numbers.
    pub form: Form,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

/// One way to move the cut.
#[derive(Debug)]
pub struct Nudge {
    /// What it does.
    pub word: &'static str,
    /// The key that does it where scripts run.
    pub key: &'static str,
    /// So many steps to the right, down and closer, for the script.
    pub by: &'static str,
    /// The page with the cut moved.
    pub url: String,
}

async fn page(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<PhotoUrl>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let crop = crop(&asked).unwrap_or(Crop::FIRST);
    show(&officer, &app, url.id, crop, filled(crop), None).await
}

async fn take(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<PhotoUrl>,
    fields: Fields,
) -> Result<Response, Refused> {
    let (lang, d) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let mut form = Form::of(&fields);
    for field in ["x", "y", "zoom"] {
        form.require(field, number(&fields, field), d.number_wrong);
    }
    let Some(crop) = crop(&fields) else {
        return show(&officer, &app, url.id, Crop::FIRST, form, None).await;
    };
    if fields.get("then") != "take" {
        return Ok(Redirect::to(&format!("{url}{}", query(crop))).into_response());
    }
    let made = cut(&officer, &app, url.id, crop).await?;
    let photo = match made {
        Ok(photo) => photo,
        Err(fault) => {
            let text = lang.pick(fault.zh(), fault.en()).to_owned();
            return unmade(show(&officer, &app, url.id, crop, form, Some(text)).await?);
        }
    };
    let actor = officer.clone();
    let done = app.desk.run(move |desk| {
        Ok(document::attach(&mut desk.register, url.id, DocumentKind::Photo, photo, &actor.actor())?)
    });
    match done.await {
        Ok(_) => Ok(Redirect::to(&Documents { id: url.id }.to_string()).into_response()),
        Err(Refused::Rule(error)) => {
            let text = lang.pick(error.zh(), error.en());
            unmade(show(&officer, &app, url.id, crop, form, Some(text)).await?)
        }
        Err(refused) => Err(refused),
    }
}

async fn preview(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<PhotoPreview>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let crop = crop(&asked).ok_or(Refused::NotFound)?;
    match cut(&officer, &app, url.id, crop).await? {
        Ok(photo) => Ok(picture(photo, None)),
        Err(_) => Err(Refused::NotFound),
    }
}

fn unmade(mut page: Response) -> Result<Response, Refused> {
    *page.status_mut() = StatusCode::CONFLICT;
    Ok(page)
}

/// The part of the latest portrait.
async fn cut(
    officer: &SignedIn<Clerk>,
    app: &App,
    id: ApplicationId,
    crop: Crop,
) -> Result<Result<Vec<u8>, PictureFault>, Refused> {
    let actor = officer.clone();
    let portrait = app
        .desk
        .run(move |desk| Ok(document::open_portrait(&mut desk.register, id, &actor.actor())?))
        .await?;
    app.picture(move || Picture::read(&portrait).and_then(|picture| picture.photo(crop))).await
}

async fn show(
    officer: &SignedIn<Clerk>,
    app: &App,
    id: ApplicationId,
    crop: Crop,
    form: Form,
    refused: Option<String>,
) -> Result<Response, Refused> {
    officer.visit.note_case(id);
    let (lang, actor) = (officer.visit.lang(), officer.clone());
    let d = Words::of(lang);
    let loaded = app.desk.run(move |desk| {
        let register = &mut desk.register;
        let filed = reading::case(register, id, &actor.actor())?;
        let portrait = document::latest(register, id, DocumentKind::Portrait)?;
        let photo = document::latest(register, id, DocumentKind::Photo)?;
        Ok((filed, portrait, photo))
    });
    let (filed, portrait, photo) = loaded.await?;
    let name = filed.application.request().particulars.name.expose();
    let url = PhotoUrl { id };
    let (x, y, zoom) = crop.parts();
    // A step is a twentieth of what is seen.
    let step = (5000 / zoom).max(5);
    let nudges = [
        (d.move_left, "←", "-1,0,0", Crop::new(x.saturating_sub(step), y, zoom)),
        (d.move_right, "→", "1,0,0", Crop::new(x + step, y, zoom)),
        (d.move_up, "↑", "0,-1,0", Crop::new(x, y.saturating_sub(step), zoom)),
        (d.move_down, "↓", "0,1,0", Crop::new(x, y + step, zoom)),
        (d.closer, "+", "0,0,1", Crop::new(x, y, zoom + 15)),
        (d.farther, "-", "0,0,-1", Crop::new(x, y, zoom.saturating_sub(15))),
    ];
    let nudges =
        nudges.map(|(word, key, by, crop)| Nudge { word, key, by, url: format!("{url}{}", query(crop)) });
    let address = |portrait: DocumentId| DocumentUrl { id: portrait }.to_string();
    frame::show(&PhotoPage {
        frame: Frame::inside(app, officer, d.cut),
        d,
        case: format!("{} · {name}", case_number(&filed)),
        back: Documents { id }.to_string(),
        portrait: portrait.map(|portrait| address(portrait.id)),
        preview: format!("{}{}", PhotoPreview { id }, query(crop)),
        current: photo.map(|photo| shown(&photo, name, lang)),
        drawn: PhotoPreview { id }.to_string(),
        nudges: nudges.into(),
        url,
        form,
        refused,
    })
}

fn filled(crop: Crop) -> Form {
    let (x, y, zoom) = crop.parts();
    let numbers = [("x", x), ("y", y), ("zoom", zoom)];
    Form::of(&numbers.iter().fold(Fields::default(), |fields, (key, n)| fields.with(key, &n.to_string())))
}

fn query(crop: Crop) -> String {
    let (x, y, zoom) = crop.parts();
    format!("?x={x}&y={y}&zoom={zoom}")
}

fn crop(fields: &Fields) -> Option<Crop> {
    Some(Crop::new(number(fields, "x")?, number(fields, "y")?, number(fields, "zoom")?))
}

fn number(fields: &Fields, name: &str) -> Option<u32> {
    fields.get(name).trim().parse().ok().filter(|number| *number <= 10_000)
}
