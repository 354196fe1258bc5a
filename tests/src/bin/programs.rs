//! `zhengka` and `zhengka-issuer` in one: whichever name it is started by. Programs that start each other find each
//! other by name and place, and a test puts both names into a folder of its own.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    match Path::new(&name).file_name().and_then(|name| name.to_str()) {
        Some("zhengka") => cli::run(std::env::args_os()),
        Some("zhengka-issuer") => issuance_server::run(std::env::args_os()),
        _ => {
            eprintln!("programs: start me as zhengka or zhengka-issuer");
            ExitCode::from(2)
        }
    }
}
