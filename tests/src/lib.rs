//! Tests across crates: what several of them need to tell their stories.

pub mod authority;
pub mod delta_vectors;
pub mod file_server;
pub mod foreign_chip;
pub mod gate_soak;
pub mod issuing_office;
pub mod running_gate;
pub mod seeds;
pub mod served_office;
pub mod vectors;
