//! The card desk's pages: ordered, written, replaced; who may, where it is switched on, and what the stream says.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use card_firmware_sim::{Image, SimCard, example_transport_keys};
use card_host::relay::{self, FromDesk, ToDesk};
use card_host::{EXAMPLE_KEYS, IssuerKeys, carry};
use card_protocol::Serial;
use credential::region::Region;
use issuance::actor::Actor;
use issuance::card_job;
use issuance::id::{CertificateId, OfficerId};
use issuance::issuing::Issuer;
use issuance::officer::Role;
use issuance::pilot::{self, Feature};
use issuance::register::OfficeStore;
use issuance::rehearsal::Rehearsal;
use issuance::text::Line;
use issuance_server::card_desk::{CardDesk, Service as Relay};
use issuance_server::web::issuing::{Press, issue_all};

use crate::browser::{Browser, Service, hidden, hire};
use crate::casework::{approve, identity, press};

/// The operator of the cast.
const OPERATOR: OfficerId = OfficerId::from_stored(6);

/// The county's administrator.
const CHIEF: OfficerId = OfficerId::from_stored(8);

/// A reader with one card on it, and the service's end of the conversation.
pub(crate) struct Reader {
    desk: CardDesk,
    card: SimCard,
    said: FromDesk,
    #[expect(dead_code, reason = "held for its drop")]
    letters: tempfile::TempDir,
}

impl Reader {
    /// A blank card.
    pub(crate) fn new(number: u8) -> Self {
        let letters = tempfile::tempdir().unwrap();
        let serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 0, number]);
        let mut card = SimCard::manufacture(Image::in_memory(), serial, example_transport_keys()).unwrap();
        card.power_on();
        let desk = CardDesk::new(IssuerKeys::parse(EXAMPLE_KEYS).unwrap(), 60, letters.path().into());
        Self { desk, card, said: FromDesk::Begin { job: None, pin: None }, letters }
    }

    /// One message to the service, and its answer to the card.
    pub(crate) async fn step(mut self, service: &Service, press: &Arc<Press>) -> (Self, &'static str) {
        let (app, press) = (service.app.clone(), Arc::clone(press));
        let stepped = service.app.desk.run(move |desk| {
            let now = app.clock.now();
            let officer = desk.register.officer(OPERATOR)?.unwrap();
            let origin = Line::parse("desk").unwrap();
            let actor = Actor { officer: &officer, now, origin: &origin };
            let Press { signer, key, region, grants } = press.as_ref();
            let told = app.random.with(|mut rng| {
                let rehearsal = Rehearsal::new(signer.public_key(), *key, *region, now, &mut rng).unwrap();
                let issuer = Issuer { signer: signer.as_ref(), key: *key, rehearsal: &rehearsal, grants };
                let mut relay = Relay { register: &mut desk.register, issuer: &issuer, actor: &actor };
                self.desk.hear(self.said, &mut relay, &mut rng)
            });
            let word = match &told {
                ToDesk::Send { commands, .. } => {
                    let answers = carry(&mut self.card, &relay::batch(commands).unwrap()).unwrap();
                    self.said = FromDesk::answers(&answers);
                    "send"
                }
                other => {
                    self.said = FromDesk::Begin { job: None, pin: None };
                    if matches!(other, ToDesk::Issued { .. }) { "issued" } else { "refused" }
                }
            };
            Ok((self, word))
        });
        stepped.await.unwrap()
    }

    /// To the end; what the end was.
    async fn write(mut self, service: &Service, press: &Arc<Press>) -> &'static str {
        loop {
            let word;
            (self, word) = self.step(service, press).await;
            if word != "send" {
                return word;
            }
        }
    }
}

/// Smart cards in the county of the cast.
pub(crate) async fn switch_on(service: &Service) {
    let now = service.now();
    let switched = service.app.desk.run(move |desk| {
        let chief = desk.register.officer(CHIEF)?.unwrap();
        let origin = Line::parse("command").unwrap();
        let actor = Actor { officer: &chief, now, origin: &origin };
        let county = Region::parse("220102").unwrap();
        Ok(pilot::switch(&mut desk.register, Feature::SmartCard, county, true, &actor)?)
    });
    switched.await.unwrap();
}

