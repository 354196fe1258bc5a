//! Integration tests across crates, one module a story.

mod applicants;
mod architecture;
mod bundle_by_http;
mod bundle_install;
mod bundle_store;
mod card_desk;
mod delta_vectors;
mod desk_by_http;
mod fast_forward;
mod gate_cards;
mod gate_process;
mod gate_rules;
mod peer;
mod photographs;
mod policy;
mod profile;
mod readme;
mod vectors;
mod verify;
mod verify_card;
mod wrong_cards;
