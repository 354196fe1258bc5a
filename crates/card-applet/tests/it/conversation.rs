//! Steps of a conversation with a card, each of which must be answered 9000 (or as said) before the next.

use crate::bench::Card;
use crate::dialogue::{Bench, hex};
use card_protocol::scp03::host::HostChannel;
use card_protocol::{Command, KeyVersion, Role};

/// One step: `open 31`, `> 00 A4 ..` or `>> 84 E2 ..`; a status other than 9000 stands behind `<`.
pub(crate) type Step = &'static str;

/// Holds a conversation; returns how many steps were answered as they should be.
pub(crate) fn hold(card: &mut Card, steps: &[Step]) -> usize {
    let mut channel = None;
    steps.iter().take_while(|step| take(card, &mut channel, step)).count()
}

fn take(card: &mut Card, channel: &mut Option<HostChannel>, step: &str) -> bool {
    let (said, status) = step.split_once('<').unwrap_or((step, "9000"));
    let words: Vec<&str> = said.split_whitespace().collect();
    let answer = match words[..] {
        ["open", version] => {
            let version = KeyVersion::new(hex(&[version])[0]).unwrap();
            *channel = card.try_open(Role::from_version(version).unwrap());
            return channel.is_some();
        }
        [">", ref command @ ..] => Some(card.send(&hex(command))),
        [">>", ref command @ ..] => {
            let bytes = hex(command);
            card.send_wrapped(channel.as_mut().unwrap(), &Command::parse(&bytes).unwrap())
        }
        _ => panic!("{step}: not a step"),
    };
    answer.is_some_and(|answer| answer.ends_with(&hex(&[status.trim()])))
}

pub(crate) const SELECT: Step = "> 00 A4 04 00 07 F0444341524401 00";

/// From the maker's card to the holder's, as the dialogue `personalise` has it.
pub(crate) const PERSONALISE: [Step; 9] = [
    SELECT,
    "open 01",
    ">> 84 D8 00 81 46 31 881110 F117140BD4B9713EDAB2FBF5F7602965 03 80D9FA 881110 BE8961C0AAD5529EC1085D9118ACA8A4 03 402034 881110 9FABA0BA4FA457618CCED24357027DC9 03 DC30DD 00",
    ">> 84 D8 00 81 46 20 881110 3B6E4B9D174D22270E480F9A8FC35FB0 03 1D89AB 881110 10600887022F8713E3BB8BD764763D1C 03 183BD9 881110 3663A40FFC822B629BF6B35997232ECB 03 7F81E8 00",
    ">> 84 D8 01 81 46 30 881110 E32F9D77CB82F8BA9AC4DB2B864CF010 03 82A3DF 881110 1E9F2F412509C7D7F095A115BDB11488 03 4EF764 881110 199D65218812F8F1A3A3143F63972600 03 D30C7E 00",
    "open 30",
    ">> 04 47 80 00 00",
    ">> 84 E2 80 00 56 DC0114 D1*20 DC0213 C2*19 DC0403 820204 DC0303 F0F1F2 DC0508 0003176700030000 DC1008 26123456FFFFFFFF DC2004 00000001",
    ">> 84 F0 40 1F 00",
];
