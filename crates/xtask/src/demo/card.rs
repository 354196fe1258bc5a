//! The scene at the card desk: a blank card written through the machine's reader service, a card pulled out while it is
//! written, and a chip that shows another card's pass.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::demo::gate::{decision, update};
use crate::demo::process::{PATIENCE, Running};
use crate::demo::stage::{Outcome, Stage, refused};
use crate::demo::wire::{Exchange, Forgery, Listener, measure};

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
    let heard = say_times(stage, &listener)?;

    stage.say("另一芯片出示同一份 EF.PASS，却没有那张卡的密钥。 Another chip shows the same EF.PASS, without that card's key.");
    let forgery = Forgery::insert(heard, slot(1))?;
    read(stage, "证卡：复制到另一芯片 a copy on another chip", "00 01", refused(61, "PossessionFailed"))?;
    drop(forgery);
    at_the_gate(stage, &listener)?;
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

/// What went over the wire, after its commands were counted and timed.
fn say_times(stage: &Stage, listener: &Listener) -> Result<Vec<Exchange>> {
    let heard = listener.heard();
    let (commands, whole, card) = measure(&heard).context("no command on the wire")?;
    let each = |whole: Duration| whole.as_secs_f64() * 1e3 / f64::from(u32::try_from(commands).unwrap_or(1));
    stage.say(&format!(
        "{commands} 条命令；每条往返 {:.2} 毫秒（经读卡服务），其中卡片 {:.2} 毫秒。 {commands} commands, each {:.2} ms through the \
         reader service, of which the card took {:.2} ms.",
        each(whole),
        each(card),
        each(whole),
        each(card)
    ));
    Ok(heard)
}

/// The gate with two readers: the card on the first pays with a ride of its own, the copy on the second gets nothing.
fn at_the_gate(stage: &mut Stage, listener: &Listener) -> Result<()> {
    fs::write(stage.path("card-gate.toml"), GATE)?;
    update(stage, "card-gate.toml", "cards.dcb")?;
    listener.forget();
    println!("   $ zhengka-gate run --config card-gate.toml   # 两个读卡器 two readers");
    let mut gate = Command::new(stage.program_path("zhengka-gate"));
    gate.args(["run", "--config", "card-gate.toml"]).current_dir(stage.path("")).stdin(Stdio::null());
    let mut gate = Running(gate.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let said = gate.lines()?;
    stage.enter("闸机：刷卡 the card at the gate", Outcome::Accepted, decision(&said)?);
    let forgery = Forgery::insert(say_times(stage, listener)?, slot(1))?;
    stage.enter("闸机：复制的卡 the copy at the gate", refused(61, "PossessionFailed"), decision(&said)?);
    drop(forgery);
    Ok(())
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
    let mut desk = Running(command.stdout(Stdio::piped()).spawn()?);
    let said = desk.lines()?;
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
    process: Running,
    orders: ChildStdin,
}

impl Cards {
    fn put_in(stage: &Stage, arguments: &[&str], reader: SocketAddr) -> Result<Self> {
        println!("   $ zhengka-card-sim {}", arguments.join(" "));
        let mut command = Command::new(stage.program_path("zhengka-card-sim"));
        command.args(arguments).args(["--reader", &reader.to_string()]).current_dir(stage.path(""));
        let mut process = Running(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let orders = process.0.stdin.take().context("its orders")?;
        let said = process.lines()?;
        // Its list of orders is the last that it says when the card is in.
        while !said.recv_timeout(PATIENCE).context("zhengka-card-sim")?.starts_with("insert") {}
        Ok(Self { process, orders })
    }

    fn order(&mut self, order: &str) -> Result<()> {
        writeln!(self.orders, "{order}").context("zhengka-card-sim")
    }
}

impl Drop for Cards {
    /// In order, for the reader service is its child and ends with it.
    fn drop(&mut self) {
        let _ = self.order("quit");
        self.process.ends();
    }
}

/// Where the virtual reader's driver waits for a card.
fn slot(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 35_963 + n))
}

/// No other scene touches them.
const HOLDERS: [&str; 2] = ["160", "161"];
/// The write to its memory at which the second card is pulled out: it has begun, and is far from done.
const PULLED_AT: &str = "300";
const GATE: &str = "\
folder = \"gate\"
purpose = \"transit\"
place = \"2201\"
demo = true

[rules]
rides = true

[input]
readers = [\"00 00\", \"00 01\"]
";
