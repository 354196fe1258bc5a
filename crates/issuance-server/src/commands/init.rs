//! `init`: the register, three keys, and the first administrator. A demonstration gets example keys, a trust list
//! over them, and an office with everybody in it; a real one takes its public keys to the ceremony of the roots.

use clap::Args;
use credential::region::Region;
use credential::snapshot::Version;
use credential::trust_list::{KeyState, Role as KeyRole, RootSet, TrustList, TrustedKey};
use credential::{Kind, UnixTime};
use issuance::audit::{Deed, Other, Subject};
use issuance::office::OfficeKind;
use issuance::officer::{Login, Role, Roles};
use issuance::pilot::{self, Feature};
use issuance::publication::sign_trust_list;
use issuance::register::{IssuerKey, IssuingStore, Register};
use issuance::signer::Signer;
use issuance::staff::{self, Appointment};
use issuance::text::Text;
use keystore::{SigningKey, Use};

use crate::command::{Context, Desk, Exit};
use crate::edge;
use crate::error::{Error, TrustFault};
use crate::folder::{self, Folder, Settings};
use crate::keys::{FileKey, ISSUER, NAMES, SNAPSHOT, STATUS};
use crate::output::Output;
use crate::personal_keys::{self, PersonalKeys};
use crate::web;
use bilingual::say;

/// Arguments of `init`.
#[derive(Args)]
pub(crate) struct Init {
    /// 省级代码，两位。 ¦ Code of the province, two digits.
    #[arg(long, default_value_t = 22)]
    province: u32,
    /// 首位管理员的登录名。 ¦ Login of the first administrator.
    #[arg(long, default_value = "admin")]
    admin: String,
    /// 状态列表的条目数。 ¦ Entries of the status list.
    #[arg(long, default_value_t = 1 << 22, value_parser = clap::value_parser!(u32).range(1024..=1 << 26))]
    list_size: u32,
}

impl Init {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let Self { province, admin, list_size } = self;
        let settings = Settings { demo: context.demo, ..Settings::new(province, list_size) };
        let region = settings.region().ok_or(Error::Argument { name: "--province" })?;
        let admin = Login::parse(&admin).ok_or(Error::Argument { name: "--admin" })?;
        let now = context.now()?;
        let folder = Folder::create(&context.dir, settings, context.ask())?;
        let issuer =
            if context.demo { example_keys(&folder, region, now)? } else { new_keys(&folder, context)? };

        let mut register = folder.create_register()?;
        let desk = context.service(&register)?;
        let audit = desk.actor().entry(Deed::Other(Other::Initialised), Subject::Register);
        register.add_issuer_key(&IssuerKey { kid: issuer, list_size }, &audit)?;
        let first = appointment(admin, "管理员", &[Role::Administrator], OfficeKind::Province, region)?;
        let admin = staff::appoint_first(&mut register, &first, &desk.actor())?;
        let mut accounts = web::desk::Desk { register };
        let password =
            accounts.hand_out(admin, &desk.actor(), &mut edge::rng()).map_err(|_| Error::NoPassword)?;
        let mut register = accounts.register;
        if context.demo {
            everybody(&mut register, region, &first.login, desk.now, context)?;
        }
        report(&folder, context, output)?;
        let language = output.language();
        output.line(say!(
            language,
            "首位管理员 {}，一次性密码 {}（只显示这一次）",
            "The first administrator is {}, with the one-time password {} (shown this once)",
            first.login,
            password.expose()
        ))?;
        Ok(Exit::Good)
    }
}

