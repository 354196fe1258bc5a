//! Papers and photos by programs: sent, made anew, read back, cut, taken out, and refused; and taken out on the page.

use axum::body::Body;
use axum::http::{StatusCode, header};
use http_body_util::BodyExt;
use image::ImageFormat;
use issuance_server::picture::PictureFault;
use issuance_server::web::scope::Scope;
use issuance_server::web::settings::{Limits, Settings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::browser::Service;
use crate::casework::{approve, enter, identity};
use crate::documents::{file, send};
use crate::program::Program;

const PAPERS: &str = "/api/v1/applications/1/documents";
const DOCUMENTS: &str = "SELECT count(*) FROM document";

/// A service with a case, and a clerk's program.
async fn entered() -> (Service, Program) {
    let service = Service::new();
    enter(&mut service.signed_in("clerk").await, &identity(2), "王秀兰").await;
    let clerk = Program::of(&service, "clerk").await;
    (service, clerk)
}

async fn add(program: &Program, kind: &str, picture: &[u8]) -> Value {
    let answer = program.send_picture(&format!("{PAPERS}?kind={kind}"), "image/jpeg", picture).await;
    answer.json(StatusCode::CREATED)
}

/// The bytes of a picture.
async fn read(program: &Program, id: i64) -> Vec<u8> {
    let request = program.request("GET", &format!("/api/v1/documents/{id}")).body(Body::empty()).unwrap();
    let response = program.service.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    response.into_body().collect().await.unwrap().to_bytes().into()
}

/// A JPEG with a place in its EXIF and a script behind its end.
fn with_secrets() -> Vec<u8> {
    let plain = file(ImageFormat::Jpeg);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS N43.88 E125.35";
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes.extend(b"<script>../../etc/passwd</script>");
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_program_adds_papers_reads_them_back_and_cuts_the_photo() {
    let (service, clerk) = entered().await;
    let sent = with_secrets();
    assert!(holds(&sent, "Exif") && holds(&sent, "GPS") && holds(&sent, "passwd"));
    let portrait = add(&clerk, "portrait", &sent).await;
    let kept = read(&clerk, 1).await;
    assert_eq!(portrait["sha256"], hex::encode(Sha256::digest(&kept)));
    assert_eq!(portrait["size"], kept.len());
    for left_behind in ["Exif", "GPS", "passwd", "script"] {
        assert!(!holds(&kept, left_behind), "{left_behind}");
    }
    let crop = json!({ "x": 480, "y": 450, "zoom": 110 });
    let photo = clerk.post("/api/v1/applications/1/photo", &crop).await.json(StatusCode::CREATED);
    assert_eq!((&photo["id"], &photo["kind"]), (&json!(2), &json!("photo")));
    assert!(read(&clerk, 2).await.len() <= 12 * 1024);
    let listed = clerk.get(PAPERS).await.json(StatusCode::OK);
    assert_eq!(listed["items"], json!([portrait, photo]));
    assert_eq!((&listed["photo"], &listed["open"]), (&json!(2), &json!(true)));
    // Whoever works on the case reads it too; the audit knows who did.
    let page = service.signed_in("clerk").await.get("/applications/1/documents").await.body;
    assert!(page.contains("/documents/2"), "{page}");
    let deeds = service.deeds().await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "document_added").count(), 2);
    assert!(deeds.iter().filter(|deed| *deed == "document_viewed").count() >= 3);
}

#[tokio::test]
async fn a_picture_sent_again_is_answered_as_before_and_kept_once() {
    let (service, clerk) = entered().await;
    let picture = file(ImageFormat::Jpeg);
    let ask = async |address: &str, picture: &[u8], key: &str| {
        let request = clerk.request("POST", address).header("idempotency-key", key);
        let request = request.header(header::CONTENT_TYPE, "image/jpeg");
        clerk.send(request.body(Body::from(picture.to_vec())).unwrap()).await
    };
    let address = format!("{PAPERS}?kind=identity_card");
    let first = ask(&address, &picture, "key-1").await;
    let again = ask(&address, &picture, "key-1").await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let new_key = ask(&address, &picture, "key-2").await;
    assert_eq!(new_key.body, first.body, "the same picture is the one that is there");
    assert_eq!(service.count(DOCUMENTS).await, 1);
    let other = ask(&address, &file(ImageFormat::Png), "key-1").await;
    assert_eq!(other.code(), "key_reused");
    let other_kind = ask(&format!("{PAPERS}?kind=portrait"), &picture, "key-1").await;
    assert_eq!(other_kind.code(), "key_reused", "what it is belongs to the request");
    assert_eq!(ask(&address, &picture, "").await.code(), "key_missing");
    // A photo is answered as before even when its portrait is gone.
    add(&clerk, "portrait", &picture).await;
    let crop = json!({ "x": 500, "y": 450, "zoom": 100 });
    let cut = clerk.post_once("/api/v1/applications/1/photo", &crop, "cut-1").await;
    assert_eq!(cut.status, StatusCode::CREATED, "{}", cut.body);
    clerk.post("/api/v1/documents/2/removal", &json!({ "reason": "wrong_paper" })).await.json(StatusCode::OK);
    assert_eq!(clerk.post_once("/api/v1/applications/1/photo", &crop, "cut-1").await.body, cut.body);
    let without = clerk.post("/api/v1/applications/1/photo", &crop).await;
    assert_eq!((without.status, without.code().as_str()), (StatusCode::CONFLICT, "documents_missing"));
}

