//! Every dialogue on the applet in this process.

use crate::bench::Card;
use crate::dialogue::{Bench, Held, SCRIPTS, run};

#[test]
fn every_dialogue_goes_as_it_is_written() {
    for (name, _) in SCRIPTS {
        run(name, &mut Card::blank());
    }
}

#[test]
#[should_panic(expected = "the card answered 6D00")]
fn a_dialogue_with_a_wrong_answer_fails() {
    struct Stranger;
    impl Bench for Stranger {
        fn send(&mut self, _: &[u8]) -> Vec<u8> {
            vec![0x6D, 0x00]
        }
        fn reset(&mut self, _: Held) {}
    }
    run("personalise", &mut Stranger);
}
