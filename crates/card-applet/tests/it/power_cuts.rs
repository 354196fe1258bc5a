//! How many power cuts a driver tried. `cargo xtask test` adds up what they leave here, and shows it.

use std::fs;
use std::path::Path;

/// Says it, and leaves it in a file of the driver's name.
pub(crate) fn report(driver: &str, cuts: usize) {
    println!("{driver}: {cuts} power cuts tried, and the card came back from each");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("power-cuts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(driver), cuts.to_string()).unwrap();
}