#[tokio::test]
async fn what_is_no_whole_picture_of_a_kind_that_is_taken_is_refused() {
    let (service, clerk) = entered().await;
    let jpeg = file(ImageFormat::Jpeg);
    // Claims 60,000 by 60,000 pixels in its head.
    let mut bomb = file(ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut dot = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(1, 1).write_to(&mut dot, ImageFormat::Png).unwrap();
    for (what, bytes, code) in [
        ("nothing", Vec::new(), PictureFault::Empty),
        ("a PDF", b"%PDF-1.7 /JS (alert(1))".to_vec(), PictureFault::NotAPicture),
        ("an SVG", b"<svg><script>alert(1)</script></svg>".to_vec(), PictureFault::NotAPicture),
        ("a program", b"MZ\x90\0".to_vec(), PictureFault::NotAPicture),
        ("a picture cut off in its head", jpeg[..200].to_vec(), PictureFault::Damaged),
        ("a page cut off in its pixels", file(ImageFormat::Png)[..2000].to_vec(), PictureFault::Damaged),
        ("a dot", dot.into_inner(), PictureFault::TooSmall),
    ] {
        let answer = clerk.send_picture(&format!("{PAPERS}?kind=identity_card"), "image/jpeg", &bytes).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "picture"),
            "{what}"
        );
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["faults"][0]["code"], code.code(), "{what}");
        assert!(problem["detail"].as_str().unwrap().chars().any(|c| c > '\u{4e00}'), "{what}");
    }
    let answer = clerk.send_picture(&format!("{PAPERS}?kind=identity_card"), "image/png", &bomb).await;
    assert_eq!(answer.code(), "picture", "never unpacked");
    let crop = json!({ "x": 500, "y": 450, "zoom": 100 });
    for (x, zoom) in [(1001, 100), (500, 99), (500, 401)] {
        let wrong = json!({ "x": x, "y": crop["y"], "zoom": zoom });
        assert_eq!(clerk.post("/api/v1/applications/1/photo", &wrong).await.code(), "shape", "{wrong}");
    }
    for kind in ["text/html", "multipart/form-data; boundary=x", "application/json", "image/svg+xml"] {
        let answer = clerk.send_picture(&format!("{PAPERS}?kind=identity_card"), kind, &jpeg).await;
        assert_eq!(answer.code(), "media_type", "{kind}");
    }
    for asked in ["", "?kind=", "?kind=photo", "?kind=..%2f..%2fetc%2fpasswd", "?kind=identity_card.exe"] {
        let answer = clerk.send_picture(&format!("{PAPERS}{asked}"), "image/jpeg", &jpeg).await;
        assert_eq!(answer.code(), "unreadable", "{asked}");
    }
    for path in ["..%2f..%2fetc%2fpasswd", "1.jpg", "-1", "99", "1%00", "%2e%2e"] {
        let answer = clerk.get(&format!("/api/v1/documents/{path}")).await;
        assert_eq!(answer.code(), "not_found", "{path}");
    }
    assert_eq!(service.count(DOCUMENTS).await, 0);
}

#[tokio::test]
async fn a_picture_may_be_larger_than_a_form_and_no_larger_than_an_upload() {
    let limits = Limits { form_bytes: 1000, upload_bytes: 3 << 20, ..Limits::default() };
    let service = Service::with(Settings { limits, demo: true, ..Settings::default() });
    enter(&mut service.signed_in("clerk").await, &identity(2), "王秀兰").await;
    let clerk = Program::of(&service, "clerk").await;
    let mut whole = file(ImageFormat::Jpeg);
    whole.resize(3 << 20, 0);
    add(&clerk, "identity_card", &whole).await;
    whole.push(0);
    let answer = clerk.send_picture(&format!("{PAPERS}?kind=portrait"), "image/jpeg", &whole).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    assert_eq!(service.count(DOCUMENTS).await, 1);
}