/// A card for a certificate, as the operator orders it.
pub(crate) async fn order(service: &Service, certificate: i64) {
    let now = service.now();
    let ordered = service.app.desk.run(move |desk| {
        let officer = desk.register.officer(OPERATOR)?.unwrap();
        let origin = Line::parse("desk").unwrap();
        let actor = Actor { officer: &officer, now, origin: &origin };
        Ok(card_job::order(&mut desk.register, CertificateId::from_stored(certificate), &actor)?)
    });
    ordered.await.unwrap();
}

/// A service with a certificate, in a county that writes cards.
async fn with_certificate() -> (Service, Arc<Press>) {
    let service = Service::new();
    let press = press(&service).await;
    approve(&service, &identity(2), "王秀兰").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    (service, press)
}

async fn stream(browser: &mut Browser) -> String {
    let request = Request::get("/cards/live").header("accept", "text/event-stream");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("content-type"), "text/event-stream", "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_card_is_ordered_written_and_replaced_at_the_card_desk() {
    let (service, press) = with_certificate().await;
    switch_on(&service).await;
    let mut desk = service.signed_in("desk").await;
    let page = desk.get("/cards").await.body;
    assert!(page.contains("没有待写的卡。可为下面的证件登记制卡。") && page.contains("王秀兰"), "{page}");
    let ordered = desk.post("/certificates/1/card", &[]).await;
    assert_eq!(ordered.location(), "/cards?done=order");
    let page = desk.get("/cards?done=order").await.body;
    assert!(page.contains("已登记制卡") && page.contains("把空白卡放到读卡器上") && page.contains("待制卡"));
    assert!(!page.contains("19800101"), "masked");
    assert_eq!(Reader::new(1).write(&service, &press).await, "issued");
    let page = desk.get("/cards").await.body;
    assert!(page.contains("DC00000000000001") && page.contains("<dd data-tally=\"issued\">1</dd>"), "{page}");
    desk.get("/certificates/1").await;
    assert!(desk.page.contains("已发卡") && !desk.page.contains("登记制卡</button>"), "{}", desk.page);
    assert_eq!(desk.post("/certificates/1/card/replace", &[]).await.location(), "/cards?done=replace");
    desk.get("/certificates/1").await;
    assert!(desk.page.contains("已作废") && desk.page.contains("待制卡"));
    assert!(desk.get("/people/1").await.body.contains("待制卡"), "the latest card stands with its person");
    desk.get("/search").await;
    let found = desk.post("/search", &[("query", "DC00000000000001")]).await.body;
    assert!(found.contains("王秀兰"), "by the card in hand");
}

#[tokio::test]
async fn the_first_page_counts_what_the_card_desk_has_to_do() {
    let (service, _) = with_certificate().await;
    let mut desk = service.signed_in("desk").await;
    assert!(desk.get("/").await.body.contains("尚未开通智能卡试点"));
    switch_on(&service).await;
    order(&service, 1).await;
    let page = desk.get("/").await.body;
    assert!(page.contains("<dt>待写卡</dt><dd>1</dd>") && page.contains("data-key=\"F6\""), "{page}");
}

#[tokio::test]
async fn no_card_is_ordered_where_cards_are_not_in_use_nor_twice() {
    let (service, _) = with_certificate().await;
    let mut desk = service.signed_in("desk").await;
    let token = serde_urlencoded::to_string(hidden(&desk.page, "/sign-out")).unwrap();
    let send = async |desk: &mut Browser, path: &str| {
        desk.post_raw(path, &token, Some("http://issuer.example")).await
    };
    let page = desk.get("/cards").await.body;
    assert!(page.contains("本地区尚未开通智能卡试点") && !page.contains("/certificates/1/card"));
    assert!(!desk.get("/certificates/1").await.body.contains("action=\"/certificates/1/card\""));
    let refused = send(&mut desk, "/certificates/1/card").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("未开通“智能卡”"), "{}", refused.body);
    assert_eq!(service.count("SELECT count(*) FROM card_job").await, 0);
    switch_on(&service).await;
    order(&service, 1).await;
    assert_eq!(send(&mut desk, "/certificates/1/card").await.status, StatusCode::CONFLICT);
    assert_eq!(service.count("SELECT count(*) FROM card_job").await, 1);
}

