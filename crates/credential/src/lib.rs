//! The signed formats of Zhengka.
#![no_std]
extern crate alloc;

pub mod disability;
pub mod error;
pub mod number;
pub mod region;
pub mod time;
