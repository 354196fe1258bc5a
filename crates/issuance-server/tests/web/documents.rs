//! Papers and photos of a case: taken in, made anew, cut, shown, and refused.

use std::io::Cursor;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use image::{ImageFormat, RgbImage};
use issuance::pilot::Feature;

use crate::browser::{Answer, Browser, Service, hidden};
use crate::casework::{approve, enter, identity, take};

/// A portrait: a light face before a darker wall.
fn portrait() -> RgbImage {
    RgbImage::from_fn(900, 1200, |x, y| {
        let (dx, dy) = (i64::from(x) - 450, i64::from(y) - 500);
        let face = dx * dx / 4 + dy * dy / 6 < 20_000;
        image::Rgb(if face { [224, 190, 170] } else { [60, 90, (y / 8) as u8] })
    })
}

pub(crate) fn file(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    portrait().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Sends a file as a browser does: token first, then the kind, then the file under a name.
pub(crate) async fn send(
    browser: &mut Browser,
    case: &str,
    kind: &str,
    name: &str,
    content: &[u8],
) -> Answer {
    let url = format!("{case}/documents");
    browser.get(&url).await;
    let mut fields = hidden(&browser.page, &url);
    fields.push(("kind".into(), kind.into()));
    send_form(browser, &url, &fields, name, content).await
}

/// A form with a file.
pub(crate) async fn send_form(
    browser: &mut Browser,
    url: &str,
    fields: &[(String, String)],
    name: &str,
    content: &[u8],
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--sep\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        format!(
            "--sep\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        )
        .bytes(),
    );
    body.extend(content);
    body.extend(b"\r\n--sep--\r\n");
    let request = Request::post(url)
        .header("origin", "http://issuer.example")
        .header("content-type", "multipart/form-data; boundary=sep")
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

/// Fills in the numbers of the page that cuts, and presses one of its buttons.
async fn cut(browser: &mut Browser, case: &str, x: &str, then: &str) -> Answer {
    let url = format!("{case}/photo");
    browser.get(&url).await;
    browser.post(&url, &[("x", x), ("y", "450"), ("zoom", "100"), ("then", then)]).await
}

async fn switch(service: &Service, feature: Feature, is_on: bool) {
    let mut chief = service.signed_in("chief").await;
    chief.get("/pilots").await;
    let state = if is_on { "on" } else { "off" };
    let fields = [("feature", feature.as_str()), ("region", "220102"), ("state", state)];
    assert_eq!(chief.post("/pilots", &fields).await.status, StatusCode::SEE_OTHER);
}

const DOCUMENTS: &str = "SELECT count(*) FROM document";

#[tokio::test]
async fn a_portrait_is_taken_in_cut_and_shown_wherever_the_person_is() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    let answer = send(&mut clerk, &case, "portrait", "me.jpg", &file(ImageFormat::Jpeg)).await;
    assert_eq!(answer.location(), format!("{case}/photo"), "{}", answer.body);
    let page = clerk.get(answer.location()).await.body;
    assert!(page.contains("/photo/preview?x=500&#38;y=450&#38;zoom=100"), "{page}");
    let preview = clerk.get(&format!("{case}/photo/preview?x=500&y=450&zoom=100")).await;
    assert_eq!((preview.status, preview.header("content-type")), (StatusCode::OK, "image/jpeg"));
    let shown = cut(&mut clerk, &case, "480", "show").await;
    assert_eq!(shown.location(), format!("{case}/photo?x=480&y=450&zoom=100"), "a preview stores nothing");
    assert_eq!(service.count(DOCUMENTS).await, 1);
    let taken = cut(&mut clerk, &case, "480", "take").await;
    assert_eq!(taken.location(), format!("{case}/documents"), "{}", taken.body);
    assert_eq!(service.count("SELECT max(size) <= 12288 FROM document WHERE kind = 'photo'").await, 1);
    for path in [format!("{case}/documents"), case.clone()] {
        let page = clerk.get(&path).await.body;
        assert!(page.contains("src=\"/documents/2\" alt=\"证件照：王秀兰\""), "{path}: {page}");
    }
    let photo = clerk.get("/documents/2").await;
    assert_eq!(photo.header("content-type"), "image/jpeg");
    assert_eq!(photo.header("content-disposition"), "inline; filename=\"2.jpg\"");
    assert_eq!(photo.header("x-content-type-options"), "nosniff");
    assert_eq!(photo.header("cache-control"), "no-store");
    assert!(photo.header("content-security-policy").contains("sandbox"));
    let deeds = service.deeds().await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "document_added").count(), 2);
    assert!(deeds.iter().any(|deed| deed == "document_viewed"));
}

#[tokio::test]
async fn what_is_no_picture_is_told_at_the_field_and_nothing_is_kept() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    let torn = file(ImageFormat::Png);
    for (name, content, text) in [
        ("scan.jpg", &b"%PDF-1.7 ..."[..], "PDF 请先另存为图片"),
        ("scan.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只接受 JPEG"),
        ("scan.png", b"", "请选择文件"),
        ("scan.png", &torn[..torn.len() / 3], "图片已损坏"),
    ] {
        let answer = send(&mut clerk, &case, "identity_card", name, content).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        assert!(answer.body.contains("<a href=\"#file\">") && answer.body.contains(text), "{}", answer.body);
        assert!(answer.body.contains("value=\"identity_card\" selected"), "the choice is kept");
    }
    let answer = send(&mut clerk, &case, "photo", "me.jpg", &file(ImageFormat::Jpeg)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a photo is cut here, never sent");
    assert_eq!(service.count(DOCUMENTS).await, 0);
}

