//! `officer add`, `officer password`, `officer recover`, `officer list`; in a demonstration, `officer code` plays the authenticator.

use clap::{Args, Subcommand};
use credential::region::Region;
use issuance::audit::{Deed, Other, Subject};
use issuance::office::OfficeKind;
use issuance::officer::{Login, Role, Roles};
use issuance::register::{AuditStore, Register, StoreError};
use issuance::staff::{self, Appointment};
use issuance::text::Text;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::edge;
use crate::error::Error;
use crate::folder::Folder;
use crate::keys::{FileKey, ISSUER};
use crate::output::Output;
use crate::sqlite::SqliteRegister;
use crate::web;
use crate::web::account::SecondFactor;
use bilingual::say;

/// Subcommands of `officer`.
#[derive(Subcommand)]
pub(crate) enum Officers {
    /// 登记一名工作人员（由管理员）。 ¦ Adds an officer; an administrator does.
    Add(Add),
    /// 交付一次性密码并解除验证器（由管理员）。 ¦ Hands out a one-time password and forgets the authenticator; an administrator does.
    Password {
        /// 登录名。 ¦ Login.
        login: String,
    },
    /// 所有管理员都无法登录时，在主机上恢复：须签发密钥口令，记入审计并长期提示。 ¦ When no administrator can sign in any more, lets one in again at the machine; takes the issuer key's passphrase, is audited and told of for long.
    Recover(Recover),
    /// 演示：代替手机验证器，显示当前的六位验证码。 ¦ A demonstration: plays the authenticator and shows the code of now.
    Code {
        /// 登录名。 ¦ Login.
        login: String,
    },
    /// 工作人员清单。 ¦ Lists officers.
    List,
}

/// Arguments of `officer add`.
#[derive(Args)]
pub(crate) struct Add {
    /// 登录名：小写字母、数字、. _ -。 ¦ Login: lower-case letters, digits, . _ -.
    login: String,
    /// 姓名。 ¦ Name.
    #[arg(long)]
    name: String,
    /// 权限，逗号分隔：clerk,assessor,reviewer,approver,card_operator,auditor,administrator。 ¦ Powers, with commas between: clerk,assessor,reviewer,approver,card_operator,auditor,administrator.
    #[arg(long)]
    role: String,
    /// 机构类型：province、prefecture、county、township、hospital。 ¦ Kind of office: province, prefecture, county, township, hospital.
    #[arg(long, default_value = "county")]
    kind: String,
    /// 辖区代码。 ¦ Code of the region it serves.
    #[arg(long)]
    region: String,
    /// 机构名称。 ¦ Name of the office.
    #[arg(long, default_value = "残联")]
    office: String,
}

/// Arguments of `officer recover`.
#[derive(Args)]
pub(crate) struct Recover {
    /// 管理员的登录名；没有此人时新设，并需 --name。 ¦ Login of an administrator; a new one with --name where there is none.
    login: String,
    /// 新设管理员的姓名。 ¦ Name of a new administrator.
    #[arg(long)]
    name: Option<String>,
    /// 确认：所有管理员都已无法登录。 ¦ Confirms that no administrator can sign in any more.
    #[arg(long)]
    every_administrator_is_lost: bool,
}

impl Officers {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        match self {
            Self::Recover(recover) => recover.run(register, &folder, context, output),
            Self::Add(add) => add.run(&mut register, context, output),
            Self::Password { login } => password(register, &login, context, output),
            Self::Code { login } => code(register, &login, context, output),
            Self::List => list(&register, output),
        }
    }
}

impl Add {
    fn run(self, register: &mut dyn Register, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let wrong = |name| Error::Argument { name };
        let appointment = Appointment {
            login: Login::parse(&self.login).ok_or_else(|| wrong("LOGIN"))?,
            name: Text::parse(&self.name).map_err(|_| wrong("--name"))?,
            roles: Roles::parse(&self.role).ok_or_else(|| wrong("--role"))?,
            kind: OfficeKind::parse(&self.kind).ok_or_else(|| wrong("--kind"))?,
            region: Region::parse(&self.region).map_err(|_| wrong("--region"))?,
            office: Text::parse(&self.office).map_err(|_| wrong("--office"))?,
        };
        let desk = context.desk(register)?;
        match staff::appoint(register, &appointment, &desk.actor()) {
            Err(issuance::Error::Store(StoreError::Rule("officer.login"))) => {
                Err(Error::LoginTaken { login: self.login })
            }
            added => {
                let id = added?;
                output.line(say!(output.language(), "已登记 #{} {}", "added #{} {}", id, self.login))?;
                Ok(Exit::Good)
            }
        }
    }
}