/// Three new keys with their public halves beside them, and the keys of people's facts; all encrypted.
fn new_keys(folder: &Folder, context: &Context) -> Result<credential::Kid, Error> {
    let ask = context.ask();
    let mut issuer = None;
    for name in NAMES {
        let path = folder.key(name);
        let failed = |error| Error::Key { path: path.clone(), error };
        let Ok(key) = SigningKey::generate(&mut edge::rng());
        let sealed = keystore::seal(&key, &ask.passphrase(name).map_err(failed)?).map_err(failed)?;
        folder::create(&path, sealed.as_bytes())?;
        folder::create(&folder.public_key(name), format!("{}\n", key.public()).as_bytes())?;
        let _ = issuer.get_or_insert_with(|| key.public().kid);
    }
    let path = folder.personal_keys();
    let failed = |error| Error::Key { path: path.clone(), error };
    let text = PersonalKeys::generate(&mut edge::rng()).expose_text();
    let sealed = keystore::seal_text(&text, &ask.passphrase("personal").map_err(failed)?).map_err(failed)?;
    folder::create(&path, sealed.as_bytes())?;
    issuer.ok_or(Error::Trust { fault: TrustFault::OurKeysMissing })
}

/// The keys everybody knows, and a trust list over them that two of three roots sign.
fn example_keys(folder: &Folder, region: Region, now: UnixTime) -> Result<credential::Kid, Error> {
    let mut keys = Vec::new();
    for (name, file) in [(ISSUER, EXAMPLE_ISSUER), (STATUS, EXAMPLE_STATUS), (SNAPSHOT, EXAMPLE_SNAPSHOT)] {
        let key = example(file)?;
        folder::create(&folder.key(name), file.as_bytes())?;
        folder::create(&folder.public_key(name), format!("{}\n", key.public()).as_bytes())?;
        keys.push(FileKey::new(key));
    }
    folder::create(&folder.card_keys(), card_host::EXAMPLE_KEYS.as_bytes())?;
    folder::create(&folder.personal_keys(), personal_keys::EXAMPLE.as_bytes())?;
    let roots: Vec<FileKey> =
        EXAMPLE_ROOTS.iter().map(|file| example(file).map(FileKey::new)).collect::<Result<_, _>>()?;
    let unreadable = |_| Error::Trust { fault: TrustFault::Unreadable };
    let pinned = RootSet::new(2, roots.iter().map(Signer::public_key).collect()).map_err(unreadable)?;
    let roles = [KeyRole::Issuer, KeyRole::Status, KeyRole::Snapshot];
    let trusted = |(key, role): (&FileKey, KeyRole)| TrustedKey {
        key: key.public_key(),
        roles: vec![role],
        kinds: if role == KeyRole::Issuer { vec![Kind::Certificate, Kind::Pass] } else { Vec::new() },
        regions: vec![region],
        // A demonstration may set its clock back; its keys were good then.
        not_before: UnixTime::from_seconds(now.as_seconds().saturating_sub(10 * YEAR_SECONDS)),
        not_after: now.plus_seconds(10 * YEAR_SECONDS),
        state: KeyState::Active,
    };
    // Packs of the nation are part of a demonstration too.
    let policy = FileKey::new(example(EXAMPLE_POLICY)?);
    let policy = TrustedKey { regions: vec![Region::NATION], ..trusted((&policy, KeyRole::Policy)) };
    let list = TrustList {
        version: Version::new(1),
        issued: now,
        expires: now.plus_seconds(10 * YEAR_SECONDS),
        roots: pinned.clone(),
        keys: keys.iter().zip(roles).map(trusted).chain([policy]).collect(),
    };
    let signers: Vec<&dyn Signer> = roots.iter().take(2).map(|root| root as &dyn Signer).collect();
    folder::create(&folder.trust_list(), &sign_trust_list(&list, &signers)?)?;
    folder::create(&folder.roots(), &pinned.to_bytes())?;
    keys.first().map(|key| key.public_key().kid()).ok_or(Error::Trust { fault: TrustFault::OurKeysMissing })
}

fn example(file: &str) -> Result<SigningKey, Error> {
    let never_asked = || Err(keystore::KeyError::NoPassphrase);
    keystore::open(file.as_bytes(), Use::Demo, never_asked)
        .map_err(|error| Error::Key { path: "keys-example".into(), error })
}

