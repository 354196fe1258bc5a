//! A 32-bit little-endian ELF file (System V ABI, chapter 4), as far as sections, functions and their bytes go.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

pub(super) struct Elf {
    bytes: Vec<u8>,
    sections: Vec<Section>,
}

struct Section {
    name: String,
    address: usize,
    offset: usize,
    size: usize,
}

/// A function, and where it lies.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) address: usize,
    pub(super) size: usize,
}

impl Elf {
    pub(super) fn read(path: &Path) -> Result<Self> {
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
                address: word(&bytes, header(number) + 12)?,
                offset: word(&bytes, header(number) + 16)?,
                size: word(&bytes, header(number) + 20)?,
            });
        }
        Ok(Self { bytes, sections })
    }

    /// Bytes of a section; an absent one has none.
    pub(super) fn size(&self, name: &str) -> usize {
        self.section(name).map_or(0, |section| section.size)
    }

    /// Every function that has a symbol.
    pub(super) fn functions(&self) -> Result<Vec<Function>> {
        const FUNCTION: u8 = 2;
        let (symbols, names) = (self.section(".symtab"), self.section(".strtab"));
        let (symbols, names) = symbols.zip(names).context("the program was stripped of its symbols")?;
        let mut functions = Vec::new();
        for at in (symbols.offset..symbols.offset + symbols.size).step_by(16) {
            if self.bytes.get(at + 12).copied().unwrap_or_default() & 0x0F != FUNCTION {
                continue;
            }
            functions.push(Function {
                name: text(&self.bytes, names.offset + word(&self.bytes, at)?),
                // The lowest bit says Thumb.
                address: word(&self.bytes, at + 4)? & !1,
                size: word(&self.bytes, at + 8)?,
            });
        }
        Ok(functions)
    }

    /// The half-words of a function.
    pub(super) fn code(&self, function: &Function) -> Result<Vec<u16>> {
        let section = self.section(".text").context("no code")?;
        let start = section.offset + function.address.checked_sub(section.address).context("not in .text")?;
        let bytes = self.bytes.get(start..start + function.size).context("the file ends early")?;
        Ok(bytes.as_chunks().0.iter().map(|half| u16::from_le_bytes(*half)).collect())
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
