//! Power is cut during every single word and page operation, and then once more while recovering.

use crate::nor::{Cut, Dice, Nor, Tear};
use crate::power_cuts;
use crate::store_content::{BIRTH, Change, Content, FIRST_SECRETS, formatted, perform, random_change};
use card_applet::store::{File, STATE_BYTES, Store, StoreError};

/// Whether recovery is cut too, at each of its operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recovery {
    Whole,
    CutAgain,
}

#[test]
fn every_cut_leaves_the_content_from_before_or_from_after() {
    let small = |file| (file, vec![0xA5; 10]);
    let changes = [
        Change::Commit { state: 1, bodies: vec![] },
        Change::Commit { state: 2, bodies: vec![small(File::Needs)] },
        Change::Commit { state: 3, bodies: vec![small(File::Secrets), small(File::Pass)] },
        Change::Abandon { bodies: vec![small(File::Pass)] },
        Change::Forget { state: 4 },
    ];
    let mut cuts = 0;
    // The journal at its beginning, at the turn to its second page, and at the turn back.
    for commits in [0, 1, 29, 30, 31, 61, 62, 63] {
        let (nor, content) = after_commits(commits);
        let recovery = if [0, 30, 62].contains(&commits) { Recovery::CutAgain } else { Recovery::Whole };
        for change in &changes {
            cuts += cut_everywhere(&nor, &content, change, recovery);
        }
    }
    assert!(cuts > 100_000, "the driver ran");
    power_cuts::report("store, every change", cuts);
}

#[test]
fn a_photo_is_replaced_whole_or_not_at_all() {
    let (nor, content) = after_commits(30);
    let body = (0..9001_u32).map(|i| i.to_le_bytes()[0]).collect();
    let change = Change::Commit { state: 9, bodies: vec![(File::Photo, body)] };
    let cuts = cut_everywhere(&nor, &content, &change, Recovery::Whole);
    assert!(cuts > 10_000, "the driver ran");
    power_cuts::report("store, a photo", cuts);
}

#[test]
fn random_changes_with_random_cuts_never_mix() {
    let mut cuts = 0;
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let mut nor = formatted(seed);
        let mut possible = vec![Content::first()];
        for step in 0..40 {
            let change = random_change(&mut dice);
            let tear = Tear::ALL[dice.below(5)];
            nor.arm(Cut { after: dice.below(60), tear });
            let outcome = Store::mount(&mut nor).and_then(|mut store| perform(&mut store, &change));
            let after: Vec<_> = possible.iter().map(|content| content.after(&change)).collect();
            match outcome {
                Ok(()) => possible = after,
                Err(_) => {
                    cuts += 1;
                    possible.extend(after);
                }
            }
            nor.power_up();
            let found = Content::of(&Store::mount(&mut nor).unwrap());
            assert!(possible.contains(&found), "seed {seed}, step {step}");
            possible.dedup();
            // One power cycle with a write pins the content down.
            if possible.len() > 4 {
                let mut store = Store::mount(&mut nor).unwrap();
                store.commit(found.state).unwrap();
                possible = vec![found];
            }
        }
    }
    assert!(cuts > 1_000, "the driver ran");
    power_cuts::report("store, random sequences", cuts);
}

#[test]
fn formatting_that_was_cut_is_repeated_until_it_succeeds() {
    let format = |nor: &mut Nor| Store::format(nor, BIRTH, [0; STATE_BYTES], &FIRST_SECRETS).map(|_| ());
    let mut cuts = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = Nor::blank(after as u64);
            nor.arm(Cut { after, tear });
            let outcome = format(&mut nor);
            if !nor.was_cut() {
                assert_eq!(outcome, Ok(()));
                break;
            }
            nor.power_up();
            let again = format(&mut nor);
            assert!(matches!(again, Ok(()) | Err(StoreError::AlreadyFormatted)), "{again:?}");
            assert_eq!(Content::of(&Store::mount(&mut nor).unwrap()), Content::first());
            cuts += 1;
        }
    }
    power_cuts::report("store, formatting", cuts);
}

