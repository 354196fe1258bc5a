//! What stands around every page: who is signed in, the menu, the language, the token of its forms.
//! A page owns a `Frame` and adds what is its own.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::web::app::App;
use crate::web::assets::{Asset, ICON, SCRIPT, STYLE};
use crate::web::guard::{Power, SignedIn};
use crate::web::lang::Lang;
use crate::web::refused::Refused;
use crate::web::url::{
    Audit, CardDesk, Cases, Certificates, Clients, Home, Notices, Officers, Offices, Pilots, SettingsPage,
};
use crate::web::visit::Visit;
use crate::web::words::Words;

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's own title.
    pub title: String,
    /// Its language.
    pub lang: Lang,
    /// Its words.
    pub w: &'static Words,
    /// Hidden in each form.
    pub form_token: String,
    /// Who is signed in: name, office and roles.
    pub officer: Option<Badge>,
    /// The pages this officer may open.
    pub menu: Vec<MenuItem>,
    /// The address of this page, to come back to after a change of language.
    pub here: String,
    /// Whether everybody on this page is invented.
    pub is_demo: bool,
}

/// Who is signed in, as the head of the page says it.
#[derive(Clone, Debug)]
pub struct Badge {
    /// The officer.
    pub name: String,
    /// Their office.
    pub office: String,
    /// Their roles.
    pub roles: String,
}

/// One entry of the menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// Where it leads.
    pub url: String,
    /// What it says.
    pub label: &'static str,
    /// Whether this page belongs to it.
    pub is_here: bool,
}

impl Frame {
    /// Around a page for an officer.
    #[must_use]
    pub fn inside<P: Power>(app: &App, officer: &SignedIn<P>, title: impl Into<String>) -> Self {
        let (visit, who) = (&officer.visit, &officer.officer);
        let lang = visit.lang();
        let roles: Vec<_> = who.roles.iter().map(|role| lang.role(role)).collect();
        let badge = Badge {
            name: who.name.expose().to_owned(),
            office: who.office.name.expose().to_owned(),
            roles: roles.join(lang.pick("、", ", ")),
        };
        let w = lang.words();
        let mut menu = Vec::new();
        let here = visit.path().split('?').next().unwrap_or_default();
        let mut add = |may: bool, url: String, label| {
            let is_here = here == url
                || (url != "/" && here.strip_prefix(&url).is_some_and(|rest| rest.starts_with('/')));
            menu.extend(may.then_some(MenuItem { url, label, is_here }));
        };
        add(app.may_open::<Home>(who), Home {}.to_string(), w.nav_home);
        add(app.may_open::<Cases>(who), Cases {}.to_string(), w.nav_cases);
        add(app.may_open::<Certificates>(who), Certificates {}.to_string(), w.nav_certificates);
        add(app.may_open::<Notices>(who), Notices {}.to_string(), w.nav_notices);
        add(app.may_open::<CardDesk>(who), CardDesk {}.to_string(), w.nav_cards);
        add(app.may_open::<Audit>(who), Audit {}.to_string(), w.nav_audit);
        add(app.may_open::<Offices>(who), Offices {}.to_string(), w.nav_offices);
        add(app.may_open::<Officers>(who), Officers {}.to_string(), w.nav_officers);
        add(app.may_open::<Clients>(who), Clients {}.to_string(), w.nav_clients);
        add(app.may_open::<Pilots>(who), Pilots {}.to_string(), w.nav_pilots);
        add(app.may_open::<SettingsPage>(who), SettingsPage {}.to_string(), w.nav_settings);
        Self { officer: Some(badge), menu, ..Self::outside(app, visit, title) }
    }

    /// Around a page for anybody.
    #[must_use]
    pub fn outside(app: &App, visit: &Visit, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            lang: visit.lang(),
            w: visit.lang().words(),
            form_token: visit.form_token().map(|token| token.expose().to_owned()).unwrap_or_default(),
            officer: None,
            menu: Vec::new(),
            here: visit.path().to_owned(),
            is_demo: app.settings.demo,
        }
    }

    /// The style sheet.
    #[must_use]
    pub fn style(&self) -> &'static Asset {
        &STYLE
    }

    /// The keyboard script.
    #[must_use]
    pub fn script(&self) -> &'static Asset {
        &SCRIPT
    }

    /// The icon.
    #[must_use]
    pub fn icon(&self) -> &'static Asset {
        &ICON
    }

    /// One of two texts by language.
    #[must_use]
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }
}

/// The answer with a page.
pub fn show(page: &impl Template) -> Result<Response, Refused> {
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.render()?).into_response())
}
