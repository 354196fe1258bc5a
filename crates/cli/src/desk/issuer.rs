//! The issuer's end, reached through a pipe to its own program or by HTTPS: one message there, one back.
//! Nothing is repeated that the issuer may have heard: who gets no answer begins with the card anew.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use card_host::relay::{FromDesk, ToDesk};
use clap::Args;
use rand_core::TryRng;
use serde::Deserialize;
use ureq::Agent;
use ureq::http::StatusCode;
use zeroize::Zeroizing;

use bilingual::Language;

use crate::desk::program;
use crate::desk::stop::Stop;
use crate::durable_file;
use crate::edge;
use crate::error::Error;

/// Where the issuer is, and how a desk proves itself to it.
#[derive(Args)]
pub(crate) struct Access {
    /// 发证服务：网址，或本机数据目录。 ¦ The issuer: its address, or its data folder on this machine.
    #[arg(long, global = true, value_name = "URL-OR-FOLDER", default_value = "issuer")]
    issuer: String,
    /// 存放令牌的文件（网址时）；默认读取环境变量 ZHENGKA_TOKEN。 ¦ File with the token, for an address; else ZHENGKA_TOKEN.
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// 以谁的身份办理（数据目录时）。 ¦ Who stands at the desk, by login, for a folder.
    #[arg(long = "as", global = true, value_name = "LOGIN")]
    acting: Option<String>,
    /// 演示：数据目录使用公开的示例密钥。 ¦ Demo: the folder uses the public example keys.
    #[arg(long, global = true)]
    demo: bool,
    /// 存放发证密钥口令的文件（数据目录时）。 ¦ File with the passphrase of the issuer's keys, for a folder.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// A line to the issuer.
pub(crate) enum Issuer {
    /// `zhengka-issuer card-job relay` as a child.
    Folder(Pipe),
    /// `POST /api/v1/desks/{desk}/messages`.
    Url(Box<Http>),
}

/// Why there is no answer.
pub(crate) enum Silence {
    /// It may be there again soon.
    ForNow(Error),
    /// Asking again makes no sense.
    ForGood(Error),
}

pub(crate) struct Pipe {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    stop: Stop,
}

pub(crate) struct Http {
    agent: Agent,
    url: String,
    authorization: Zeroizing<String>,
    /// Problems are told in the clerk's language.
    language: Language,
}

impl Issuer {
    /// Opens the line. A folder's issuer is started; an address is asked with the first card only.
    pub(crate) fn reach(access: Access, language: Language, stop: &Stop) -> Result<Self, Error> {
        if access.issuer.starts_with("http://") || access.issuer.starts_with("https://") {
            Http::new(&access, language).map(|http| Self::Url(Box::new(http)))
        } else {
            Pipe::open(&access, stop).map(Self::Folder)
        }
    }

    /// Says something and hears the answer.
    pub(crate) fn ask(&mut self, said: &FromDesk) -> Result<ToDesk, Silence> {
        match self {
            Self::Folder(pipe) => pipe.ask(said),
            Self::Url(http) => http.ask(said),
        }
    }
}

impl Pipe {
    fn open(access: &Access, stop: &Stop) -> Result<Self, Error> {
        let folder = Path::new(&access.issuer);
        if !folder.is_dir() {
            return Err(Error::NoIssuerFolder { path: folder.into() });
        }
        let program = program();
        let mut command = Command::new(&program);
        command.arg("--dir").arg(folder);
        if let Some(login) = &access.acting {
            command.args(["--as", login]);
        }
        if access.demo {
            command.arg("--demo");
        }
        if let Some(file) = &access.passphrase_file {
            command.arg("--passphrase-file").arg(file);
        }
        command.args(["card-job", "relay"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| Error::NoIssuerProgram { path: program, kind: error.kind() })?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::IssuerGone);
        };
        Ok(Self { child, to: Some(to), from: BufReader::new(from), stop: stop.clone() })
    }

    fn ask(&mut self, said: &FromDesk) -> Result<ToDesk, Silence> {
        let gone = |_| Silence::ForGood(Error::IssuerGone);
        let to = self.to.as_mut().ok_or(Silence::ForGood(Error::IssuerGone))?;
        let mut line = Zeroizing::new(serde_json::to_vec(said).map_err(|error| gone(error.into()))?);
        line.push(b'\n');
        to.write_all(&line).and_then(|()| to.flush()).map_err(gone)?;
        let mut answer = String::new();
        let read = self.from.by_ref().take(MAX_ANSWER_BYTES).read_line(&mut answer).map_err(gone)?;
        if read == 0 {
            // It said why on standard error, which is ours as well. Ctrl-C at a terminal reaches it too.
            return Err(Silence::ForGood(if self.stop.is_wanted() {
                Error::OutputClosed
            } else {
                Error::IssuerGone
            }));
        }
        serde_json::from_str(&answer).map_err(|_| Silence::ForGood(Error::IssuerUnclear))
    }
}

impl Drop for Pipe {
    /// The end of its input is the end of the relay.
    fn drop(&mut self) {
        self.to.take();
        let _ = self.child.wait();
    }
}

impl Http {
    fn new(access: &Access, language: Language) -> Result<Self, Error> {
        let token = match &access.token_file {
            Some(path) => durable_file::read_text(path, MAX_TOKEN_BYTES)?,
            None => Zeroizing::new(edge::token().ok_or(Error::NoToken)?),
        };
        let mut desk = [0; 16];
        edge::rng().try_fill_bytes(&mut desk).map_err(|_| Error::NoRandomness)?;
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        Ok(Self {
            agent: config.build().into(),
            url: format!(
                "{}/api/v1/desks/{}/messages",
                access.issuer.trim_end_matches('/'),
                hex::encode(desk)
            ),
            authorization: Zeroizing::new(format!("Bearer {}", token.trim())),
            language,
        })
    }

    fn ask(&self, said: &FromDesk) -> Result<ToDesk, Silence> {
        let no_answer = |_| Silence::ForNow(Error::IssuerOutOfReach);
        let body = serde_json::to_vec(said).map_err(|_| Silence::ForGood(Error::IssuerUnclear))?;
        let request = self.agent.post(&self.url).header("authorization", self.authorization.as_str());
        let request = request.header("content-type", "application/json");
        let request = request.header("accept-language", self.language.pick("zh", "en"));
        let mut response = request.send(&Zeroizing::new(body)[..]).map_err(no_answer)?;
        let status = response.status();
        let body =
            response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec().map_err(no_answer)?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&body).map_err(|_| Silence::ForGood(Error::IssuerUnclear));
        }
        let Problem { code, title, detail } = serde_json::from_slice(&body).unwrap_or_default();
        let problem = Error::IssuerRefuses { status: status.as_u16(), title, detail };
        match status {
            // Served without the issuer's key: no waiting helps.
            _ if code == NOT_OFFERED => Err(Silence::ForGood(problem)),
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Err(Silence::ForNow(problem)),
            _ => Err(Silence::ForGood(problem)),
        }
    }
}

/// RFC 9457, as far as a clerk reads it.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

/// The API's code for a service that signs nothing.
const NOT_OFFERED: &str = "not_offered";
/// A batch that writes a photograph of 12 kB, in hexadecimal, and much room.
const MAX_ANSWER_BYTES: u64 = 1 << 20;
const MAX_TOKEN_BYTES: usize = 4096;
/// A signature and a commit take milliseconds; a slow line some seconds.
const TIMEOUT: Duration = Duration::from_secs(30);
