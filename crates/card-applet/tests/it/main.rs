//! Tests of the firmware core, one module a story.

mod bad_input;
mod bench;
mod card_power_cut;
mod conversation;
mod dialogue;
mod dialogues;
mod faults;
mod flash_writes;
mod images;
mod key_sets;
mod nor;
mod order;
mod power_cuts;
mod reference;
mod signatures;
mod store_content;
mod store_power_cut;
