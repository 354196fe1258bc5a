//! The card's firmware core as one program for a chip, crates/card-applet/examples/firmware: that it links, and what
//! it takes in flash and RAM.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

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
    let sections = Elf::read(&build(Build::Quick)?)?;
    println!("the card links for a chip: {} bytes of code, not optimised", sections.size(".text")?);
    Ok(())
}

/// Prints what the program takes when it is optimised for size.
pub(crate) fn bench() -> Result<()> {
    let elf = Elf::read(&build(Build::Small)?)?;
    println!("{:<66} {:>8}", "card-applet on thumbv7em, opt-level s, LTO", "bytes");
    let row = |name: &str, bytes: usize| println!("{name:<66} {bytes:>8}");
    row(".text, code 代码", elf.size(".text")?);
    row("   of it Ed25519 and SHA-512", elf.code_of(&["curve25519", "ed25519", "sha2"])?);
    row("   of it AES, CMAC, CBC", elf.code_of(&["3aes", "4cmac", "3cbc", "3dbl"])?);
    row(".rodata, constants 常量", elf.size(".rodata")?);
    row(".data and .bss: the registers that stand in for a chip's", elf.size(".data")? + elf.size(".bss")?);
    row("RAM of a powered card, with its command and answer 状态", elf.size(".card")?);
    println!("not in it: the chip's drivers and vector table; the stack; two buffers of the wire, 1 kB each");
    Ok(())
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

/// A 32-bit little-endian ELF file (System V ABI, chapter 4), as far as sizes go.
struct Elf {
    bytes: Vec<u8>,
    sections: Vec<Section>,
}

struct Section {
    name: String,
    offset: usize,
    size: usize,
}

impl Elf {
    fn read(path: &PathBuf) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        if bytes.get(..6) != Some(b"\x7FELF\x01\x01") {
            bail!("{}: not a 32-bit little-endian ELF file", path.display());
        }
        let (table, count, names) = (word(&bytes, 0x20)?, half(&bytes, 0x30)?, half(&bytes, 0x32)?);
        let header = |number: usize| table + number * 40;
        let names = word(&bytes, header(names) + 16)?;
        let mut sections = Vec::new();
        for number in 0..count {
            sections.push(Section {
                name: text(&bytes, names + word(&bytes, header(number))?),
                offset: word(&bytes, header(number) + 16)?,
                size: word(&bytes, header(number) + 20)?,
            });
        }
        Ok(Self { bytes, sections })
    }

    /// Bytes of a section; an absent one has none.
    fn size(&self, name: &str) -> Result<usize> {
        let size = self.section(name).map_or(0, |section| section.size);
        if name == ".text" && size < LEAST_CODE {
            bail!("{size} bytes of code: the linker threw the card away");
        }
        Ok(size)
    }

    /// Bytes of functions whose mangled name holds one of these crates.
    fn code_of(&self, crates: &[&str]) -> Result<usize> {
        let (symbols, names) = (self.section(".symtab"), self.section(".strtab"));
        let (symbols, names) = symbols.zip(names).context("the program was stripped of its symbols")?;
        let mut sum = 0;
        for at in (symbols.offset..symbols.offset + symbols.size).step_by(16) {
            const FUNCTION: u8 = 2;
            let kind = self.bytes.get(at + 12).copied().unwrap_or_default() & 0x0F;
            let name = text(&self.bytes, names.offset + word(&self.bytes, at)?);
            if kind == FUNCTION && crates.iter().any(|wanted| name.contains(wanted)) {
                sum += word(&self.bytes, at + 8)?;
            }
        }
        Ok(sum)
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

fn word(bytes: &[u8], at: usize) -> Result<usize> {
    let word = bytes.get(at..at + 4).context("the file ends early")?;
    Ok(u32::from_le_bytes(word.try_into()?) as usize)
}

fn half(bytes: &[u8], at: usize) -> Result<usize> {
    let half = bytes.get(at..at + 2).context("the file ends early")?;
    Ok(u16::from_le_bytes(half.try_into()?).into())
}

fn text(bytes: &[u8], at: usize) -> String {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

const CHIP: &str = "thumbv7em-none-eabi";

/// A card has some 90 kB. Far less means that nothing called it.
const LEAST_CODE: usize = 40_000;
