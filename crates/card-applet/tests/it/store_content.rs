//! The store against its trivial model: a state and a body for each file.

use crate::nor::{Dice, Nor};
use card_applet::Flash;
use card_applet::store::{Birth, File, STATE_BYTES, State, Store, StoreError};

/// The specification, executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) state: State,
    pub(crate) bodies: [Vec<u8>; 5],
}

/// A change of content.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Commit {
        state: u8,
        bodies: Vec<(File, Vec<u8>)>,
    },
    /// Staged, then given up.
    Abandon {
        bodies: Vec<(File, Vec<u8>)>,
    },
    Forget {
        state: u8,
    },
}

pub(crate) const BIRTH: Birth = Birth { serial: card_protocol::Serial::new([0, 0, 0, 0, 0, 0, 0, 7]) };
pub(crate) const FIRST_SECRETS: [u8; 49] = [0x11; 49];

impl Content {
    pub(crate) fn first() -> Self {
        let [_, pass, certificate, photo, needs] = Default::default();
        Self { state: [0; STATE_BYTES], bodies: [FIRST_SECRETS.to_vec(), pass, certificate, photo, needs] }
    }

    pub(crate) fn after(&self, change: &Change) -> Self {
        let mut content = self.clone();
        match change {
            Change::Commit { state, bodies } => {
                content.state = [*state; STATE_BYTES];
                for (file, body) in bodies {
                    content.bodies[*file as usize].clone_from(body);
                }
            }
            Change::Abandon { .. } => {}
            Change::Forget { state } => {
                content.state = [*state; STATE_BYTES];
                content.bodies = Default::default();
            }
        }
        content
    }

    pub(crate) fn of(store: &Store<impl Flash>) -> Self {
        let bodies = File::ALL.map(|file| {
            let mut body = vec![0; file.capacity()];
            store.read(file, 0, &mut body).unwrap().to_vec()
        });
        Self { state: *store.state(), bodies }
    }
}

pub(crate) fn perform(store: &mut Store<impl Flash>, change: &Change) -> Result<(), StoreError> {
    let stage = |store: &mut Store<_>, bodies: &[(File, Vec<u8>)]| {
        for (file, body) in bodies {
            for piece in body.chunks(239) {
                store.append(*file, piece)?;
            }
            store.append(*file, &[])?;
        }
        Ok::<(), StoreError>(())
    };
    match change {
        Change::Commit { state, bodies } => {
            stage(store, bodies)?;
            store.commit([*state; STATE_BYTES])
        }
        Change::Abandon { bodies } => {
            stage(store, bodies)?;
            store.abort();
            Ok(())
        }
        Change::Forget { state } => store.forget([*state; STATE_BYTES]),
    }
}

pub(crate) fn random_change(dice: &mut Dice) -> Change {
    let bodies = |dice: &mut Dice| {
        let mut files = File::ALL.to_vec();
        files.retain(|_| dice.below(4) == 0);
        files
            .into_iter()
            .map(|file| {
                let longest = if dice.below(8) == 0 { file.capacity() } else { file.capacity().min(90) };
                let count = dice.below(longest + 1);
                (file, dice.bytes(count))
            })
            .collect()
    };
    let state = dice.next().to_le_bytes()[0];
    match dice.below(20) {
        0 => Change::Forget { state },
        1 => Change::Abandon { bodies: bodies(dice) },
        _ => Change::Commit { state, bodies: bodies(dice) },
    }
}

pub(crate) fn formatted(seed: u64) -> Nor {
    Store::format(Nor::blank(seed), BIRTH, [0; STATE_BYTES], &FIRST_SECRETS).unwrap().into_platform()
}

#[test]
fn random_changes_leave_what_the_model_says() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut store = Store::mount(formatted(seed)).unwrap();
        let mut model = Content::first();
        for _ in 0..120 {
            let change = random_change(&mut dice);
            perform(&mut store, &change).unwrap();
            model = model.after(&change);
            if dice.below(5) == 0 {
                store = Store::mount(store.into_platform()).unwrap();
            }
            assert_eq!(Content::of(&store), model, "seed {seed}");
        }
    }
}

#[test]
fn a_body_longer_than_its_file_is_refused_and_nothing_changes() {
    for file in File::ALL {
        let mut store = Store::mount(formatted(1)).unwrap();
        let capacity = file.capacity();
        store.append(file, &vec![7; capacity]).unwrap();
        assert_eq!(store.append(file, &[7]), Err(StoreError::TooLong { capacity }));
        store.commit([0; STATE_BYTES]).unwrap();
        assert_eq!(Content::of(&store), Content::first());
    }
}

