//! For whoever supervises the process. `/livez`: it answers. `/readyz`: it reaches its register.

use axum::extract::State;

use crate::web::app::App;
use crate::web::guard::Anyone;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{Livez, Readyz};

/// Both.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Livez, _, _>(live).get::<Readyz, _, _>(ready)
}

async fn live(_: Anyone) -> &'static str {
    "ok\n"
}

async fn ready(_: Anyone, State(app): State<App>) -> Result<&'static str, Refused> {
    let asked = app.desk.run(|desk| {
        Ok(desk.connection().query_row("SELECT 1 FROM session UNION SELECT 1 LIMIT 1", [], |_| Ok(()))?)
    });
    asked.await.map_err(|_| Refused::Busy)?;
    Ok("ok\n")
}