#[tokio::test]
async fn a_paper_is_taken_out_until_the_review_and_its_picture_is_gone() {
    let (service, clerk) = entered().await;
    let picture = file(ImageFormat::Jpeg);
    let added = add(&clerk, "identity_card", &picture).await;
    let removal = json!({ "reason": "other_person" });
    let gone = clerk.post("/api/v1/documents/1/removal", &removal).await.json(StatusCode::OK);
    assert_eq!(
        (&gone["id"], &gone["reason"], &gone["sha256"]),
        (&json!(1), &json!("other_person"), &added["sha256"])
    );
    for again in
        [clerk.get("/api/v1/documents/1").await, clerk.post("/api/v1/documents/1/removal", &removal).await]
    {
        assert_eq!(again.code(), "not_found");
    }
    assert_eq!(service.count("SELECT count(*) FROM document WHERE length(picture) > 0").await, 0);
    let listed = clerk.get(PAPERS).await.json(StatusCode::OK);
    assert_eq!((&listed["items"], &listed["removed"]), (&json!([]), &json!([gone])));
    // Brought again, it is a paper of its own.
    clerk.service.wait(1);
    let request = clerk.request("POST", &format!("{PAPERS}?kind=identity_card"));
    let request = request.header("idempotency-key", "another").header(header::CONTENT_TYPE, "image/jpeg");
    let again = clerk.send(request.body(Body::from(picture)).unwrap()).await.json(StatusCode::CREATED);
    assert_eq!(again["id"], 2);
    let rows = service.deeds().await;
    assert!(rows.contains(&"document_removed".to_owned()));

    // After the review, nothing goes and nothing comes.
    let reviewed = Service::new();
    let mut browser = reviewed.signed_in("clerk").await;
    let case = crate::casework::noticed(&reviewed, &identity(2), "王秀兰").await;
    send(&mut browser, &case, "identity_card", "x", &file(ImageFormat::Jpeg)).await;
    reviewed.wait(9 * 86_400);
    crate::casework::decide(&reviewed, &case).await;
    let clerk = Program::of(&reviewed, "clerk").await;
    assert_eq!(clerk.post("/api/v1/documents/1/removal", &removal).await.code(), "documents_closed");
    let late =
        clerk.send_picture(&format!("{PAPERS}?kind=portrait"), "image/jpeg", &file(ImageFormat::Jpeg)).await;
    assert_eq!(late.code(), "documents_closed");
    assert_eq!(clerk.get(PAPERS).await.json(StatusCode::OK)["open"], false);
    assert_eq!(reviewed.count(DOCUMENTS).await, 1);
}

#[tokio::test]
async fn papers_take_the_scopes_and_the_role_of_cases() {
    let (service, clerk) = entered().await;
    add(&clerk, "identity_card", &file(ImageFormat::Jpeg)).await;
    let removal = json!({ "reason": "unreadable" });
    let add_path = format!("{PAPERS}?kind=portrait");
    let reader = Program::with(&service, "clerk", &[Scope::ReadCases]).await;
    assert_eq!(reader.get("/api/v1/documents/1").await.status, StatusCode::OK);
    assert_eq!(reader.send_picture(&add_path, "image/jpeg", b"x").await.code(), "scope_missing");
    assert_eq!(reader.post("/api/v1/documents/1/removal", &removal).await.code(), "scope_missing");
    let writer = Program::with(&service, "clerk", &[Scope::WriteCases]).await;
    assert_eq!(writer.get("/api/v1/documents/1").await.code(), "scope_missing");
    assert_eq!(writer.get(PAPERS).await.code(), "scope_missing");
    let reviewer = Program::of(&service, "reviewer").await;
    assert_eq!(reviewer.send_picture(&add_path, "image/jpeg", b"x").await.code(), "power_missing");
    assert_eq!(reviewer.post("/api/v1/documents/1/removal", &removal).await.code(), "power_missing");
    let auditor = Program::of(&service, "auditor").await;
    assert_eq!(auditor.get(PAPERS).await.json(StatusCode::OK)["items"][0]["id"], 1);
    assert_eq!(service.count(DOCUMENTS).await, 1);
}

#[tokio::test]
async fn a_clerk_takes_a_paper_out_on_the_page_and_says_why() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    let papers = format!("{case}/documents");
    send(&mut clerk, &case, "identity_card", "x", &file(ImageFormat::Jpeg)).await;
    clerk.get(&papers).await;
    let unsaid = clerk.post("/documents/1/removal", &[("reason", "")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsaid.body.contains("请选择移除原因"), "{}", unsaid.body);
    let mut foreign = service.signed_in("foreign").await;
    let token = crate::browser::hidden(&foreign.page, "/sign-out");
    let body = format!("{}&reason=unreadable", serde_urlencoded::to_string(token).unwrap());
    let stranger = foreign.post_raw("/documents/1/removal", &body, Some("http://issuer.example")).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(service.count(DOCUMENTS).await, 1);
    clerk.get(&papers).await;
    let done = clerk.post("/documents/1/removal", &[("reason", "other_person")]).await;
    assert_eq!(done.location(), papers);
    let page = clerk.get(&papers).await.body;
    assert!(
        page.contains("身份证 · 他人材料 · 李clerk") && !page.contains("href=\"/documents/1\""),
        "{page}"
    );
    assert_eq!(service.count(DOCUMENTS).await, 0);
    let story = service.signed_in("auditor").await.get(&format!("/audit{case}")).await.body;
    assert!(story.contains("移除材料") && story.contains("他人材料"), "{story}");
    // Nobody is offered what the review has closed.
    let closed = Service::new();
    let case = approve(&closed, &identity(2), "王秀兰").await;
    let page = closed.signed_in("clerk").await.get(&format!("{case}/documents")).await.body;
    assert!(!page.contains("/removal"), "{page}");
}
