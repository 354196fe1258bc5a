//! The audit: who did or saw what, when, from where and why, each row chained to the one before by its hash.
//! A row is written in the transaction of what it tells of. Rows name ids, never people's facts.

use credential::time::UnixTime;
use sha2::{Digest, Sha256};

use crate::id::{ApplicationId, CertificateId, OfficerId, PersonId};
use crate::status_change::Change;
use crate::text::Line;
use crate::transition::Verb;
use crate::words::words;

/// One row, before it is chained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: UnixTime,
    /// Who.
    pub who: OfficerId,
    /// From where: `command`, `console 203.0.113.7`, `api CLIENT`.
    pub origin: Line,
    /// What.
    pub deed: Deed,
    /// About whom or what.
    pub subject: Subject,
    /// Why, where a reason is asked for: a code.
    pub reason: Option<Line>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A step of a case.
    Step(Verb),
    /// A change of status was entered.
    Entered(Change),
    /// A change of status was confirmed.
    Confirmed(Change),
    /// A change of status was dropped.
    Dropped(Change),
    /// Everything that is not a step or a change of status.
    Other(Other),
}

words! {
    /// Deeds that are neither a step of a case nor a change of status.
    Other {
        /// The register was made.
        Initialised "initialised" "建立登记库";
        /// An office was added.
        OfficeAdded "office_added" "增加机构";
        /// An officer was added.
        OfficerAdded "officer_added" "增加人员";
        /// An officer's powers changed.
        OfficerChanged "officer_changed" "变更人员";
        /// The bytes to be signed were made and stored.
        Prepared "prepared" "备签";
        /// They were signed.
        Signed "signed" "签发";
        /// A pass was made anew, or ended, because the policy packs changed.
        PassExchanged "pass_exchanged" "换发通行凭证";
        /// A signed policy pack was taken into use.
        PolicyAdopted "policy_adopted" "采用政策包";
        /// Personal data was shown in clear.
        Exposed "exposed" "查看明文";
        /// A case, a person or a certificate was looked at.
        Viewed "viewed" "查看";
        /// The audit itself was read.
        AuditRead "audit_read" "查阅审计";
        /// Personal data was looked for.
        Searched "searched" "查询";
        /// Pictures of credentials were written.
        Pictured "pictured" "导出二维码";
        /// A card was ordered.
        CardOrdered "card_ordered" "登记制卡";
        /// A chip was bound to its job.
        CardBegun "card_begun" "绑定卡片";
        /// The pass over the chip's key was made and stored.
        CardPrepared "card_prepared" "卡内通行凭证备签";
        /// It was signed.
        CardSigned "card_signed" "卡内通行凭证签发";
        /// A card was written, read back and handed out.
        CardIssued "card_issued" "发卡";
        /// A card was reported lost or given up.
        CardWithdrawn "card_withdrawn" "卡片作废";
        /// A card's PIN was unblocked at the desk.
        CardUnblocked "card_unblocked" "解锁卡片密码";
        /// A bundle was published.
        Published "published" "发布核验包";
        /// A copy of the register was made.
        BackedUp "backed_up" "备份";
        /// The register came back from a copy.
        Restored "restored" "恢复";
        /// An officer signed in with both factors.
        SignedIn "signed_in" "登录";
        /// A wrong password or code for an officer's account.
        SignInRefused "sign_in_refused" "登录被拒";
        /// An officer ended every session of theirs.
        SignedOut "signed_out" "退出全部登录";
        /// An officer took an authenticator into use.
        SecondFactorSet "second_factor_set" "绑定验证器";
        /// An officer chose a new password.
        PasswordChanged "password_changed" "修改密码";
        /// An administrator gave an account a one-time password.
        AccountReset "account_reset" "重设账户";
        /// A paper or a photo was added to a case.
        DocumentAdded "document_added" "上传材料";
        /// A paper or a photo was taken out of a case.
        DocumentRemoved "document_removed" "移除材料";
        /// A paper or a photo was looked at.
        DocumentViewed "document_viewed" "查看材料";
        /// A program was given a token to act for an officer.
        ClientAdded "client_added" "登记接口客户端";
        /// A program's token was taken back.
        ClientRevoked "client_revoked" "停用接口客户端";
        /// A new key for people's facts was taken into use.
        PersonalKeyAdded "personal_key_added" "启用新的个人信息密钥";
        /// Keys of people's facts that nothing was sealed with any more were put away.
        PersonalKeyRetired "personal_key_retired" "停用旧的个人信息密钥";
        /// An administrator got back in at the machine itself, when none was left.
        AdministratorRecovered "administrator_recovered" "在主机上恢复管理员";
        /// A feature was switched on or off for a region.
        PilotSwitched "pilot_switched" "变更试点";
    }
}

impl Deed {
    /// As stored: `step.approve`, `revoke.confirmed`, `signed`.
    #[must_use]
    pub fn to_stored(self) -> String {
        match self {
            Self::Step(verb) => format!("step.{}", verb.as_str()),
            Self::Entered(change) => format!("{}.entered", change.as_str()),
            Self::Confirmed(change) => format!("{}.confirmed", change.as_str()),
            Self::Dropped(change) => format!("{}.dropped", change.as_str()),
            Self::Other(other) => other.as_str().to_owned(),
        }
    }