fn password(
    register: SqliteRegister,
    login: &str,
    context: &Context,
    output: &mut Output,
) -> Result<Exit, Error> {
    let desk = context.desk(&register)?;
    let whose = Login::parse(login).map(|login| staff::officer(&register, &login)).transpose()?.flatten();
    let whose = whose.ok_or_else(|| Error::NoOfficer { login: login.to_owned() })?;
    desk.officer.must_hold(Role::Administrator)?;
    desk.officer.must_serve(whose.office.region)?;
    let mut accounts = web::desk::Desk { register };
    let password =
        accounts.hand_out(whose.id, &desk.actor(), &mut edge::rng()).map_err(|_| Error::NoPassword)?;
    output.line(say!(
        output.language(),
        "{} 的一次性密码：{}（只显示这一次）",
        "The one-time password of {}: {} (shown this once)",
        login,
        password.expose()
    ))?;
    Ok(Exit::Good)
}

impl Recover {
    /// Who may read the folder and knows the passphrases of people's facts and of the issuer's key could sign anything;
    /// an administrator adds nothing to that, and an audit row and a warning to everybody.
    fn run(
        self,
        mut register: SqliteRegister,
        folder: &Folder,
        context: &Context,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let wrong = |name| Error::Argument { name };
        if !self.every_administrator_is_lost {
            return Err(wrong("--every-administrator-is-lost"));
        }
        drop(FileKey::open(folder, ISSUER, &context.ask())?);
        let desk = context.service(&register)?;
        let login = Login::parse(&self.login).ok_or_else(|| wrong("LOGIN"))?;
        let known = staff::officer(&register, &login)?;
        let whose = match (known, self.name) {
            (Some(officer), _) => {
                officer.must_hold(Role::Administrator)?;
                officer.id
            }
            (None, None) => return Err(Error::NoOfficer { login: self.login }),
            (None, Some(name)) => {
                let appointment = Appointment {
                    login,
                    name: Text::parse(&name).map_err(|_| wrong("--name"))?,
                    roles: Roles::new(&[Role::Administrator]),
                    kind: OfficeKind::Province,
                    region: folder.settings().region().ok_or_else(|| wrong("province"))?,
                    office: Text::parse("残联").map_err(|_| wrong("--office"))?,
                };
                match staff::appoint_again(&mut register, &appointment, &desk.actor()) {
                    Err(issuance::Error::Store(StoreError::Rule("officer.login"))) => {
                        return Err(Error::LoginTaken { login: self.login });
                    }
                    appointed => appointed?,
                }
            }
        };
        let deed = Deed::Other(Other::AdministratorRecovered);
        register.note(&desk.actor().entry(deed, Subject::Officer(whose)))?;
        let mut accounts = web::desk::Desk { register };
        let password =
            accounts.hand_out(whose, &desk.actor(), &mut edge::rng()).map_err(|_| Error::NoPassword)?;
        output.note(say!(
            output.language(),
            "警告：管理员 {} 已在主机上恢复，记入审计；doctor 和 serve 将提示 90 天。",
            "Warning: the administrator {} was recovered at the machine. It is in the audit; doctor and serve tell of it for 90 days.",
            self.login
        ));
        output.line(say!(
            output.language(),
            "{} 的一次性密码：{}（只显示这一次）",
            "The one-time password of {}: {} (shown this once)",
            self.login,
            password.expose()
        ))?;
        Ok(Exit::Good)
    }
}

/// Whoever has the secrets of authenticators needs none; that is for a demonstration alone.
fn code(
    register: SqliteRegister,
    login: &str,
    context: &Context,
    output: &mut Output,
) -> Result<Exit, Error> {
    if !context.demo {
        return Err(Error::DemoOnly);
    }
    let whose = Login::parse(login).map(|login| staff::officer(&register, &login)).transpose()?.flatten();
    let whose = whose.ok_or_else(|| Error::NoOfficer { login: login.to_owned() })?;
    let account = web::desk::Desk { register }.account(whose.id).map_err(|_| Error::NoPassword)?;
    match account.map(|account| account.second_factor) {
        Some(SecondFactor::Pending(secret) | SecondFactor::Set { secret, .. }) => {
            output.line(secret.code(context.now()?))?;
            Ok(Exit::Good)
        }
        Some(SecondFactor::None) | None => Err(Error::NoAuthenticator { login: login.to_owned() }),
    }
}

fn list(register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
    for officer in register.officers()? {
        let row = Row {
            id: officer.id.get(),
            login: officer.login.as_str(),
            name: officer.name.expose(),
            roles: officer.roles.to_string(),
            office: officer.office.name.expose(),
            kind: officer.office.kind.as_str(),
            region: officer.office.region.code(),
            active: officer.active,
        };
        let Row { id, login, name, roles, office, region, .. } = &row;
        output.either(&row, format_args!("#{id:<4} {login:16} {name}  {roles}  {office} {region}"))?;
    }
    Ok(Exit::Good)
}

#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    login: &'a str,
    name: &'a str,
    roles: String,
    office: &'a str,
    kind: &'static str,
    region: u32,
    active: bool,
}
