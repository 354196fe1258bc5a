//! The card's firmware core as one program for a chip, crates/card-applet/examples/firmware: that it links, and what
//! it takes in flash and RAM.

mod elf;
mod stack;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use elf::Elf;

use crate::run::{command, root, run, target_directory};

/// How the program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    /// From what the other steps of a test have built.
    Quick,
    /// As a card would carry it: for size, all crates optimised as one.
    Small,
}

/// Links the program: a missing symbol is a need that a chip does not fill.
pub(crate) fn link() -> Result<()> {
    let code = code(&Elf::read(&build(Build::Quick)?)?)?;
    println!("the card links for a chip: {code} bytes of code, not optimised for size");
    Ok(())
}

/// Prints what the program takes when it is optimised for size.
pub(crate) fn bench() -> Result<()> {
    let elf = Elf::read(&build(Build::Small)?)?;
    println!("{:<66} {:>8}", "card-applet on thumbv7em, opt-level s, LTO", "bytes");
    let row = |name: &str, bytes: usize| println!("{name:<66} {bytes:>8}");
    row(".text, code 代码", code(&elf)?);
    row("   of it Ed25519 and SHA-512", code_of(&elf, &["curve25519", "ed25519", "sha2"])?);
    row("   of it AES, CMAC, CBC", code_of(&elf, &["3aes", "4cmac", "3cbc", "3dbl"])?);
    row(".rodata, constants 常量", elf.size(".rodata")?);
    row(".data and .bss: the registers that stand in for a chip's", elf.size(".data")? + elf.size(".bss")?);
    row("RAM of a powered card, with its command and answer 状态", elf.size(".card")?);
    let stack = stack::deepest(&elf)?;
    row("stack at the deepest, with that card and two buffers of 1 kB 栈", stack.bytes);
    println!("deepest: {}", stack.path.join(" > "));
    println!("not in it: the chip's drivers, its vector table, interrupts");
    Ok(())
}

fn code(elf: &Elf) -> Result<usize> {
    let code = elf.size(".text")?;
    ensure!(code >= LEAST_CODE, "{code} bytes of code: the linker threw the card away");
    Ok(code)
}

/// Bytes of functions whose mangled name holds one of these crates.
fn code_of(elf: &Elf, crates: &[&str]) -> Result<usize> {
    let functions = elf.functions()?;
    let ours = functions.iter().filter(|function| crates.iter().any(|name| function.name.contains(name)));
    Ok(ours.map(|function| function.size).sum())
}

fn build(build: Build) -> Result<PathBuf> {
    let (mut cargo, profile) = match build {
        Build::Quick => (command("cargo", &["rustc", "--quiet"]), "debug"),
        Build::Small => {
            let small = ["--config", "profile.release.opt-level='s'", "--config", "profile.release.lto=true"];
            (command("cargo", &[&["rustc", "--quiet", "--release"][..], &small].concat()), "release")
        }
    };
    cargo.args(["--package", "card-applet", "--example", "firmware", "--target", CHIP, "--"]);
    let script = root().canonicalize()?.join("crates/card-applet/examples/firmware/link.x");
    cargo.arg(format!("-Clink-arg=-T{}", script.display()));
    run(&mut cargo)?;
    Ok(target_directory()?.join(CHIP).join(profile).join("examples/firmware"))
}

const CHIP: &str = "thumbv7em-none-eabi";

/// A card has some 90 kB. Far less means that nothing called it.
const LEAST_CODE: usize = 40_000;
