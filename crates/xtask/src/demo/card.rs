//! The scene at the card desk: a blank card written through the machine's reader service, a card pulled out while it is
//! written, and a chip that shows another card's pass.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::demo::stage::{Outcome, Stage, refused};
use crate::demo::wire::{Forgery, Listener, measure};

/// Two certificates get their cards.
pub(crate) fn cards_are_written(stage: &mut Stage) -> Result<()> {
    stage.scene("十 · 证卡：写卡、中途拔卡、复制卡", "10 · Cards: written, pulled out, copied");
    stage.issuer(&[&["--as", "card", "card-job", "order"], &HOLDERS[..]].concat(), 0)?;
    let jobs = stage.issuer_json(&["card-job", "list"])?;
    let jobs: Vec<String> = jobs.iter().map(|job| job["job"].to_string()).collect();
    let [first, second] = &jobs[..] else { bail!("two card jobs, not {jobs:?}") };

    let listener = Listener::before(slot(0))?;
    let cards = Cards::put_in(stage, &["--state", "first.img", "--create", "--start-pcscd"], listener.at)?;
    let (issued, broken) = write(stage, first, None)?;
    ensure!(broken == 0, "the first card was not touched, and broke {broken} times");
    stage.say(&format!("写卡与签发机构往返 {} 次 round trips to the issuer", issued["round_trips"]));
    stage.issuer(&["bundle", "export", "cards.dcb"], 0)?;
    listener.forget();
    read(stage, "证卡：新写的卡 a card just written", "00 00", Outcome::Accepted)?;
    let heard = listener.heard();
    let (commands, whole, card) = measure(&heard).context("no command on the wire")?;
    let each = |whole: Duration| whole.as_secs_f64() * 1e3 / f64::from(u32::try_from(commands).unwrap_or(1));
    stage.say(&format!(
        "核验 {commands} 条命令；每条往返 {:.2} 毫秒（经读卡服务），其中卡片 {:.2} 毫秒。 {commands} commands, each {:.2} ms \
         through the reader service, of which the card took {:.2} ms.",
        each(whole),
        each(card),
        each(whole),
        each(card)
    ));

    stage.say("另一芯片出示同一份 EF.PASS，却没有那张卡的密钥。 Another chip shows the same EF.PASS, without that card's key.");
    let forgery = Forgery::insert(heard, slot(1))?;
    read(stage, "证卡：复制到另一芯片 a copy on another chip", "00 01", refused(61, "PossessionFailed"))?;
    drop(forgery);
    drop(cards);
    drop(listener);

    stage.say(
        "第二张卡在写入时被拔出，再放回去。 The second card is pulled out while it is written, and put back.",
    );
    let torn = ["--state", "second.img", "--create", "--start-pcscd", "--tear-at", PULLED_AT];
    let mut cards = Cards::put_in(stage, &torn, slot(0))?;
    let (_, broken) = write(stage, second, Some(&mut cards))?;
    ensure!(broken > 0, "the second card was to be pulled out");
    stage.issuer(&["bundle", "export", "cards.dcb"], 0)?;
    read(stage, "证卡：拔出后续写的卡 a card resumed after it was pulled", "00 00", Outcome::Accepted)
}

/// Reads the card in this reader, as an inspector does, and enters the outcome.
fn read(stage: &mut Stage, what: &str, reader: &str, wanted: Outcome) -> Result<()> {
    println!("   $ zhengka verify --demo --root issuer/root.dcr --bundle cards.dcb --card \"{reader}\"");
    let lines = stage.verify(&[], &["--bundle", "cards.dcb", "--card", reader])?;
    let line = lines.first().context("a line for the card")?;
    stage.enter(what, wanted, Outcome::of(line));
    Ok(())
}

/// Writes one job at the desk: what it said of the finished card, and how often the card was gone meanwhile. Each time
/// the card is put back.
fn write(stage: &Stage, job: &str, mut back: Option<&mut Cards>) -> Result<(Value, usize)> {
    let arguments = ["desk", "--issuer", "issuer", "--demo", "--as", "card", "--job", job, "--json"];
    println!("   $ zhengka {} --reader \"00 00\"", arguments.join(" "));
    let mut command = Command::new(stage.program_path("zhengka"));
    command.args(arguments).args(["--reader", "00 00"]).current_dir(stage.path("")).stdin(Stdio::null());
    let mut desk = Ending(command.stdout(Stdio::piped()).spawn()?);
    let said = lines(&mut desk.0)?;
    let (mut issued, mut broken) = (None, 0);
    loop {
        let line = said.recv_timeout(PATIENCE).context("the desk says nothing more")?;
        let event: Value = serde_json::from_str(&line).with_context(|| format!("no JSON: {line}"))?;
        match (event["event"].as_str(), back.as_deref_mut()) {
            (Some("issued"), _) => issued = Some(event),
            (Some("broken"), Some(cards)) => {
                stage.say(event["message"]["zh"].as_str().unwrap_or_default());
                broken += 1;
                cards.order("insert")?;
            }
            (Some("broken" | "refused" | "stopped"), _) => bail!("the desk: {line}"),
            (Some("done"), _) => break,
            _ => {}
        }
    }
    let ended = desk.0.wait()?;
    ensure!(ended.success(), "zhengka desk: {ended}");
    Ok((issued.context("no card was written")?, broken))
}

/// `zhengka-card-sim`, and with it the reader service where none ran.
struct Cards {
    process: Child,
    orders: ChildStdin,
}

impl Cards {
    fn put_in(stage: &Stage, arguments: &[&str], reader: SocketAddr) -> Result<Self> {
        println!("   $ zhengka-card-sim {}", arguments.join(" "));
        let mut process = Command::new(stage.program_path("zhengka-card-sim"))
            .args(arguments)
            .args(["--reader", &reader.to_string()])
            .current_dir(stage.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take().context("its orders")?;
        let mut cards = Self { process, orders };
        let said = lines(&mut cards.process)?;
        // Its list of orders is the last that it says when the card is in.
        while !said.recv_timeout(PATIENCE).context("zhengka-card-sim")?.starts_with("insert") {}
        Ok(cards)
    }

    fn order(&mut self, order: &str) -> Result<()> {
        writeln!(self.orders, "{order}").context("zhengka-card-sim")
    }
}

impl Drop for Cards {
    /// In order, for the reader service is its child and ends with it.
    fn drop(&mut self) {
        let _ = self.order("quit");
        for _ in 0..500 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// A program that ends with its story.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines a program says, as it says them.
fn lines(process: &mut Child) -> Result<Receiver<String>> {
    let out = process.stdout.take().context("its output")?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    Ok(receiver)
}

/// Where the virtual reader's driver waits for a card.
fn slot(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 35_963 + n))
}

/// No other scene touches them.
const HOLDERS: [&str; 2] = ["160", "161"];
/// The write to its memory at which the second card is pulled out: it has begun, and is far from done.
const PULLED_AT: &str = "300";
/// Somebody else's test may hold the reader service for a minute.
const PATIENCE: Duration = Duration::from_secs(70);
