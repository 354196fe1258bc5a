//! Every page of the table as it is shown: structure, languages, forms, and nothing from another host.

use axum::http::StatusCode;
use issuance_server::web::guard::Who;

use crate::browser::{Browser, CAST, Service};

/// Every page that somebody of the cast can open, in both languages.
async fn every_page() -> Vec<(String, String)> {
    let service = Service::new();
    let table = issuance_server::web::routes().table().to_vec();
    let mut pages = Vec::new();
    for (login, role, _) in CAST {
        let mut browser = service.signed_in(login).await;
        for lang in ["zh", "en"] {
            browser.get(&format!("/language?lang={lang}&back=/")).await;
            for route in table.iter().filter(|route| route.method == "GET") {
                let may = match route.who {
                    Who::Officer(roles) => roles.is_empty() || roles.contains(&role),
                    Who::Anyone | Who::SigningIn => login == "root",
                    Who::Client(..) => false,
                };
                if may {
                    service.wait(10);
                    add(&mut pages, &mut browser, login, &route.path.replace("{id}", "2")).await;
                }
            }
        }
    }
    let mut visitor = service.browser();
    for path in ["/sign-in", "/style-guide", "/nowhere"] {
        add(&mut pages, &mut visitor, "visitor", path).await;
    }
    pages
}

async fn add(pages: &mut Vec<(String, String)>, browser: &mut Browser, who: &str, path: &str) {
    let answer = browser.get(path).await;
    if answer.header("content-type").starts_with("text/html") {
        assert!(
            answer.status.is_success() || answer.status == StatusCode::NOT_FOUND,
            "{who} {path}: {}",
            answer.status
        );
        pages.push((format!("{who} {path}"), answer.body));
    }
}

#[tokio::test]
async fn every_page_has_one_heading_a_language_and_a_way_past_the_menu() {
    let pages = every_page().await;
    assert!(pages.len() > 40, "{}", pages.len());
    for (name, page) in pages {
        assert_eq!(page.matches("<h1>").count(), 1, "{name}");
        assert!(page.contains("<html lang=\"zh-CN\">") || page.contains("<html lang=\"en\">"), "{name}");
        assert!(
            page.contains("class=\"skip\" href=\"#content\"") && page.contains("<main id=\"content\""),
            "{name}"
        );
    }
}

#[tokio::test]
async fn nothing_is_inline_and_nothing_comes_from_another_host() {
    for (name, page) in every_page().await {
        for forbidden in
            ["http://", "https://", "src=\"//", "href=\"//", "style=\"", "<style", "onclick", "javascript:"]
        {
            let svg =
                page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "");
            assert!(!svg.contains(forbidden), "{name}: {forbidden}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert!(page.contains("<script src=\"/assets/console-"), "{name}");
    }
}

#[tokio::test]
async fn every_form_carries_the_token_and_every_field_a_label() {
    for (name, page) in every_page().await {
        for form in page.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            let is_sample = form.contains("action=\"/style-guide\"");
            assert!(is_sample || form.contains("name=\"form_token\" value=\""), "{name}: {form}");
            assert!(is_sample || !form.contains("name=\"form_token\" value=\"\""), "{name}: an empty token");
        }
        for id in page.split("<input id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("for=\"{id}\"")), "{name}: {id}");
        }
    }
}

#[tokio::test]
async fn every_link_leads_to_a_route() {
    let table = issuance_server::web::routes().table().to_vec();
    let matches = |path: &str, method: &str| {
        let path = path.split(['?', '#']).next().unwrap();
        path.is_empty()
            || path.starts_with("/assets/")
            || table.iter().filter(|route| route.method == method).any(|route| {
                let (a, b): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), path.split('/').collect());
                a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.starts_with('{') || a == b)
            })
    };
    for (name, page) in every_page().await {
        for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(matches(link, "GET"), "{name}: {link}");
        }
        for action in page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(matches(action, "POST") || action == "/style-guide", "{name}: {action}");
        }
    }
}

#[tokio::test]
async fn english_pages_speak_english_around_names() {
    let service = Service::new();
    let mut browser = service.signed_in("root").await;
    browser.get("/language?lang=en&back=/offices").await;
    let page = browser.get("/offices").await.body;
    assert!(page.contains("New office") && page.contains("<html lang=\"en\">"));
    assert!(!page.contains("新增"));
}

#[tokio::test]
async fn what_was_typed_is_shown_again_with_its_faults() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    root.get("/officers").await;
    let fields = [
        ("name", "<b>王\"秀兰"),
        ("login", "Wang Lan"),
        ("office", "2"),
        ("roles", "clerk"),
        ("roles", "administrator"),
    ];
    let page = root.post("/officers", &fields).await.body;
    assert!(
        page.contains("<a href=\"#login\">") && page.contains("<a href=\"#roles\">"),
        "the summary links to the fields"
    );
    assert!(page.contains("id=\"login-fault\"") && page.contains("aria-invalid=\"true\""));
    assert!(
        page.contains("value=\"Wang Lan\"")
            && page.contains("value=\"2\" selected")
            && page.contains("value=\"clerk\" checked")
    );
    assert!(!page.contains("<b>王") && page.contains("&#60;b&#62;王&#34;秀兰"), "text is text");
}

#[tokio::test]
async fn a_pilot_counts_for_its_region_at_once() {
    let service = Service::new();
    let mut chief = service.signed_in("chief").await;
    chief.get("/pilots").await;
    let outside = [("feature", "smart_card"), ("region", "2201"), ("state", "on")];
    assert!(chief.post("/pilots", &outside).await.body.contains("不在您的管辖范围内"));
    let inside = [("feature", "smart_card"), ("region", "220102"), ("state", "on")];
    assert_eq!(chief.post("/pilots", &inside).await.status, StatusCode::SEE_OTHER);
    let page = chief.get("/pilots").await.body;
    assert!(page.contains("智能卡") && page.contains("220102") && page.contains("已开通"));
    assert_eq!(service.count("SELECT is_on FROM pilot WHERE region = 220102").await, 1);
    assert!(service.deeds().await.contains(&"pilot_switched".to_owned()));
}

#[tokio::test]
async fn the_style_guide_is_for_demonstrations_only() {
    let service = Service::with(issuance_server::web::settings::Settings::default());
    assert_eq!(service.browser().get("/style-guide").await.status, StatusCode::NOT_FOUND);
}
