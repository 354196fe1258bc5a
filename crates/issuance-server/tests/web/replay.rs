//! Forms sent a second time, byte for byte and with the cookies of then: a whole case and what becomes of its certificate.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use image::ImageFormat;
use issuance_server::web::issuing::issue_all;
use tower::ServiceExt;

use crate::browser::{Browser, Sent, Service};
use crate::cards::switch_on;
use crate::casework::{decide, identity, noticed, press};
use crate::documents::{file, send};

/// Everything that is kept, but for the audit, in which a second sending may leave its row, and the sessions.
async fn rows(service: &Service) -> Vec<String> {
    let read = service.app.desk.run(|desk| {
        let connection = desk.connection();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                     AND name NOT IN ('audit', 'audit_head', 'session') ORDER BY name";
        let mut names = connection.prepare(sql)?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for name in names {
            let mut statement = connection.prepare(&format!("SELECT * FROM {name}"))?;
            let columns = statement.column_count();
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let values = (0..columns).map(|at| row.get_ref(at).map(|value| format!("{value:?}")));
                rows.push(format!("{name} {:?}", values.collect::<Result<Vec<_>, _>>()?));
            }
        }
        Ok(rows)
    });
    read.await.unwrap()
}

async fn press_button(browser: &mut Browser, page: &str, form: &str, fields: &[(&str, &str)]) {
    browser.get(page).await;
    let answer = browser.post(form, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}: {}", answer.body);
}

#[tokio::test]
async fn no_form_of_a_whole_case_does_anything_when_it_is_sent_again() {
    let service = Service::new();
    let press = press(&service).await;
    switch_on(&service).await;
    let case = noticed(&service, &identity(2), "王秀兰").await;
    let mut clerk = service.signed_in("clerk").await;
    let portrait = file(ImageFormat::Jpeg);
    let sent = send(&mut clerk, &case, "portrait", "a.jpg", &portrait).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let cut = format!("{case}/photo");
    press_button(&mut clerk, &cut, &cut, &[("x", "500"), ("y", "450"), ("zoom", "100"), ("then", "take")])
        .await;
    replay(&service, 7).await;
    service.wait(9 * 86_400);
    decide(&service, &case).await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);

    let (page, today) = ("/certificates/1", service.now().date_in_china().to_string());
    let (mut clerk, mut desk) = (service.signed_in("clerk").await, service.signed_in("desk").await);
    press_button(&mut desk, page, "/certificates/1/card", &[]).await;
    press_button(&mut desk, page, "/certificates/1/card/replace", &[]).await;
    for reason in ["data_conflict", "cleared", "death"] {
        let fields = [("reason", reason), ("effective", today.as_str())];
        press_button(&mut clerk, page, "/certificates/1/changes", &fields).await;
    }
    let mut approver = service.signed_in("approver").await;
    press_button(&mut approver, page, "/changes/3", &[("word", "confirm")]).await;
    replay(&service, 8).await;
}

/// What was sent since the last time, while its sessions are still good.
async fn replay(service: &Service, at_least: usize) {
    let done = std::mem::take(&mut *service.done.lock().unwrap());
    let forms: Vec<_> = done.into_iter().filter(|sent| !sent.path.starts_with("/sign-in")).collect();
    assert!(forms.len() >= at_least, "{} forms", forms.len());
    let before = rows(service).await;
    for Sent { path, headers, body } in forms {
        let mut request = Request::post(&path).body(Body::from(body)).unwrap();
        *request.headers_mut() = headers;
        let answer = service.router.clone().oneshot(request).await.unwrap();
        let (status, to) = (answer.status(), answer.headers().get("location").cloned());
        assert!(!status.is_server_error() && status != StatusCode::FORBIDDEN, "{path}: {status}");
        assert!(
            to.is_none_or(|to| !to.to_str().unwrap().starts_with("/sign-in")),
            "{path}: nobody was signed in"
        );
        let after = rows(service).await;
        let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
        assert!(new.is_empty() && after.len() == before.len(), "{path}: {new:#?}");
    }
}
