//! Integration tests across crates, one module a story.

mod applicants;
mod architecture;
mod bundle_install;
mod photographs;
mod verify;