#[test]
fn a_blank_chip_is_not_a_card_and_a_card_is_not_formatted_twice() {
    assert_eq!(Store::mount(Nor::blank(0)).err(), Some(StoreError::NotFormatted));
    let again = Store::format(formatted(0), BIRTH, [0; STATE_BYTES], &[]);
    assert_eq!(again.err(), Some(StoreError::AlreadyFormatted));
}

#[test]
fn mounting_writes_nothing() {
    let nor = formatted(3);
    let (programs, erases) = (nor.programs, nor.erases);
    let nor = Store::mount(nor).unwrap().into_platform();
    assert_eq!((nor.programs, nor.erases), (programs, erases));
}

#[test]
fn superseded_secrets_leave_the_flash_with_the_commit_that_replaces_them() {
    let mut store = Store::mount(formatted(4)).unwrap();
    let found = |nor: &Nor, needle: &[u8]| nor.image().windows(needle.len()).any(|window| window == needle);
    store.append(File::Secrets, &[0x22; 49]).unwrap();
    assert!(found(store.platform(), &FIRST_SECRETS));
    store.commit([1; STATE_BYTES]).unwrap();
    assert!(!found(store.platform(), &FIRST_SECRETS));
    assert!(found(store.platform(), &[0x22; 49]));
    store.forget([2; STATE_BYTES]).unwrap();
    assert!(!found(store.platform(), &[0x22; 49]));
}

#[test]
fn forgetting_is_finished_only_where_it_was_begun() {
    let mut store = Store::mount(formatted(11)).unwrap();
    store.finish_forgetting().unwrap();
    assert_eq!(Content::of(&store), Content::first());
}

#[test]
fn a_memory_with_every_record_destroyed_is_refused() {
    let mut nor = formatted(5);
    nor.erase(1).unwrap();
    nor.erase(2).unwrap();
    assert_eq!(Store::mount(nor).err(), Some(StoreError::NoRecord));
}

#[test]
fn a_record_with_any_bit_changed_does_not_count() {
    let mut store = Store::mount(formatted(6)).unwrap();
    store.commit([1; STATE_BYTES]).unwrap();
    store.commit([2; STATE_BYTES]).unwrap();
    let image = store.into_platform().image().to_vec();
    let newest = 2048 + 3 * 64;
    assert_ne!(image[newest..newest + 64], [0xFF; 64], "the fourth slot holds the newest record");
    for bit in 0..64 * 8 {
        let mut image = image.clone();
        image[newest + bit / 8] ^= 1 << (bit % 8);
        let store = Store::mount(Nor::from_image(&image)).unwrap();
        assert_eq!(store.state(), &[1; STATE_BYTES], "bit {bit}");
    }
}

#[test]
fn a_worn_word_in_the_journal_costs_its_slot_and_nothing_else() {
    for word in (0..64).step_by(4) {
        let mut nor = formatted(8);
        nor.worn.push(2048 + 2 * 64 + word);
        let mut store = Store::mount(nor).unwrap();
        store.commit([1; STATE_BYTES]).unwrap();
        let store = Store::mount(store.into_platform()).unwrap();
        assert_eq!(store.state(), &[1; STATE_BYTES], "word at {word}");
    }
}

#[test]
fn a_worn_word_under_a_body_keeps_the_old_body() {
    let mut nor = formatted(9);
    nor.worn.push(6 * 2048 + 8);
    let mut store = Store::mount(nor).unwrap();
    assert_eq!(store.append(File::Pass, &[1; 20]), Err(StoreError::WornOut));
    store.commit([1; STATE_BYTES]).unwrap();
    assert_eq!(store.length(File::Pass), 0);
}

#[test]
fn a_journal_without_one_good_slot_left_is_worn_out_and_keeps_the_last_content() {
    let mut nor = formatted(10);
    nor.worn.extend((2048 + 2 * 64..3 * 2048).step_by(4).chain((2 * 2048..3 * 2048).step_by(4)));
    let mut store = Store::mount(nor).unwrap();
    assert_eq!(store.commit([1; STATE_BYTES]), Err(StoreError::WornOut));
    assert_eq!(Content::of(&Store::mount(store.into_platform()).unwrap()), Content::first());
}

#[test]
fn a_layout_of_the_future_is_named_and_left_alone() {
    let mut image = formatted(7).image().to_vec();
    image[3] = 2;
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&image[..12]);
    image[12..16].copy_from_slice(&crc.to_be_bytes());
    let unknown = Some(StoreError::UnknownLayout { version: 2 });
    assert_eq!(Store::mount(Nor::from_image(&image)).err(), unknown);
    assert_eq!(Store::format(Nor::from_image(&image), BIRTH, [0; STATE_BYTES], &[]).err(), unknown);
}