#[tokio::test]
async fn a_card_desk_of_another_county_sees_and_does_nothing_here() {
    let (service, _) = with_certificate().await;
    switch_on(&service).await;
    order(&service, 1).await;
    let random = service.app.random.clone();
    let hired = service.app.desk.run(move |desk| {
        let office = desk.register.officer(OfficerId::from_stored(9))?.unwrap().office.id;
        hire(desk, &random, "strange", &[Role::CardOperator], office);
        Ok(())
    });
    hired.await.unwrap();
    let mut strange = service.signed_in("strange").await;
    let page = strange.get("/cards").await.body;
    assert!(!page.contains("王秀兰") && page.contains("<dd data-tally=\"waiting\">0</dd>"), "{page}");
    assert!(stream(&mut strange).await.contains("\"jobs\":[]"));
    let token = serde_urlencoded::to_string(hidden(&strange.page, "/sign-out")).unwrap();
    for path in ["/certificates/1/card", "/certificates/1/card/replace"] {
        let answer = strange.post_raw(path, &token, Some("http://issuer.example")).await;
        assert!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::CONFLICT), "{path}");
        assert!(!answer.body.contains("王秀兰"));
    }
    assert_eq!(service.count("SELECT count(*) FROM card_job").await, 1);
}

#[tokio::test]
async fn the_stream_says_stages_and_no_names_and_keeps_nobody_signed_in() {
    let (service, press) = with_certificate().await;
    switch_on(&service).await;
    order(&service, 1).await;
    let mut desk = service.signed_in("desk").await;
    let seen = service.count("SELECT max(seen_at) FROM session").await;
    let mut reader = Reader::new(1);
    let mut told = Vec::new();
    loop {
        service.wait(61);
        let said = stream(&mut desk).await;
        assert!(said.starts_with("retry: 1000\ndata: {\"waiting\":"), "{said}");
        assert!(!said.contains("王秀兰") && !said.contains("220102"), "{said}");
        told.push(said);
        let word;
        (reader, word) = reader.step(&service, &press).await;
        if word == "issued" {
            break;
        }
    }
    told.push(stream(&mut desk).await);
    let says = |text: &str| told.iter().any(|said| said.contains(text));
    assert!(says("\"待制卡\",\"done\":0") && says("\"待写卡\",\"done\":3"), "{told:?}");
    assert!(told.last().unwrap().contains("\"in_work\":0,\"issued\":1,\"jobs\":[]"), "{told:?}");
    assert_eq!(service.count("SELECT max(seen_at) FROM session").await, seen, "no sign of anybody");
    desk.get("/cards").await;
    assert!(service.count("SELECT max(seen_at) FROM session").await > seen, "a page is one");
}

#[tokio::test]
async fn text_stays_text_at_the_card_desk() {
    let service = Service::new();
    let press = press(&service).await;
    approve(&service, &identity(2), "<b onclick=alert(1)>\"'").await;
    issue_all(&service.app, &press).await.unwrap();
    switch_on(&service).await;
    let mut desk = service.signed_in("desk").await;
    let without = desk.get("/cards").await.body;
    order(&service, 1).await;
    let open = desk.get("/cards").await.body;
    assert_eq!(Reader::new(1).write(&service, &press).await, "issued");
    let issued = desk.get("/cards").await.body;
    let certificate = desk.get("/certificates/1").await.body;
    for page in [without, open, issued, certificate] {
        assert!(page.contains("&#60;b onclick") && !page.contains("<b onclick"), "{page}");
    }
}
