//! Our own verifier, run over what is about to be signed and over what was signed.
//! It works in a world of throw-away keys: a trust list that knows one throw-away issuer and the real one,
//! and status lists in which everything is valid. What it accepts here, gates accept.

use credential::key::PublicKey;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::snapshot::Version;
use credential::status_list::{Bits, StatusList};
use credential::time::UnixTime;
use credential::trust_list::{KeyState, Role, RootSet, TrustList, TrustedKey};
use credential::{Kid, Kind};
use rand_core::CryptoRng;
use verifier::{Bundle, Check, Possession, Refusal, Staleness, State, verify};

use crate::Error;
use crate::card_job;
use crate::publication::{Publisher, assemble, sign_trust_list, token};
use crate::register::{IssuerKey, PreparedCredential};
use crate::signer::{KeyInMemory, Signer};

/// A throw-away world with one real public key in it.
pub struct Rehearsal {
    bundle: Bundle,
    throw_away: KeyInMemory,
    real: PublicKey,
    made: UnixTime,
}

impl Rehearsal {
    /// For one issuer key and the size of its list. Lasts a day.
    pub fn new(
        real: PublicKey,
        key: IssuerKey,
        region: Region,
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let [root, other, throw_away] = std::array::from_fn(|_| KeyInMemory::generate(rng));
        let unreadable = |_| Error::TrustListUnreadable;
        let roots = RootSet::new(1, vec![root.public_key()]).map_err(unreadable)?;
        let trusted = |key: PublicKey, roles: &[Role]| TrustedKey {
            key,
            roles: roles.to_vec(),
            kinds: vec![Kind::Certificate, Kind::Pass],
            regions: vec![region],
            not_before: UnixTime::from_seconds(0),
            not_after: now.plus_seconds(2 * LASTS_SECONDS),
            state: KeyState::Active,
        };
        let list = TrustList {
            version: Version::new(1),
            issued: now,
            expires: now.plus_seconds(2 * LASTS_SECONDS),
            roots: roots.clone(),
            keys: vec![
                trusted(other.public_key(), &[Role::Snapshot, Role::Status]),
                trusted(throw_away.public_key(), &[Role::Issuer]),
                trusted(real, &[Role::Issuer]),
            ],
        };
        let publisher = Publisher {
            status: &other,
            snapshot: &other,
            roots: &roots,
            trust_list: &sign_trust_list(&list, &[&root])?,
            policies: &[],
        };
        let all_valid = |kid: Kid| token(kid, StatusList::new(Bits::Two, key.list_size), now);
        let tokens = [all_valid(key.kid), all_valid(throw_away.public_key().kid())];
        let file = assemble(&publisher, &tokens, Version::new(1), now)?;
        let bundle = Bundle::install(&file, &mut State::pinned(roots));
        let bundle = bundle.map_err(|refusal| Error::BundleRefused { refusal })?;
        Ok(Self { bundle, throw_away, real, made: now })
    }

    /// Whether it is from the last day, and so still good.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        now >= self.made && now.seconds_since(self.made) < LASTS_SECONDS
    }

    /// Signs a copy of the payload with the throw-away key and has it verified.
    pub(crate) fn try_out(&self, prepared: &PreparedCredential, now: UnixTime) -> Result<(), Error> {
        let kid = self.throw_away.public_key().kid();
        let copy = Unsigned::new(kid, prepared.unsigned.payload().to_vec(), Content::Credential);
        let signature = self.throw_away.sign(&copy.to_be_signed()).map_err(Error::Signer)?;
        let expected = (kid, prepared);
        self.check(&copy.with_signature(&signature), expected, now)
            .map_err(|refusal| Error::TrialRefused { refusal })
    }

    /// Verifies a real signature under the real public key.
    pub(crate) fn check_signed(
        &self,
        bytes: &[u8],
        prepared: &PreparedCredential,
        now: UnixTime,
    ) -> Result<(), Error> {
        self.check(bytes, (self.real.kid(), prepared), now)
            .map_err(|refusal| Error::SignatureRefused { refusal })
    }

    fn check(
        &self,
        bytes: &[u8],
        (kid, prepared): (Kid, &PreparedCredential),
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let check = Check {
            purpose: None,
            place: None,
            now,
            staleness: Staleness::RefuseStale,
            possession: Possession::StaticCode,
            unconfirmed: verifier::policy::Unconfirmed::Refuse,
        };
        let accepted = match verify(bytes, &self.bundle, &check) {
            // All that is missing is the card itself: possession is asked for last but freshness, and `made` is fresh.
            Err(Refusal::PossessionRequired) if card_job::names_a_key(prepared) => return Ok(()),
            verdict => verdict?,
        };
        let same = accepted.kid == kid && accepted.status == prepared.index && accepted.kind == prepared.kind;
        if same { Ok(()) } else { Err(Refusal::Malformed) }
    }
}

/// Keys in memory should not grow old.
const LASTS_SECONDS: u64 = 24 * 3600;