/// An office of the province with one officer for each power, two hospitals' doctors, and cards in every county.
fn everybody(
    register: &mut dyn Register,
    region: Region,
    admin: &Login,
    now: UnixTime,
    context: &Context,
) -> Result<(), Error> {
    let officer = staff::officer(register, admin)?;
    let officer = officer.ok_or_else(|| Error::NoOfficer { login: admin.to_string() })?;
    let desk = Desk { officer, now, ..context.service(register)? };
    for (login, name, role, kind) in [
        ("clerk", "受理员", Role::Clerk, OfficeKind::Province),
        ("clerk-2", "受理员二", Role::Clerk, OfficeKind::Province),
        ("reviewer", "审核员", Role::Reviewer, OfficeKind::Province),
        ("approver", "批准人", Role::Approver, OfficeKind::Province),
        ("card", "制证员", Role::CardOperator, OfficeKind::Province),
        ("auditor", "审计员", Role::Auditor, OfficeKind::Province),
        ("doctor-1", "医师一", Role::Assessor, OfficeKind::Hospital),
        ("doctor-2", "医师二", Role::Assessor, OfficeKind::Hospital),
        ("doctor-3", "医师三", Role::Assessor, OfficeKind::Hospital),
        ("doctor-4", "医师四", Role::Assessor, OfficeKind::Hospital),
    ] {
        let login = Login::parse(login).ok_or(Error::Argument { name: "login" })?;
        staff::appoint(register, &appointment(login, name, &[role], kind, region)?, &desk.actor())?;
    }
    pilot::switch(register, Feature::SmartCard, region, true, &desk.actor())?;
    Ok(())
}

fn appointment(
    login: Login,
    name: &str,
    roles: &[Role],
    kind: OfficeKind,
    region: Region,
) -> Result<Appointment, Error> {
    let office = match kind {
        OfficeKind::Hospital => "定点医院",
        _ => "残联",
    };
    Ok(Appointment {
        login,
        name: Text::parse(name).map_err(|_| Error::Argument { name: "--name" })?,
        roles: Roles::new(roles),
        kind,
        region,
        office: Text::parse(office).map_err(|_| Error::Argument { name: "--office" })?,
    })
}

fn report(folder: &Folder, context: &Context, output: &mut Output) -> Result<Exit, Error> {
    let language = output.language();
    let dir = context.dir.display();
    output.line(say!(language, "登记库已建立：{}", "The register is made: {}", dir))?;
    for name in NAMES {
        output.line(format_args!("{name:9} {}", crate::keys::public(folder, name)?))?;
    }
    if context.demo {
        output.line(say!(
            language,
            "演示密钥，人人皆知。核验端固定的根：{}",
            "Example keys that everybody knows. The roots for verifiers to pin: {}",
            folder.roots().display()
        ))?;
    } else {
        output.line(say!(
            language,
            "下一步：把 {}/keys/*.pub 交根密钥仪式（zhengka trust），再运行 bundle trust；用 officer add 登记工作人员。",
            "Next: take {}/keys/*.pub to the roots (zhengka trust), then run `bundle trust`; add officers with `officer add`.",
            dir
        ))?;
    }
    Ok(Exit::Good)
}

const EXAMPLE_ISSUER: &str = include_str!("../../../../keys-example/EXAMPLE-issuer.key");
const EXAMPLE_STATUS: &str = include_str!("../../../../keys-example/EXAMPLE-status.key");
const EXAMPLE_SNAPSHOT: &str = include_str!("../../../../keys-example/EXAMPLE-snapshot.key");
const EXAMPLE_POLICY: &str = include_str!("../../../../keys-example/EXAMPLE-policy.key");
const EXAMPLE_ROOTS: [&str; 3] = [
    include_str!("../../../../keys-example/EXAMPLE-root-1.key"),
    include_str!("../../../../keys-example/EXAMPLE-root-2.key"),
    include_str!("../../../../keys-example/EXAMPLE-root-3.key"),
];
const YEAR_SECONDS: u64 = 365 * 24 * 3600;
