//! The table of routes. `Routes` takes only handlers whose first argument is a `Guard`: a handler that forgot to
//! say who may call it does not compile. What it took is kept as data, so that tests can try every route.
//!
//! ```compile_fail
//! use issuance_server::web::routes::Routes;
//! use issuance_server::web::url::Home;
//! async fn open_to_all() -> &'static str { "" }
//! Routes::default().get::<Home, _, _>(open_to_all);
//! ```

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};

use crate::web::app::App;
use crate::web::guard::{Guard, Who};
use crate::web::url::Url;

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The pattern.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
}

/// Routes with who may call each.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

impl Routes {
    /// A page.
    #[must_use]
    pub fn get<U: Url, H: Handler<T, App>, T: Guarded + 'static>(self, handler: H) -> Self {
        self.get_at(U::PATTERN, handler)
    }

    /// What a form does.
    #[must_use]
    pub fn post<U: Url, H: Handler<T, App>, T: Guarded + 'static>(self, handler: H) -> Self {
        self.post_at(U::PATTERN, handler)
    }

    /// A page at a pattern that no page links to.
    #[must_use]
    pub fn get_at<H: Handler<T, App>, T: Guarded + 'static>(
        mut self,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.table.push(Route { method: "GET", path, who: T::First::WHO });
        Self { router: self.router.route(path, get(handler)), ..self }
    }

    /// The same for what a form or a program sends.
    #[must_use]
    pub fn post_at<H: Handler<T, App>, T: Guarded + 'static>(
        mut self,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.table.push(Route { method: "POST", path, who: T::First::WHO });
        Self { router: self.router.route(path, post(handler)), ..self }
    }

    /// With the routes of another part.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The router.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}

/// The arguments of a handler, of which the first is a guard. Axum's own marker stands before them.
pub trait Guarded {
    /// The guard.
    type First: Guard;
}

macro_rules! guarded {
    ($($rest:ident),*) => {
        impl<M, G: Guard, $($rest),*> Guarded for (M, G, $($rest),*) {
            type First = G;
        }
    };
}
guarded!();
guarded!(A);
guarded!(A, B);
guarded!(A, B, C);
guarded!(A, B, C, D);
guarded!(A, B, C, D, E);
