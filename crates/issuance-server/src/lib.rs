//! zhengka-issuer: the issuing service. Storage, keys and commands around the casework of `issuance`.
//! Rules never live here: a command reads its arguments, calls one use case, and prints what came of it.

pub mod personal;
pub mod qr_picture;
pub mod sqlite;
pub mod web;
