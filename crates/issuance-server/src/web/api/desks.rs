//! Card desks: a program beside a card reader says what the card answered, and hears what to send to it next.
//! One conversation a client and desk, in memory only; when it is cut off, the next one goes on from the rows.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use card_host::IssuerKeys;
use card_host::relay::{FromDesk, ToDesk};
use credential::time::UnixTime;
use issuance::id::ClientId;
use issuance::issuing::Issuer;
use issuance::rehearsal::Rehearsal;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::desk_messages::{DeskAnswer, DeskMessageBody};
use super::once::Json;
use super::url::Desk as DeskUrl;
use crate::card_desk::{CardDesk, Service};
use crate::web::app::App;
use crate::web::desk::Desk;
use crate::web::guard::{CardOperator, Client, ToMakeCards};
use crate::web::issuing::Press;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default().post::<DeskUrl, _, _>(hear)
}

/// What personalising needs besides a register and the issuer's key.
pub struct CardStock {
    /// The keys behind all cards, as text.
    pub keys: Zeroizing<String>,
    /// Free rides that a card counts down each month.
    pub rides_a_month: u16,
    /// Where PIN letters are written.
    pub letters: PathBuf,
}

/// The cards' side of the service, with the conversations that are open.
pub struct CardService {
    press: Arc<Press>,
    stock: CardStock,
    rehearsal: Mutex<Option<Arc<Rehearsal>>>,
    talks: Mutex<HashMap<(ClientId, DeskId), Talk>>,
}

struct Talk {
    desk: Arc<Mutex<CardDesk>>,
    heard_at: UnixTime,
}

/// The keys do not print.
impl fmt::Debug for CardService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardService([secret])")
    }
}

/// Which desk: 32 hexadecimal digits that its program draws when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct DeskId([u8; 16]);

impl TryFrom<String> for DeskId {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map(|()| Self(bytes))
    }
}

impl fmt::Display for DeskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl CardService {
    /// With no conversation yet.
    #[must_use]
    pub fn new(press: Arc<Press>, stock: CardStock) -> Self {
        Self { press, stock, rehearsal: Mutex::new(None), talks: Mutex::new(HashMap::new()) }
    }

    /// The conversation of a desk; idle ones are dropped, and so many are open at once.
    fn talk(&self, of: (ClientId, DeskId), now: UnixTime) -> Result<Arc<Mutex<CardDesk>>, Refused> {
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        talks.retain(|_, talk| now.seconds_since(talk.heard_at) < IDLE_SECONDS);
        if let Some(talk) = talks.get_mut(&of) {
            talk.heard_at = now;
            return Ok(Arc::clone(&talk.desk));
        }
        if talks.len() >= MAX_TALKS {
            return Err(Refused::Busy);
        }
        let CardStock { keys, rides_a_month, letters } = &self.stock;
        let keys = IssuerKeys::parse(keys).map_err(|_| Refused::Failed)?;
        let desk = Arc::new(Mutex::new(CardDesk::new(keys, *rides_a_month, letters.clone())));
        talks.insert(of, Talk { desk: Arc::clone(&desk), heard_at: now });
        Ok(desk)
    }

    fn answer(
        &self,
        said: FromDesk,
        talk: &Mutex<CardDesk>,
        client: &Client<ToMakeCards, CardOperator>,
        app: &App,
        desk: &mut Desk,
    ) -> Result<ToDesk, Refused> {
        let Press { signer, key, region, grants } = self.press.as_ref();
        app.random.with(|mut rng| {
            let rehearsal = {
                let mut kept = self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner);
                match kept.as_ref().filter(|kept| kept.is_fresh(client.now())) {
                    Some(fresh) => Arc::clone(fresh),
                    None => {
                        let made =
                            Rehearsal::new(signer.public_key(), *key, *region, client.now(), &mut rng)?;
                        Arc::clone(kept.insert(Arc::new(made)))
                    }
                }
            };
            let issuer = Issuer { signer: signer.as_ref(), key: *key, rehearsal: &rehearsal, grants };
            let actor = client.actor();
            let mut service = Service { register: &mut desk.register, issuer: &issuer, actor: &actor };
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(talk.hear(said, &mut service, &mut rng))
        })
    }
}

/// One message of a desk, and what it does next. Needs no idempotency key: whoever speaks out of turn is told so.
#[utoipa::path(
    post, path = "/api/v1/desks/{desk}/messages", tag = "cards", operation_id = "speak_at_desk",
    params(("desk" = String, Path, description = "32 hexadecimal digits that the program draws when it starts.", pattern = "^[0-9a-f]{32}$")),
    request_body = DeskMessageBody,
    responses((status = 200, description = "What the desk does next.", body = DeskAnswer))
)]
pub(super) async fn hear(
    client: Client<ToMakeCards, CardOperator>,
    State(app): State<App>,
    At(url): At<DeskUrl>,
    Json(said): Json<FromDesk>,
) -> Result<Response, Refused> {
    let service = Arc::clone(app.cards.get().ok_or(Refused::NotOffered)?);
    let talk = service.talk((client.client.id, url.desk), client.now())?;
    let parts = app.clone();
    let answer = app.desk.run(move |desk| service.answer(said, &talk, &client, &parts, desk));
    Ok(axum::Json(answer.await?).into_response())
}

/// A card takes seconds; a clerk who went to lunch begins again.
const IDLE_SECONDS: u64 = 600;
/// More desks than a province has counters that write at the same moment.
const MAX_TALKS: usize = 256;
