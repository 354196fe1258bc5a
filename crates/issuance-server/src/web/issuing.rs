//! Signing what was approved, as soon as it is approved: one task beside the pages, at the same desks. It begins from
//! rows, so that what an earlier run left undone is done first; a case that cannot be signed is left and told of.

use std::sync::Arc;
use std::time::Duration;

use credential::region::Region;
use issuance::actor::Actor;
use issuance::grants::Grants;
use issuance::id::OfficerId;
use issuance::issuing::{Cursor, Issuer, issue_batch};
use issuance::register::{IssuerKey, OfficeStore};
use issuance::rehearsal::Rehearsal;
use issuance::signer::Signer;
use issuance::text::Line;

use crate::web::app::App;
use crate::web::desk::Desk;
use crate::web::refused::Refused;

/// What signing needs besides a register.
pub struct Press {
    /// The key.
    pub signer: Box<dyn Signer + Send + Sync>,
    /// Its list.
    pub key: IssuerKey,
    /// The province it issues for.
    pub region: Region,
    /// What passes say.
    pub grants: Grants,
}

/// Signs whatever is approved, now and whenever an approval or a minute passes; ends with the runtime.
pub async fn run(app: App, press: Arc<Press>) {
    loop {
        match issue_all(&app, &press).await {
            Ok(0) => {}
            Ok(issued) => tracing::info!(issued, "certificates signed"),
            Err(refused) => tracing::error!(code = refused.code(), "nothing signed"),
        }
        let _ = tokio::time::timeout(EVERY, app.issuing_due()).await;
    }
}

/// How many were signed. What it counts is on the disk.
pub async fn issue_all(app: &App, press: &Arc<Press>) -> Result<usize, Refused> {
    let (parts, press) = (app.clone(), Arc::clone(press));
    app.desk.run(move |desk| issue(&parts, &press, desk)).await
}

fn issue(app: &App, press: &Press, desk: &mut Desk) -> Result<usize, Refused> {
    let now = app.clock.now();
    let service = desk.register.officer(OfficerId::SERVICE)?.ok_or(Refused::Failed)?;
    let origin = Line::parse("service").map_err(|_| Refused::Failed)?;
    let actor = Actor { officer: &service, now, origin: &origin };
    let Press { signer, key, region, grants } = press;
    let (mut cursor, mut issued) = (Some(Cursor::default()), 0);
    app.random.with(|mut rng| {
        let rehearsal = Rehearsal::new(signer.public_key(), *key, *region, now, &mut rng)?;
        let issuer = Issuer { signer: signer.as_ref(), key: *key, rehearsal: &rehearsal, grants };
        while let Some(from) = cursor {
            let batch = issue_batch(&mut desk.register, &issuer, from, AT_ONCE, &actor, &mut rng)?;
            for (application, error) in &batch.failed {
                tracing::error!(case = application.get(), why = error.en(), "not signed");
            }
            issued += batch.issued.len();
            cursor = batch.next;
        }
        Ok(issued)
    })
}

/// A transaction of some milliseconds: pages wait for no longer.
const AT_ONCE: usize = 50;
/// What failed for a passing reason is tried again.
const EVERY: Duration = Duration::from_secs(60);
