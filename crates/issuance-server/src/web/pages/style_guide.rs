//! Every style on one page, to look at in both themes, at 320 px and in print. In a demonstration only.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::Anyone;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::StyleGuide;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<StyleGuide, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "style_guide.html")]
pub struct StyleGuidePage {
    /// Around it.
    pub frame: Frame,
    /// A form with faults.
    pub form: Form,
}

impl StyleGuidePage {
    /// With one fault of each kind.
    #[must_use]
    pub fn new(frame: Frame) -> Self {
        let fields = Fields::default()
            .with("identity", "110105194912310023")
            .with("kind", "county")
            .with("roles", "clerk");
        let mut form = Form::of(&fields);
        form.fault("identity", "身份证号第 18 位应为 X，填写的是 3。请核对原件。");
        form.fault("roles", "请至少选择一个岗位。");
        Self { frame, form }
    }
}

async fn page(guard: Anyone, State(app): State<App>) -> Result<Response, Refused> {
    if !app.settings.demo {
        return Err(Refused::NotFound);
    }
    frame::show(&StyleGuidePage::new(Frame::outside(&app, &guard.visit, "样式 · Style guide")))
}
