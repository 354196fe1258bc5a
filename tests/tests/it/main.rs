//! Integration tests across crates, one module a story.

mod applicants;
mod architecture;
mod photographs;
