//! Cards of every release: their memory, as it was then, must load in every later firmware, for ever.
//!
//! At a release, before its number changes, run the ignored test below once and commit the file it leaves.

use crate::bench::Card;
use crate::conversation::{SELECT, hold};
use crate::dialogue::{Bench, Held};
use crate::nor::Nor;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/images");

/// A card in use: personalised, gated, debited, a PIN tried in vain, updated once at a kiosk.
fn used_card() -> Card {
    let mut card = Card::active();
    let life = [
        SELECT,
        "> 00 88 00 00 10 A0*16 4C",
        "> 80 34 00 00 10 B0*16 54",
        "> 00 20 00 01 08 26999999FFFFFFFF < 63C2",
        "open 31",
        ">> 84 E2 80 00 0D DC0403 820103 DC2004 00000002",
    ];
    assert_eq!(hold(&mut card, &life), life.len());
    card
}

#[test]
fn a_card_of_every_release_loads_and_works() {
    let mut loaded = 0;
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let mut card = Card::mounted(Nor::from_image(&std::fs::read(&path).unwrap()));
        check(&mut card, &path);
        loaded += 1;
    }
    assert!(loaded >= 1, "the images are there");
}

fn check(card: &mut Card, path: &Path) {
    card.reset(Held::Contact);
    card.select();
    // ACTIVE, update 2, two tries left, all steps done, the issuer's three key sets.
    assert_eq!(
        card.send(&[0, 0xB0, 0x86, 0, 0]),
        [1, 0x1F, 0, 0, 0, 2, 2, 3, 0, 0x30, 0x31, 0x20, 0x90, 0],
        "{path:?}"
    );
    assert_eq!(card.send(&[0, 0xB0, 0x85, 0, 0]), [0, 3, 0x17, 0x67, 0, 3, 0, 1, 0x90, 0], "{path:?}");
    let life = [
        "> 00 20 00 01 08 26123456FFFFFFFF",
        "> 00 B0 82 00 00",
        "> 00 88 00 00 10 A0*16 4C",
        "> 80 34 00 00 10 B0*16 54",
        "open 20",
        ">> 04 B0 83 00 00",
        "open 31",
        ">> 84 E2 80 00 0D DC0403 820204 DC2004 00000003",
        "open 30",
        ">> 84 F0 40 9F 00",
    ];
    assert_eq!(hold(card, &life), life.len(), "{path:?}");
}

#[test]
fn the_card_that_would_be_kept_of_this_release_works() {
    check(&mut used_card(), Path::new("this release"));
}

#[test]
#[ignore = "writes the image of a release; run once for each"]
fn keep_the_card_of_this_release() {
    let path = Path::new(FOLDER).join(concat!(env!("CARGO_PKG_VERSION"), ".img"));
    assert!(!path.exists(), "a kept image is never written again");
    std::fs::write(path, used_card().0.platform().image()).unwrap();
}
