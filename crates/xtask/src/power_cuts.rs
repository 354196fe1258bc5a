//! How many power cuts the tests tried on cards: each of their drivers leaves its number, here they are added up.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::run::target_directory;

/// Forgets the numbers of an earlier run.
pub(crate) fn forget() -> Result<()> {
    let folder = folder()?;
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

/// Prints the numbers after the tests passed; that none was left is an error.
pub(crate) fn tell() -> Result<()> {
    let mut drivers = Vec::new();
    let folder = folder()?;
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let cuts: u64 = fs::read_to_string(&path)?.parse().with_context(|| path.display().to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        drivers.push((name, cuts));
    }
    ensure!(!drivers.is_empty(), "没有断电试验 no power cut was tried");
    drivers.sort();
    println!("\n断电试验 power cuts tried on cards");
    drivers.iter().for_each(|(name, cuts)| println!("{cuts:>10}  {name}"));
    let sum: u64 = drivers.iter().map(|(_, cuts)| cuts).sum();
    println!("{sum:>10}  全部恢复 in all, and each card came back whole");
    Ok(())
}

fn folder() -> Result<PathBuf> {
    Ok(target_directory()?.join("tmp/power-cuts"))
}
