//! `zhengka-gate`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    gate::command::main(std::env::args())
}
