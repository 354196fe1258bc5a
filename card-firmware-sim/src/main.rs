//! `zhengka-card-sim`: cards for the readers of this machine.

use anyhow::{Context as _, Result, bail};
use card_firmware_sim::{
    Acknowledge, FIRST_SLOT, Image, Inserted, Pcscd, SimCard, example_transport_keys, random_serial,
};
use card_protocol::{Interface, Serial, StaticKeys};
use clap::{Parser, ValueEnum};
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// 模拟证卡：把固件核心当作一张卡插入本机读卡服务。 Cards in the machine's own reader service.
#[derive(Parser)]
#[command(name = "zhengka-card-sim", version, after_help = EXAMPLES)]
struct Arguments {
    /// 卡片文件；给出两个则占用两个卡槽。 A card's memory; two of them fill both slots.
    #[arg(long, required = true, num_args = 1, action = clap::ArgAction::Append, value_name = "FILE")]
    state: Vec<PathBuf>,
    /// 虚拟读卡器第一个卡槽的地址。 Address of the virtual reader's first slot.
    #[arg(long, default_value_t = FIRST_SLOT)]
    reader: SocketAddr,
    /// 文件不存在时制作一张空白卡。 Make a blank card where the file does not exist.
    #[arg(long)]
    create: bool,
    /// 新卡的序列号，16 位十六进制；缺省随机。 Serial of a new card, 16 hex digits; random without.
    #[arg(long, value_name = "HEX", value_parser = parse_serial)]
    serial: Option<Serial>,
    /// 新卡的运输密钥文件（“transport” 行）；缺省为公开的测试密钥。 Transport keys of a new card; without, the public test key.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// 接触或非接触。 Contacts or radio.
    #[arg(long, value_enum, default_value_t = Touch::Contact)]
    interface: Touch,
    /// 在第 N 次写入时断电。 Let power fail at the Nth write.
    #[arg(long, value_name = "N")]
    tear_at: Option<u64>,
    /// 不立即确认每条命令的前半，看“status”中的代价。 Leave acknowledgements to the system; see with “status” what that costs.
    #[arg(long)]
    late_ack: bool,
    /// 读卡服务未运行时启动它。 Start the reader service if it does not run.
    #[arg(long)]
    start_pcscd: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Touch {
    Contact,
    Contactless,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let slots = arguments.state.len();
    if slots > 2 {
        bail!("虚拟读卡器只有两个卡槽。 The virtual reader has two slots.");
    }
    let _pcscd = if arguments.start_pcscd { Some(Pcscd::start(PATIENCE)?) } else { None };
    let mut places = Vec::new();
    for (slot, path) in (0u16..).zip(&arguments.state) {
        let mut card = card(&arguments, path)?;
        if let (0, Some(nth)) = (slot, arguments.tear_at) {
            card.tear_at(nth);
        }
        let mut reader = arguments.reader;
        reader.set_port(reader.port() + slot);
        let acknowledge = if arguments.late_ack { Acknowledge::Late } else { Acknowledge::AtOnce };
        places.push(Place {
            reader,
            acknowledge,
            held: Held::In(Inserted::insert_with(card, reader, acknowledge)),
        });
        println!("{slot}: {} -> {reader}", path.display());
    }
    println!("{ORDERS}");
    attend(&mut places, &orders()?);
    Ok(())
}

/// A slot and its card, in it or in the hand.
struct Place {
    reader: SocketAddr,
    acknowledge: Acknowledge,
    held: Held,
}

enum Held {
    In(Inserted),
    InHand(SimCard),
    Moving,
}

/// What can be typed, and the signal that ends it all.
enum Order {
    Line(String),
    Quit,
}

/// Follows the orders until one is to quit.
fn attend(places: &mut [Place], orders: &Receiver<Order>) {
    while let Ok(Order::Line(line)) = orders.recv() {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        let (slot, nth) = match numbers[..] {
            [slot, nth] => (slot, nth),
            [number] if verb == "tear" => (0, number),
            [slot] => (slot, 1),
            _ => (0, 1),
        };
        let Some(place) = usize::try_from(slot).ok().and_then(|slot| places.get_mut(slot)) else {
            println!("? {slot}");
            continue;
        };
        match verb {
            "insert" => place.insert(),
            "remove" => place.remove(),
            "tear" => place.tear(nth),
            "status" => place.tell(),
            "quit" => return,
            _ => println!("{ORDERS}"),
        }
    }
}

impl Place {
    fn insert(&mut self) {
        self.held = match std::mem::replace(&mut self.held, Held::Moving) {
            Held::InHand(card) => Held::In(Inserted::insert_with(card, self.reader, self.acknowledge)),
            // Torn: it slid out by itself.
            Held::In(inserted) if !inserted.is_in() => {
                Held::In(Inserted::insert_with(inserted.remove(), self.reader, self.acknowledge))
            }
            other => other,
        };
    }

