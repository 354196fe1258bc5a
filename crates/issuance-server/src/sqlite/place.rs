//! A region as the register looks for it: the county codes inside it.

use credential::region::Region;
use issuance::register::Stored;
use rusqlite::Connection;

use super::office::number;

/// The county codes inside a region, as a range: `22` is 220000 to 229999.
pub(super) fn county_range(region: Region) -> (i64, i64) {
    let (mut low, mut high) = (i64::from(region.code()), i64::from(region.code()));
    while low != 0 && low < 100_000 {
        (low, high) = (low * 100, high * 100 + 99);
    }
    if low == 0 { (0, 999_999) } else { (low, high) }
}

/// Whether so few rows lie within a range of counties that they are best put in order after they were found.
pub(super) fn are_few(
    connection: &Connection,
    table: &'static str,
    columns: &[&'static str],
    (low, high): (i64, i64),
) -> Stored<bool> {
    let mut found = 0;
    for column in columns {
        let sql =
            format!("SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} BETWEEN ?1 AND ?2 LIMIT ?3)");
        found += number(connection, &sql, [low, high, FEW])?.unwrap_or(0);
    }
    Ok(found < FEW)
}

/// Among a million rows a region with more of them has its next one within some hundreds.
const FEW: i64 = 2000;
