//! The issuing service `zhengka-issuer`.

pub mod qr_picture;
pub mod web;
