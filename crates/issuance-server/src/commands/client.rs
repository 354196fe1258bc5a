//! `client add`, `client list`, `client revoke`: programs with a token for the API.

use clap::{Args, Subcommand};
use issuance::id::ClientId;
use issuance::officer::Login;
use issuance::staff;
use issuance::text::Line;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::edge;
use crate::error::Error;
use crate::output::Output;
use crate::sqlite::SqliteRegister;
use crate::web::client::{self, MAX_DAYS, NewClient, RevokeReason};
use crate::web::scope::Scopes;
use crate::web::token::Token;
use bilingual::say;

/// Subcommands of `client`.
#[derive(Subcommand)]
pub(crate) enum Clients {
    /// 登记一个程序，代表一名人员（由管理员）；令牌只显示这一次。 ¦ Adds a program that acts for an officer; an administrator does. Its token is shown once.
    Add(Add),
    /// 客户端清单。 ¦ Lists clients.
    List,
    /// 停用令牌，立即生效。 ¦ Takes a token back, at once.
    Revoke {
        /// 客户端编号。 ¦ The client, by number.
        number: i64,
        /// 理由：retired 不再使用、replaced 更换令牌、leaked 遗失或泄露、misused 使用不当。 ¦ Why: retired, replaced, leaked, misused.
        #[arg(long, default_value = "retired")]
        reason: String,
    },
}

/// Arguments of `client add`.
#[derive(Args)]
pub(crate) struct Add {
    /// 所代表人员的登录名。 ¦ The officer it acts for, by login.
    login: String,
    /// 名称，如 受理窗口。 ¦ What to call it, such as `counter`.
    #[arg(long)]
    name: String,
    /// 权限范围，逗号分隔：read_cases,write_cases,decide,read_certificates,read_credentials,status,cards,expose_numbers。 ¦ Scopes, with commas between: read_cases,write_cases,decide,read_certificates,read_credentials,status,cards,expose_numbers.
    #[arg(long)]
    scope: String,
    /// 有效天数，最长 366。 ¦ Days it is good for, 366 at the most.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=MAX_DAYS))]
    days: u64,
}

impl Clients {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        match self {
            Self::Add(add) => add.run(&mut register, context, output),
            Self::List => list(&register, context, output),
            Self::Revoke { number, reason } => {
                let reason = RevokeReason::parse(&reason).ok_or(Error::Argument { name: "--reason" })?;
                let desk = context.desk(&register)?;
                let id = ClientId::from_stored(number);
                let revoked = client::revoke(&mut register, id, reason, &desk.actor())?;
                revoked.ok_or(Error::Argument { name: "NUMBER" })?;
                output.line(say!(output.language(), "已停用 #{}", "revoked #{}", number))?;
                Ok(Exit::Good)
            }
        }
    }
}

impl Add {
    fn run(
        self,
        register: &mut SqliteRegister,
        context: &Context,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let desk = context.desk(register)?;
        let login = Login::parse(&self.login);
        let officer = login.map(|login| staff::officer(register, &login)).transpose()?.flatten();
        let officer = officer.ok_or(Error::NoOfficer { login: self.login })?;
        let new = NewClient {
            officer: officer.id,
            name: Line::parse(&self.name).map_err(|_| Error::Argument { name: "--name" })?,
            scopes: Scopes::parse(&self.scope).ok_or(Error::Argument { name: "--scope" })?,
            expires_at: desk.now.plus_seconds(self.days * 24 * 3600),
        };
        let token = Token::generate(&mut edge::rng());
        let id = client::add(register, &new, &token, &desk.actor())?;
        let shown = token.expose_for_program();
        let row = Added { client: id.get(), token: shown.as_str(), expires: new.expires_at.to_string() };
        let text = say!(
            output.language(),
            "已登记 #{}，{} 到期。令牌（只显示这一次）：\n{}",
            "added #{}, good until {}. Its token, shown this once:\n{}",
            row.client,
            row.expires,
            row.token
        );
        output.either(&row, text)?;
        Ok(Exit::Good)
    }
}

fn list(register: &SqliteRegister, context: &Context, output: &mut Output) -> Result<Exit, Error> {
    let desk = context.desk(register)?;
    for (client, officer) in client::list(register, &desk.actor())? {
        let row = Row {
            client: client.id.get(),
            name: client.name.expose(),
            login: officer.login.as_str(),
            scopes: client.scopes.to_string(),
            expires: client.expires_at.to_string(),
            used: client.used_at.map(|at| at.to_string()),
            in_force: client.is_in_force(desk.now) && officer.active,
        };
        let Row { client, name, login, scopes, expires, used, in_force } = &row;
        let used = used.as_deref().unwrap_or("—");
        let state = match in_force {
            true => say!(output.language(), "有效", "in force"),
            false => say!(output.language(), "已失效", "ended"),
        };
        output.either(
            &row,
            format_args!("#{client:<4} {name}  {login}  {scopes}  {expires}  {used}  {state}"),
        )?;
    }
    Ok(Exit::Good)
}

#[derive(Serialize)]
struct Added<'a> {
    client: i64,
    token: &'a str,
    expires: String,
}

#[derive(Serialize)]
struct Row<'a> {
    client: i64,
    name: &'a str,
    login: &'a str,
    scopes: String,
    expires: String,
    used: Option<String>,
    in_force: bool,
}
