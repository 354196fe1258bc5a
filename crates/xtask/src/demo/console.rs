//! The scene at the console: the same office in a browser, with people in every stage of a case and a login for each role.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use credential::number::IdentityNumber;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::demo::browser::Browser;
use crate::demo::process::Running;
use crate::demo::stage::Stage;

/// The console, running.
pub(crate) struct Console {
    service: Running,
    at: SocketAddr,
    logins: Vec<String>,
}

/// Adds what waits in the middle of its way to those who have their certificates, and signs everybody in once.
pub(crate) fn people_in_every_stage(stage: &mut Stage) -> Result<Console> {
    stage.scene("十一 · 工作台：每个环节都有人在办", "11 · The console, with people in every stage");
    waiting_for_decisions(stage)?;
    let mut console = Console::start(stage)?;
    let mut clerk = console.sign_in(stage, "clerk")?;
    let mut doctors = [console.sign_in(stage, "doctor-1")?, console.sign_in(stage, "doctor-2")?];
    at_the_desk(&mut clerk, &mut doctors)?;
    for login in ["reviewer", "approver", "card", "auditor", "admin"] {
        let page = console.sign_in(stage, login)?.get("/")?;
        ensure!(page.status == 200 && page.page.contains("演示"), "{login}: {}", page.page);
    }
    for (path, words) in [("/applications", "待"), ("/certificates", "有效"), ("/notices", "公示")] {
        let answer = clerk.get(path)?;
        ensure!(
            answer.status == 200 && answer.page.contains(words),
            "{path}: {} {}",
            answer.status,
            answer.page
        );
    }
    stage.say(&format!("工作台答复正常 the console answers at http://{}", console.at));
    Ok(console)
}

/// Fifteen more from a file: some wait for the review, some for the approval, some for the signature, one is refused; and
/// among those who have a certificate, one is suspended, one waits for a second officer, one lost the paper.
fn waiting_for_decisions(stage: &Stage) -> Result<()> {
    let before = stage.issuer_json(&["list", "applications", "--limit", "100000"])?.len();
    fs::File::create(stage.path("waiting.csv"))?.write_all(applicants().as_bytes())?;
    stage.issuer(&["--as", "clerk", "import", "waiting.csv"], 0)?;
    let ids: Vec<String> = (before + 1..=before + WAITING).map(|id| id.to_string()).collect();
    let decide = |who: &str, what: &[&str], which: std::ops::Range<usize>| {
        let ids = ids.iter().skip(which.start).take(which.len()).map(String::as_str);
        let arguments: Vec<&str> = ["--as", who].into_iter().chain(what.iter().copied()).chain(ids).collect();
        stage.issuer(&arguments, 0)
    };
    decide("reviewer", &["review"], 0..9)?;
    decide("approver", &["approve"], 0..4)?;
    decide("reviewer", &["review", "--refuse", "evidence_missing"], 9..10)?;
    let status = |more: &[&str]| stage.issuer(&[&["--as", "clerk", "status"], more].concat(), 0);
    status(&["suspend", "150", "--reason", "data_conflict"])?;
    status(&["revoke", "151", "--reason", "death"])?;
    status(&["replace", "152"])?;
    Ok(())
}

/// Six who come to the desk: one waits, one has to bring a paper, two are with the doctors, one is assessed, one gave up.
fn at_the_desk(clerk: &mut Browser, doctors: &mut [Browser; 2]) -> Result<()> {
    let [first, second] = doctors;
    for (n, steps) in AT_THE_DESK.iter().enumerate() {
        clerk.get("/applications/new")?;
        let number = number(900 + n)?;
        let fields = [
            ("identity_number", number.as_str()),
            ("name", DESK_NAMES.get(n).copied().unwrap_or("样例")),
            ("county", "220102"),
            ("address", "长春市南关区样例街 1 号"),
            ("step", "4"),
            ("go", "on"),
        ];
        let case = clerk.post("/applications/new", &fields)?.sent_on("a new application")?;
        for step in *steps {
            let (who, fields): (&mut Browser, &[(&str, &str)]) = match *step {
                "assess" => (&mut *first, &[("level_4", "2"), ("assessed_on", "2026-09-14")]),
                "countersign" => (&mut *second, &[]),
                "request_evidence" => (&mut *clerk, &[("evidence", "photo")]),
                _ => (&mut *clerk, &[]),
            };
            let path = format!("{case}/steps/{step}");
            who.get(&path)?;
            who.post(&path, fields)?.sent_on(step)?;
        }
    }
    Ok(())
}

