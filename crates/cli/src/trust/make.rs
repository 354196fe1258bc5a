//! `trust make`: from a description to an unsigned trust list, with every rule asked before anybody signs.

use std::path::PathBuf;

use clap::Args;
use credential::sign::assemble;
use credential::snapshot::Version;
use credential::trust_list::{KeyState, Role, RootSet, TrustList, TrustedKey};
use credential::{Kid, Kind, PublicKey, UnixTime};
use verifier::MAX_VERSION_STEP;

use crate::command::Exit;
use crate::durable_file;
use crate::edge;
use crate::error::{Error, Wanted};
use crate::open_key::allowed;
use crate::output::Output;
use crate::trust::TrustError;
use crate::trust::description::{Description, Key, Moment, public_key};
use crate::trust::list_file::{ListFile, fingerprint};
use bilingual::say;

/// From where to where.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Make {
    /// 描述文件（TOML）。 ¦ The description, a TOML file.
    description: PathBuf,
    /// 待签名单写到这里；不覆盖。 ¦ Where the unsigned list goes; nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 上一份信任名单；第一份没有。 ¦ The list before this one; the first has none.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// 演示：接受公开的示例密钥。 ¦ Demo: the public example keys are accepted.
    #[arg(long)]
    demo: bool,
}

impl Make {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let list = self.list()?;
        let previous = self.previous.as_deref().map(ListFile::read).transpose()?;
        check_version(list.version, previous.as_ref().map(|previous| previous.list.version))?;
        check_time(&list, edge::now())?;
        let payload = list.encode();
        // Our own reader has the last word on what is well-formed.
        TrustList::decode(&payload).map_err(|cause| self.not_a_list(cause))?;
        durable_file::create(&self.out, &assemble(&payload, Vec::new()))?;

        super::show::tell_list(&list, output)?;
        for gone in gone(&list, previous.as_ref()) {
            output.note(say!(
                output.language(),
                "注意：密钥 {gone} 不再列出，它签过的证件将全部失效；停用请写 retired。",
                "Mind: key {gone} is no longer listed, so all it signed is refused; to end its use, write `retired`."
            ));
        }
        let fingerprint = fingerprint(&payload);
        output.line(say!(output.language(), "指纹：{fingerprint}", "Fingerprint: {fingerprint}"))?;
        Ok(Exit::Good)
    }

    fn list(&self) -> Result<TrustList, Error> {
        let Description { version, issued: Moment(issued), expires: Moment(expires), roots, keys } =
            Description::read(&self.description)?;
        let public = |named: &String| -> Result<PublicKey, Error> {
            let line = public_key(named, &self.description)?;
            self.check_key(&line)?;
            Ok(line.key)
        };
        let root_keys = roots.keys.iter().map(public).collect::<Result<Vec<_>, _>>()?;
        let keys = keys
            .iter()
            .map(|key| Ok(trusted(key, public(&key.public)?)?))
            .collect::<Result<Vec<_>, Error>>()?;
        check_kids(root_keys.iter().map(PublicKey::kid).chain(keys.iter().map(TrustedKey::kid)))?;
        let roots = RootSet::new(roots.threshold, root_keys).map_err(|cause| self.not_a_list(cause))?;
        Ok(TrustList { version: Version::new(version), issued, expires, roots, keys })
    }

    fn check_key(&self, line: &keystore::PublicKeyLine) -> Result<(), Error> {
        allowed(self.demo)
            .check(line.kid)
            .map_err(|cause| Error::Key { path: self.description.clone(), cause })?;
        if line.is_sound() { Ok(()) } else { Err(TrustError::NoPoint { kid: line.kid }.into()) }
    }

    fn not_a_list(&self, cause: credential::Malformed) -> Error {
        Error::NotSuchAFile { path: self.description.clone(), wanted: Wanted::TrustList, cause }
    }
}

fn trusted(key: &Key, public: PublicKey) -> Result<TrustedKey, TrustError> {
    let kid = public.kid();
    let mut roles: Vec<Role> = key.roles.iter().map(|role| Role::from(*role)).collect();
    let mut kinds: Vec<Kind> = key.kinds.iter().map(|kind| Kind::from(*kind)).collect();
    roles.sort();
    kinds.sort();
    let state = match (key.retired, key.compromised) {
        (None, None) => KeyState::Active,
        (Some(Moment(since)), None) => KeyState::Retired { since },
        (None, Some(Moment(since))) => KeyState::Compromised { since },
        (Some(_), Some(_)) => return Err(TrustError::TwoStates { kid }),
    };
    let without_kinds = roles.contains(&Role::Issuer) && kinds.is_empty();
    let regional = roles.contains(&Role::Issuer) || roles.contains(&Role::Status);
    if without_kinds || regional && key.regions.is_empty() {
        return Err(TrustError::UselessKey { kid });
    }
    Ok(TrustedKey {
        key: public,
        roles,
        kinds,
        regions: key.regions.iter().map(|code| code.0).collect(),
        not_before: key.not_before.0,
        not_after: key.not_after.0,
        state,
    })
}

/// Every key stands in one place: a root that also issued would let one holder do alone what takes several.
fn check_kids(kids: impl Iterator<Item = Kid>) -> Result<(), TrustError> {
    let mut kids: Vec<Kid> = kids.collect();
    kids.sort();
    match kids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(TrustError::RepeatedKid { kid: pair[0] }),
        None => Ok(()),
    }
}

/// Verifiers refuse what does not grow, and what grows beyond belief.
pub(super) fn check_version(this: Version, before: Option<Version>) -> Result<(), TrustError> {
    let first = before.is_none() && this != Version::new(1);
    let before = match before {
        None if first => return Err(TrustError::BeforeNotNamed { this }),
        None => Version::default(),
        Some(before) => before,
    };
    if this <= before {
        return Err(TrustError::NotGrowing { before, this });
    }
    if this.as_u32() - before.as_u32() > MAX_VERSION_STEP {
        return Err(TrustError::TooFar { before, this });
    }
    Ok(())
}

/// A list whose time is over protects nobody.
pub(super) fn check_time(list: &TrustList, now: UnixTime) -> Result<(), TrustError> {
    if list.expires <= now { Err(TrustError::Expired { expires: list.expires }) } else { Ok(()) }
}

fn gone(list: &TrustList, previous: Option<&ListFile>) -> Vec<Kid> {
    let Some(previous) = previous else { return Vec::new() };
    previous.list.keys.iter().map(TrustedKey::kid).filter(|kid| list.key(*kid).is_none()).collect()
}
