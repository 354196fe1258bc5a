//! A program as the linker made it, as far as sections, functions and their bytes go.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use object::{File, Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};

pub(super) struct Elf(Vec<u8>);

/// A function, and where it lies.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) address: usize,
    pub(super) size: usize,
}

impl Elf {
    pub(super) fn read(path: &Path) -> Result<Self> {
        Ok(Self(fs::read(path).with_context(|| path.display().to_string())?))
    }

    /// Bytes of a section; an absent one has none.
    pub(super) fn size(&self, name: &str) -> Result<usize> {
        let size = self.parse()?.section_by_name(name).map_or(0, |section| section.size());
        Ok(usize::try_from(size)?)
    }

    /// Every function that has a symbol.
    pub(super) fn functions(&self) -> Result<Vec<Function>> {
        let file = self.parse()?;
        let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
        let functions = functions.map(|symbol| {
            Ok(Function {
                name: symbol.name()?.to_owned(),
                // The lowest bit says Thumb.
                address: usize::try_from(symbol.address())? & !1,
                size: usize::try_from(symbol.size())?,
            })
        });
        functions.collect()
    }

    /// The half-words of a function.
    pub(super) fn code(&self, function: &Function) -> Result<Vec<u16>> {
        let file = self.parse()?;
        let text = file.section_by_name(".text").context("no code")?;
        let (start, size) = (u64::try_from(function.address)?, u64::try_from(function.size)?);
        let bytes = text.data_range(start, size)?.context("not in .text")?;
        Ok(bytes.as_chunks().0.iter().map(|half| u16::from_le_bytes(*half)).collect())
    }

    fn parse(&self) -> Result<File<'_>> {
        File::parse(self.0.as_slice()).context("not an object file")
    }
}