impl Console {
    fn start(stage: &Stage) -> Result<Self> {
        let at = TcpListener::bind(USUAL).or_else(|_| TcpListener::bind("127.0.0.1:0"))?.local_addr()?;
        // One machine signs in eight officers within seconds.
        let settings = format!("listen = \"{at}\"\n[limits]\nrequests_burst = 1000\nsign_in_burst = 100\n");
        fs::write(stage.path("serve.toml"), settings)?;
        let arguments = ["--demo", "--dir", "issuer", "serve", "--config", "serve.toml"];
        println!("   $ zhengka-issuer {}", arguments.join(" "));
        let child = Command::new(stage.program_path("zhengka-issuer"))
            .args(arguments)
            .current_dir(stage.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(stage.path("serve.log"))?)
            .spawn()?;
        let mut console = Self { service: Running(child), at, logins: Vec::new() };
        for _ in 0..600 {
            if Browser::new(at).get("/readyz").is_ok_and(|answer| answer.status == 200) {
                return Ok(console);
            }
            ensure!(
                console.service.0.try_wait()?.is_none(),
                "{}",
                fs::read_to_string(stage.path("serve.log"))?
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("工作台没有答复 the console does not answer at {at}")
    }

    /// From the one-time password to the home page, with the authenticator that the demo plays.
    fn sign_in(&mut self, stage: &Stage, login: &str) -> Result<Browser> {
        let handed = stage.quietly(&["--as", "admin", "officer", "password", login])?;
        let one_time = handed.split([' ', '：', '（']).find(|word| word.matches('-').count() == 3);
        let one_time = one_time.with_context(|| format!("no one-time password in: {handed}"))?.to_owned();
        let mut browser = Browser::new(self.at);
        browser.get("/sign-in")?;
        let sent = browser.post("/sign-in", &[("login", login), ("secret_password", &one_time)])?;
        let enrol = sent.sent_on("the one-time password")?;
        browser.get(&enrol)?;
        let code = stage.quietly(&["officer", "code", login])?;
        let next = browser.post(&enrol, &[("secret_code", code.trim())])?.sent_on("the code")?;
        browser.get(&next)?;
        let password = format!("{PASSWORD} {}", login.chars().rev().collect::<String>());
        let fields = [("secret_new", password.as_str()), ("secret_again", &password)];
        browser.post(&next, &fields)?.sent_on("the new password")?;
        self.logins.push(format!("{login:<10} {password}"));
        Ok(browser)
    }

    /// Prints how to get in; stops the service, or leaves it until Ctrl-C.
    pub(crate) fn end(mut self, stay: bool) -> Result<()> {
        println!("\n━━ 工作台 The console   http://{}\n", self.at);
        println!("   登录名 login  密码 password");
        self.logins.iter().for_each(|line| println!("   {line}"));
        println!("\n   验证码 the code: zhengka-issuer --demo --dir issuer officer code LOGIN");
        if !stay {
            println!("   cargo xtask demo --stay 让它继续运行 leaves it running");
            return Ok(());
        }
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register(signal, Arc::clone(&stop))?;
        }
        println!("   Ctrl-C 停止 stops it");
        while !stop.load(Ordering::Relaxed) {
            if let Some(ended) = self.service.0.try_wait()? {
                // Ctrl-C reaches it too, and it may be the first to end.
                ensure!(ended.success(), "zhengka-issuer serve: {ended}");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.service.ask_to_end();
        ensure!(self.service.ends(), "zhengka-issuer serve 未停止 does not stop");
        Ok(())
    }
}

fn applicants() -> String {
    let mut text = String::from(
        "name,identity_number,county,components,address,assessed_on,doctor_1,doctor_2,notice_posted\n",
    );
    for n in 0..WAITING {
        let number = number(n).unwrap_or_default();
        text += &format!(
            "等待{n},{number},220102,4{},样例街 {n} 号,2026-09-10,doctor-1,doctor-2,2026-09-14\n",
            n % 4 + 1
        );
    }
    text
}

/// Invented: nobody was born on that day with such a serial in that county of the demo's file.
fn number(n: usize) -> Result<String> {
    Ok(IdentityNumber::from_first_17(22_010_219_620_711_000 + n as u64)?.expose())
}

/// Steps after the application, for each who comes to the desk.
const AT_THE_DESK: [&[&str]; 6] = [
    &[],
    &["request_evidence"],
    &["accept"],
    &["accept", "assess"],
    &["accept", "assess", "countersign"],
    &["withdraw"],
];
const DESK_NAMES: [&str; 6] = ["陈小满", "林春生", "郭立夏", "何秋分", "马冬至", "罗小雪"];
const WAITING: usize = 15;
const USUAL: &str = "127.0.0.1:8443";
const PASSWORD: &str = "three old elms";