#[tokio::test]
async fn the_name_of_a_file_goes_nowhere_and_the_same_file_counts_once() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    for name in ["../../../etc/passwd", "..\\..\\x.exe", "a%00.html", "/root/.ssh/id"] {
        let answer = send(&mut clerk, &case, "identity_card", name, &file(ImageFormat::Jpeg)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}");
    }
    assert_eq!(service.count(DOCUMENTS).await, 1, "sent four times, kept once");
    let page = clerk.get(&format!("{case}/documents")).await.body;
    assert!(!page.contains("passwd") && !page.contains(".exe") && !page.contains(".ssh"));
    for path in ["/documents/..%2f..%2fetc%2fpasswd", "/documents/1.jpg", "/documents/-1", "/documents/99"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_upload_above_the_limit_or_without_the_token_is_refused() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    let large = vec![0xff; (12 << 20) + 1];
    let answer = send(&mut clerk, &case, "identity_card", "x.jpg", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let between = vec![0xff; 3 << 20];
    let answer = send(&mut clerk, &case, "identity_card", "x.jpg", &between).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "read whole, above axum's own limit");
    let body = "--sep\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nportrait\r\n--sep--\r\n";
    let request = Request::post(format!("{case}/documents"))
        .header("origin", "http://issuer.example")
        .header("content-type", "multipart/form-data; boundary=sep")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(clerk.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(service.count(DOCUMENTS).await, 0);
}

#[tokio::test]
async fn a_paper_of_another_county_does_not_exist_and_only_clerks_add_any() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    send(&mut clerk, &case, "portrait", "x", &file(ImageFormat::Jpeg)).await;
    cut(&mut clerk, &case, "500", "take").await;
    let mut foreign = service.signed_in("foreign").await;
    for path in ["/documents/1", "/documents/2", "/applications/1/documents", "/applications/1/photo"] {
        assert_eq!(foreign.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(clerk.get(path).await.status, StatusCode::OK, "{path}");
    }
    let preview = "/applications/1/photo/preview?x=1&y=1&zoom=100";
    assert_eq!(foreign.get(preview).await.status, StatusCode::NOT_FOUND);
    // A doctor sees papers of the cases that wait for one, not before.
    let mut doctor = service.signed_in("doctor").await;
    assert_eq!(doctor.get("/documents/1").await.status, StatusCode::NOT_FOUND);
    take(&mut clerk, &case, "accept", &[]).await;
    assert_eq!(doctor.get("/documents/1").await.status, StatusCode::OK);
    let page = doctor.get(&format!("{case}/documents")).await.body;
    assert!(!page.contains("multipart"), "no form for who may not");
    assert_eq!(doctor.get(&format!("{case}/photo")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn where_papers_are_asked_for_a_case_waits_for_them() {
    let service = Service::new();
    switch(&service, Feature::Documents, true).await;
    switch(&service, Feature::SmartCard, true).await;
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::CONFLICT);
    assert!(clerk.page.contains("缺少材料：身份证或户口簿、证件照"), "{}", clerk.page);
    let page = clerk.get(&format!("{case}/documents")).await.body;
    assert!(page.contains("<li>身份证 或 户口簿</li><li>证件照</li>"), "{page}");
    send(&mut clerk, &case, "identity_card", "x", &file(ImageFormat::Jpeg)).await;
    send(&mut clerk, &case, "portrait", "x", &file(ImageFormat::Jpeg)).await;
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::CONFLICT, "a portrait is no photo");
    cut(&mut clerk, &case, "500", "take").await;
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn after_the_review_nothing_is_added() {
    let service = Service::new();
    let case = approve(&service, &identity(2), "王秀兰").await;
    let mut clerk = service.signed_in("clerk").await;
    let page = clerk.get(&format!("{case}/documents")).await.body;
    assert!(page.contains("审核后不能再上传材料") && !page.contains("multipart"), "{page}");
    clerk.get(&case).await;
    let token = hidden(&clerk.page, "/sign-out");
    let (name, value) = &token[0];
    let content = file(ImageFormat::Jpeg);
    let mut body = format!("--sep\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--sep\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nidentity_card\r\n--sep\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n").into_bytes();
    body.extend(content);
    body.extend(b"\r\n--sep--\r\n");
    let request = Request::post(format!("{case}/documents"))
        .header("origin", "http://issuer.example")
        .header("content-type", "multipart/form-data; boundary=sep")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(clerk.send(request).await.status, StatusCode::CONFLICT);
    assert_eq!(service.count(DOCUMENTS).await, 0);
}

#[tokio::test]
async fn without_qr_codes_in_the_region_the_certificate_shows_none() {
    let service = Service::new();
    let press = crate::casework::press(&service).await;
    approve(&service, &identity(2), "王秀兰").await;
    issuance_server::web::issuing::issue_all(&service.app, &press).await.unwrap();
    switch(&service, Feature::QrCode, false).await;
    let page = service.signed_in("clerk").await.get("/certificates/1").await.body;
    assert!(page.contains("本地区未开通二维码凭证") && !page.contains("<svg"), "{page}");
}
