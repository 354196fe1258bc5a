//! `zhengka-issuer`: see the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    issuance_server::run(std::env::args_os())
}