    /// Whether something was only looked at, as officers do all day. A number in clear is more than that.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(
            self,
            Self::Other(Other::Viewed | Other::Searched | Other::DocumentViewed | Other::AuditRead)
        )
    }

    /// The inverse of [`Self::to_stored`].
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        match text.split_once('.') {
            Some(("step", verb)) => Verb::parse(verb).map(Self::Step),
            Some((change, "entered")) => Change::parse(change).map(Self::Entered),
            Some((change, "confirmed")) => Change::parse(change).map(Self::Confirmed),
            Some((change, "dropped")) => Change::parse(change).map(Self::Dropped),
            Some(_) => None,
            None => Other::parse(text).map(Self::Other),
        }
    }
}

/// About whom or what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The register as a whole.
    Register,
    /// An officer.
    Officer(OfficerId),
    /// A person.
    Person(PersonId),
    /// A case.
    Application(ApplicationId),
    /// A certificate.
    Certificate(CertificateId),
    /// A bundle, by its version.
    Bundle(u32),
}

impl Subject {
    /// As stored: a word and a number.
    #[must_use]
    pub fn to_stored(self) -> (&'static str, i64) {
        match self {
            Self::Register => ("register", 0),
            Self::Officer(id) => ("officer", id.get()),
            Self::Person(id) => ("person", id.get()),
            Self::Application(id) => ("application", id.get()),
            Self::Certificate(id) => ("certificate", id.get()),
            Self::Bundle(version) => ("bundle", version.into()),
        }
    }

    /// The inverse of [`Self::to_stored`].
    #[must_use]
    pub fn from_stored(word: &str, number: i64) -> Option<Self> {
        Some(match word {
            "register" => Self::Register,
            "officer" => Self::Officer(OfficerId::from_stored(number)),
            "person" => Self::Person(PersonId::from_stored(number)),
            "application" => Self::Application(ApplicationId::from_stored(number)),
            "certificate" => Self::Certificate(CertificateId::from_stored(number)),
            "bundle" => Self::Bundle(u32::try_from(number).ok()?),
            _ => return None,
        })
    }
}

/// The hash of a row: over the hash before it, its number and every field, each with its length,
/// so that no two different rows read the same.
#[must_use]
pub fn link(previous: &[u8; 32], number: i64, entry: &Entry) -> [u8; 32] {
    let Entry { at, who, origin, deed, subject, reason } = entry;
    let (word, id) = subject.to_stored();
    let mut hash = Sha256::new();
    hash.update(previous);
    for integer in [number, who.get(), id] {
        hash.update(integer.to_be_bytes());
    }
    hash.update(at.as_seconds().to_be_bytes());
    let reason = reason.as_ref().map(Line::expose).unwrap_or_default();
    for text in [origin.expose(), &deed.to_stored(), word, reason] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// What stands before the first row.
pub const BEFORE_THE_FIRST: [u8; 32] = [0; 32];

/// A row as the register keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1, 2, 3, ... without a gap.
    pub number: i64,
    /// What it tells.
    pub entry: Entry,
    /// Its link to the row before.
    pub hash: [u8; 32],
}

/// Walks the chain; the number of the first row that was changed, removed, inserted or moved.
pub fn first_broken(rows: impl IntoIterator<Item = Row>) -> Option<i64> {
    let (mut previous, mut number) = (BEFORE_THE_FIRST, 0);
    for row in rows {
        number += 1;
        if row.number != number || row.hash != link(&previous, number, &row.entry) {
            return Some(number);
        }
        previous = row.hash;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for number in 1..=5 {
            let entry = Entry {
                at: UnixTime::from_seconds(1_795_000_000 + number as u64),
                who: OfficerId::from_stored(number),
                origin: Line::parse("command").unwrap(),
                deed: Deed::Step(Verb::Approve),
                subject: Subject::Application(ApplicationId::from_stored(7)),
                reason: None,
            };
            let previous = rows.last().map_or(BEFORE_THE_FIRST, |row| row.hash);
            rows.push(Row { number, hash: link(&previous, number, &entry), entry });
        }
        rows
    }

    #[test]
    fn a_whole_chain_is_whole() {
        assert_eq!(first_broken(chain()), None);
    }

    #[test]
    fn a_changed_removed_inserted_or_moved_row_is_found() {
        let mut changed = chain();
        changed[2].entry.who = OfficerId::from_stored(9);
        assert_eq!(first_broken(changed), Some(3));
        let mut removed = chain();
        removed.remove(1);
        assert_eq!(first_broken(removed), Some(2));
        let mut inserted = chain();
        inserted.insert(3, inserted[2].clone());
        assert_eq!(first_broken(inserted), Some(4));
        let mut moved = chain();
        moved.swap(0, 1);
        assert_eq!(first_broken(moved), Some(1));
    }

    #[test]
    fn deeds_read_back() {
        for text in ["step.approve", "revoke.confirmed", "suspend.entered", "signed"] {
            assert_eq!(Deed::from_stored(text).unwrap().to_stored(), text);
        }
        for text in ["step.x", "x.entered", "", "step"] {
            assert_eq!(Deed::from_stored(text), None, "{text}");
        }
    }
}