    fn remove(&mut self) {
        self.held = match std::mem::replace(&mut self.held, Held::Moving) {
            Held::In(inserted) => Held::InHand(inserted.remove()),
            other => other,
        };
    }

    fn tear(&mut self, nth: u64) {
        if let Held::In(inserted) = &self.held {
            inserted.card().tear_at(nth);
        }
    }

    fn tell(&self) {
        match &self.held {
            Held::In(inserted) if inserted.is_in() => {
                let at = if inserted.is_connected() {
                    "在卡槽 in"
                } else {
                    "等待读卡器 waiting for a reader"
                };
                println!("{}: {at}, {} 次写入 writes", self.reader, inserted.card().flash_operations());
                println!("{}: {}", self.reader, inserted.times());
            }
            Held::In(_) => println!("{}: 断电 torn", self.reader),
            Held::InHand(_) | Held::Moving => println!("{}: 已取出 out", self.reader),
        }
    }
}

fn card(arguments: &Arguments, path: &Path) -> Result<SimCard> {
    let interface = match arguments.interface {
        Touch::Contact => Interface::Contact,
        Touch::Contactless => Interface::Contactless,
    };
    if let Some(image) = Image::open(path)? {
        return Ok(SimCard::from_image(image).over(interface));
    }
    if !arguments.create {
        bail!(
            "没有卡片文件 {0}，加 --create 制作空白卡。\nno card at {0}; --create makes a blank one",
            path.display()
        );
    }
    let transport = match &arguments.keys {
        Some(keys) => transport_keys(keys)?,
        None => example_transport_keys(),
    };
    let serial = arguments.serial.unwrap_or_else(random_serial);
    println!("空白卡 blank card {serial}");
    Ok(SimCard::manufacture(Image::create(path)?, serial, transport)?.over(interface))
}

fn transport_keys(path: &Path) -> Result<StaticKeys> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("transport "))
        .with_context(|| format!("{}: 没有 “transport” 行。 no line \"transport\"", path.display()))?;
    Ok(StaticKeys::parse(line)?)
}

fn parse_serial(text: &str) -> Result<Serial, card_protocol::Error> {
    Serial::parse(text)
}

/// Lines from the keyboard; its end is not the end, so that the program can run without one.
fn orders() -> Result<Receiver<Order>> {
    let (sender, receiver) = channel();
    let mut signals =
        signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM])?;
    let quits = sender.clone();
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = quits.send(Order::Quit);
        }
    });
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(Order::Line(line)).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}

const PATIENCE: Duration = Duration::from_secs(60);

const ORDERS: &str = "insert [SLOT] | remove [SLOT] | tear [SLOT] N | status [SLOT] | quit";

const EXAMPLES: &str = "\
示例 Examples:
  zhengka-card-sim --state card.img --create --start-pcscd
      制作一张空白卡并插入第一个卡槽。 Makes a blank card and puts it into the first slot.
  zhengka-card-sim --state a.img --state b.img --interface contactless
      两张非接触卡占用两个卡槽。 Two contactless cards in both slots.
  opensc-tool -c default -r 0 -s 00:A4:04:00:07:F0:44:43:41:52:44:01:00
      在另一终端向它发送命令。 Speaks to it from another terminal.

运行中可输入 While it runs, type:
  insert, remove, tear 12, status, quit";