/// Power fails between the commit and the erasure of what it replaced: the next commit erases it.
#[test]
fn superseded_secrets_that_a_cut_left_behind_leave_with_the_next_commit() {
    let change = Change::Commit { state: 1, bodies: vec![(File::Secrets, vec![0x22; 49])] };
    let mut left_behind = 0;
    for after in 0.. {
        let mut nor = formatted(3);
        if !cut_once(&mut nor, &change, Cut { after, tear: Tear::Lost }) {
            break;
        }
        nor.power_up();
        let mut store = Store::mount(&mut nor).unwrap();
        if store.state() == &[0; STATE_BYTES] {
            continue;
        }
        left_behind += 1;
        store.commit([2; STATE_BYTES]).unwrap();
        let found = nor.image().windows(49).any(|window| window == FIRST_SECRETS);
        assert!(!found, "cut at {after}");
    }
    assert!(left_behind > 0, "a cut came after the deciding word");
}

/// Cuts power at each operation of `change` in each way; returns how many cuts that made.
fn cut_everywhere(base: &Nor, before: &Content, change: &Change, recovery: Recovery) -> usize {
    let both = [before.clone(), before.after(change)];
    let mut cuts = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = base.clone();
            nor.reseed(after as u64);
            if !cut_once(&mut nor, change, Cut { after, tear }) {
                assert_eq!(content_after_power_up(&mut nor), both[1]);
                break;
            }
            cuts += 1;
            // An unstable word may read one way today and another way tomorrow.
            for _ in 0..3 {
                let found = content_after_power_up(&mut nor);
                assert!(both.contains(&found), "{change:?} cut at {after}, {tear:?}");
            }
            if recovery == Recovery::CutAgain {
                cuts += cut_recovery(&nor, &both, change);
            }
            perform(&mut Store::mount(&mut nor).unwrap(), change).unwrap();
            assert_eq!(
                content_after_power_up(&mut nor),
                both[1],
                "{change:?} repeated after {after}, {tear:?}"
            );
        }
    }
    cuts
}

/// The change is tried again after a cut, and cut again.
fn cut_recovery(torn: &Nor, both: &[Content; 2], change: &Change) -> usize {
    let mut cuts = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = torn.clone();
            if !cut_once(&mut nor, change, Cut { after, tear }) {
                break;
            }
            cuts += 1;
            let found = content_after_power_up(&mut nor);
            assert!(both.contains(&found), "{change:?}, second cut at {after}, {tear:?}");
            perform(&mut Store::mount(&mut nor).unwrap(), change).unwrap();
            assert_eq!(content_after_power_up(&mut nor), both[1], "{change:?} after two cuts");
        }
    }
    cuts
}

/// Returns whether the cut happened before the change was done. An acknowledged change was never cut.
fn cut_once(nor: &mut Nor, change: &Change, cut: Cut) -> bool {
    nor.arm(cut);
    let outcome = Store::mount(&mut *nor).and_then(|mut store| perform(&mut store, change));
    assert_eq!(outcome.is_err(), nor.was_cut(), "{outcome:?}");
    nor.was_cut()
}

fn content_after_power_up(nor: &mut Nor) -> Content {
    nor.power_up();
    Content::of(&Store::mount(nor).unwrap())
}

fn after_commits(count: u8) -> (Nor, Content) {
    let mut store = Store::mount(formatted(u64::from(count))).unwrap();
    let mut content = Content::first();
    for state in 0..count {
        let bodies = if state % 10 == 0 { vec![(File::Pass, vec![state; 30])] } else { vec![] };
        let change = Change::Commit { state, bodies };
        perform(&mut store, &change).unwrap();
        content = content.after(&change);
    }
    (store.into_platform(), content)
}
