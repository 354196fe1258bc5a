//! Signing in: both factors, lock-out, rotation, and a form that outlives its session.

use axum::http::StatusCode;

use issuance_server::web::settings::{Limits, Settings};

use crate::browser::{PASSWORD, Service, hidden, secret};

#[tokio::test]
async fn both_factors_lead_to_the_desk() {
    let service = Service::new();
    let browser = service.signed_in("clerk").await;
    assert!(browser.page.contains("李clerk") && browser.page.contains("220102 残联"));
    assert!(service.deeds().await.contains(&"signed_in".to_owned()));
}

#[tokio::test]
async fn the_password_alone_opens_nothing() {
    let service = Service::new();
    let mut browser = service.browser();
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    for path in ["/", "/account", "/account/password", "/officers"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location().starts_with("/sign-in/code"), "{path}: {}", answer.location());
    }
}

#[tokio::test]
async fn unknown_login_wrong_password_and_locked_account_read_the_same() {
    let service = Service::new();
    let mut texts = Vec::new();
    for (login, password) in [("nobody", PASSWORD), ("clerk", "wrong password"), ("Ünknown ", PASSWORD)] {
        let mut browser = service.browser();
        browser.get("/sign-in").await;
        let answer = browser.post("/sign-in", &[("login", login), ("secret_password", password)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        let text =
            answer.body.split("id=\"faults\"").nth(1).expect(login).split("</ul>").next().unwrap().to_owned();
        texts.push(text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_and_the_right_one_does_not_open_it() {
    let service = Service::new();
    let mut browser = service.browser();
    for _ in 0..5 {
        browser.get("/sign-in").await;
        browser.post("/sign-in", &[("login", "clerk"), ("secret_password", "wrong password")]).await;
    }
    browser.get("/sign-in").await;
    let answer = browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    assert!(answer.body.contains("id=\"faults\""), "locked");
    service.wait(31);
    browser.get("/sign-in").await;
    let answer = browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/sign-in/code");
    assert_eq!(service.deeds().await.iter().filter(|deed| *deed == "sign_in_refused").count(), 5);
}

#[tokio::test]
async fn wrong_codes_lock_the_account_too() {
    let service = Service::new();
    let mut browser = service.browser();
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    for _ in 0..5 {
        browser.get("/sign-in/code").await;
        let answer = browser.post("/sign-in/code", &[("secret_code", "000000")]).await;
        assert!(answer.body.contains("id=\"faults\""));
    }
    browser.get("/sign-in/code").await;
    let code = secret("clerk").code(service.now());
    let answer = browser.post("/sign-in/code", &[("secret_code", &code)]).await;
    assert!(answer.body.contains("id=\"faults\""), "locked");
}

#[tokio::test]
async fn a_code_opens_one_session_only() {
    let service = Service::new();
    service.signed_in("clerk").await;
    let used = secret("clerk").code(service.now());
    let mut thief = service.browser();
    thief.get("/sign-in").await;
    thief.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    thief.get("/sign-in/code").await;
    let answer = thief.post("/sign-in/code", &[("secret_code", &used)]).await;
    assert!(answer.body.contains("id=\"faults\""), "the code was used before");
}

#[tokio::test]
async fn sign_ins_are_throttled_by_login_whether_known_or_not() {
    let service = Service::new();
    for login in ["clerk", "nobody"] {
        let mut last = StatusCode::OK;
        for _ in 0..11 {
            let mut browser = service.browser();
            browser.get("/sign-in").await;
            let answer =
                browser.post("/sign-in", &[("login", login), ("secret_password", "wrong password")]).await;
            last = answer.status;
            if last == StatusCode::TOO_MANY_REQUESTS {
                assert!(!answer.header("retry-after").is_empty());
            }
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "{login}");
        service.wait(600);
    }
}

#[tokio::test]
async fn a_planted_token_is_worth_nothing_after_the_sign_in() {
    let service = Service::new();
    let mut victim = service.browser();
    victim.get("/sign-in").await;
    let planted = victim.clone();
    victim.sign_in("clerk").await;
    assert_ne!(planted.token(), victim.token());
    for mut attacker in [planted] {
        assert!(attacker.get("/account").await.location().starts_with("/sign-in"));
    }
}

#[tokio::test]
async fn each_step_of_the_sign_in_changes_the_token_and_ends_the_old_one() {
    let service = Service::new();
    let mut browser = service.browser();
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    let half = browser.clone();
    browser.get("/sign-in/code").await;
    service.wait(30);
    let code = secret("clerk").code(service.now());
    browser.post("/sign-in/code", &[("secret_code", &code)]).await;
    assert_ne!(half.token(), browser.token());
    let mut half = half;
    assert!(
        half.get("/sign-in/code").await.location().starts_with("/sign-in?"),
        "the half session has ended"
    );
    assert_eq!(service.count("SELECT count(*) FROM session").await, 1);
}

#[tokio::test]
async fn the_database_does_not_know_the_token() {
    let service = Service::new();
    let browser = service.signed_in("clerk").await;
    let token = browser.token().to_uppercase();
    let stored = service.app.desk.run(move |desk| {
        Ok(desk
            .connection()
            .query_row("SELECT hex(token_sha256) FROM session", [], |row| row.get::<_, String>(0))?)
    });
    assert_ne!(stored.await.unwrap(), token);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_at_the_end_of_the_day() {
    let service = Service::new();
    let mut browser = service.signed_in("clerk").await;
    service.wait(29 * 60);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    service.wait(31 * 60);
    assert!(browser.get("/account").await.location().starts_with("/sign-in"));

    let mut busy = service.signed_in("clerk").await;
    for _ in 0..24 {
        service.wait(29 * 60);
        busy.get("/account").await;
    }
    service.wait(29 * 60);
    assert!(busy.get("/account").await.location().starts_with("/sign-in"), "twelve hours");
}

#[tokio::test]
async fn a_form_outlives_its_session() {
    let service = Service::new();
    let mut browser = service.signed_in("root").await;
    browser.get("/offices").await;
    service.wait(31 * 60);
    let form = [("name", "农安县残联 & \"新\""), ("kind", "county"), ("region", "220122")];
    let answer = browser.post("/offices", &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("您填写的内容已保留"));

    let answer = browser.post("/sign-in", &[("login", "root"), ("secret_password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::OK, "the code page carries the form: {}", answer.location());
    let code = secret("root").code(service.now());
    let answer = browser.post("/sign-in/code", &[("secret_code", &code)]).await;
    assert!(answer.body.contains("继续提交"));
    let kept = hidden(&browser.page, "/offices");
    assert!(kept.contains(&("name".to_owned(), form[0].1.to_owned())), "{kept:?}");
    let answer = browser.post("/offices", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/offices").await.body.contains("农安县残联"));
}

#[tokio::test]
async fn a_page_asked_for_is_shown_after_the_sign_in() {
    let service = Service::new();
    let mut browser = service.browser();
    let answer = browser.get("/officers").await;
    let path = answer.location().to_owned();
    browser.get(&path).await;
    let answer = browser.post("/sign-in", &[("login", "root"), ("secret_password", PASSWORD)]).await;
    let path = answer.location().to_owned();
    browser.get(&path).await;
    let code = secret("root").code(service.now());
    let answer = browser.post("/sign-in/code", &[("secret_code", &code)]).await;
    assert_eq!(answer.location(), "/officers");
}

#[tokio::test]
async fn no_sign_in_leads_to_another_host() {
    let service = Service::new();
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let mut browser = service.browser();
        browser.get(&format!("/sign-in?{}", serde_urlencoded::to_string([("next", next)]).unwrap())).await;
        assert!(!browser.page.contains("evil.example\">"), "{next}");
        let fields = [("login", "clerk"), ("secret_password", PASSWORD), ("kept_next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.location(), "/sign-in/code", "{next}");
    }
}

#[tokio::test]
async fn sign_out_everywhere_ends_every_session_and_sign_out_one() {
    let service = Service::new();
    let (mut office, mut home) = (service.signed_in("clerk").await, service.signed_in("clerk").await);
    let mut third = service.signed_in("clerk").await;
    office.get("/account").await;
    office.post("/sign-out", &[]).await;
    assert!(office.get("/account").await.location().starts_with("/sign-in"));
    assert_eq!(home.get("/account").await.status, StatusCode::OK);
    home.post("/sign-out/everywhere", &[]).await;
    assert!(third.get("/account").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_new_officer_takes_a_password_and_an_authenticator_of_their_own() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    root.get("/officers").await;
    let fields = [("name", "王秀兰"), ("login", "wang"), ("office", "2"), ("roles", "clerk")];
    let answer = root.post("/officers", &fields).await;
    let password = answer
        .body
        .split("<code class=\"long\">")
        .nth(1)
        .expect(&answer.body)
        .split('<')
        .next()
        .unwrap()
        .to_owned();

    let mut browser = service.browser();
    browser.get("/sign-in").await;
    let answer = browser.post("/sign-in", &[("login", "wang"), ("secret_password", &password)]).await;
    assert_eq!(answer.location(), "/sign-in/authenticator");
    let page = browser.get("/sign-in/authenticator").await.body;
    assert!(page.contains("<svg"));
    let key: String =
        page.split("<code class=\"long\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let code = decode(&key).code(service.now());
    let answer = browser.post("/sign-in/authenticator", &[("secret_code", &code)]).await;
    assert_eq!(
        answer.location(),
        "/account/password",
        "a password that somebody else knows is changed first"
    );

    browser.get("/account/password").await;
    let weak = [("secret_new", "short"), ("secret_again", "short")];
    assert!(browser.post("/account/password", &weak).await.body.contains("少于 12 个字符"));
    let same = [("secret_new", password.as_str()), ("secret_again", password.as_str())];
    assert!(browser.post("/account/password", &same).await.body.contains("与当前密码相同"));
    let differ = [("secret_new", "a long sentence here"), ("secret_again", "another sentence here")];
    assert!(browser.post("/account/password", &differ).await.body.contains("不一致"));
    let own = [("secret_new", "a long sentence here"), ("secret_again", "a long sentence here")];
    assert_eq!(browser.post("/account/password", &own).await.location(), "/");
    assert!(browser.get("/").await.body.contains("王秀兰"));
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let service = Service::new();
    let (mut here, mut there) = (service.signed_in("clerk").await, service.signed_in("clerk").await);
    here.get("/account/password").await;
    let wrong = [
        ("secret_old", "x"),
        ("secret_new", "a long sentence here"),
        ("secret_again", "a long sentence here"),
    ];
    assert!(here.post("/account/password", &wrong).await.body.contains("当前密码不正确"));
    let right = [
        ("secret_old", PASSWORD),
        ("secret_new", "a long sentence here"),
        ("secret_again", "a long sentence here"),
    ];
    assert_eq!(here.post("/account/password", &right).await.location(), "/account?done=password");
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert!(there.get("/account").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_reset_ends_password_authenticator_and_sessions() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let mut root = service.signed_in("root").await;
    root.get("/officers/2").await;
    let answer = root.post("/officers/2/reset", &[]).await;
    assert!(answer.body.contains("一次性密码"));
    assert!(clerk.get("/account").await.location().starts_with("/sign-in"));
    let mut browser = service.browser();
    browser.get("/sign-in").await;
    let answer = browser.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    assert!(answer.body.contains("id=\"faults\""));
    assert!(service.deeds().await.contains(&"account_reset".to_owned()));
}

fn decode(base32: &str) -> issuance_server::web::one_time_code::OneTimeSecret {
    let mut bits = Vec::new();
    for digit in base32.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|b| *b == digit).unwrap();
        bits.extend((0..5).rev().map(|place| (value >> place & 1) as u8));
    }
    let bytes: Vec<u8> = bits.chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect();
    issuance_server::web::one_time_code::OneTimeSecret::from_stored(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_sent_at_once_are_counted_one_after_the_other() {
    let limits = Limits { sign_in_burst: 1000, ..Limits::default() };
    let service = Service::with(Settings { limits, ..Settings::default() });
    let guesses: Vec<_> = (0..30)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move {
                let mut browser = service.browser();
                browser.get("/sign-in").await;
                browser.post("/sign-in", &[("login", "clerk"), ("secret_password", "wrong password")]).await;
            })
        })
        .collect();
    for guess in guesses {
        guess.await.unwrap();
    }
    assert_eq!(
        service.count("SELECT failures FROM account WHERE officer = 2").await,
        5,
        "the rest came after the lock"
    );
}

#[tokio::test]
async fn an_officer_who_left_is_out_at_once_and_one_with_other_roles_has_only_those() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    let mut clerk = service.signed_in("clerk").await;
    root.get("/officers/2").await;
    let page = root.post("/officers/2", &[("roles", "clerk"), ("active", "no")]).await.body;
    assert!(page.contains("已保存") && page.contains("停用"));
    assert!(clerk.get("/account").await.location().starts_with("/sign-in"));
    let mut again = service.browser();
    again.get("/sign-in").await;
    let answer = again.post("/sign-in", &[("login", "clerk"), ("secret_password", PASSWORD)]).await;
    assert!(answer.body.contains("id=\"faults\""));

    let mut chief = service.signed_in("chief").await;
    assert_eq!(chief.get("/offices").await.status, StatusCode::OK);
    root.get("/officers/8").await;
    root.post("/officers/8", &[("roles", "clerk"), ("active", "yes")]).await;
    let mut chief = service.signed_in("chief").await;
    assert_eq!(chief.get("/offices").await.status, StatusCode::FORBIDDEN);
    assert_eq!(service.deeds().await.iter().filter(|deed| *deed == "officer_changed").count(), 2);
}

#[tokio::test]
async fn nobody_changes_their_own_powers() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    for fields in [[("roles", "administrator"), ("active", "no")], [("roles", "clerk"), ("active", "yes")]] {
        root.get("/officers/1").await;
        let page = root.post("/officers/1", &fields).await.body;
        assert!(page.contains("须由另一位管理员办理"), "{fields:?}");
    }
    assert_eq!(root.get("/offices").await.status, StatusCode::OK);
}
