//! Switches of pilots in their table: one row a feature and region.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::id::OfficerId;
use issuance::pilot::{Feature, Pilot, Pilots};
use issuance::register::Stored;
use rusqlite::{Connection, Row, params};

use super::error::{Cells, stored};

pub(super) fn load(connection: &Connection) -> Stored<Pilots> {
    let sql = "SELECT feature, region, is_on, changed_by, changed_at FROM pilot ORDER BY feature, region";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let mut rows = stored(statement.query([]))?;
    let mut pilots = Vec::new();
    while let Some(row) = stored(rows.next())? {
        pilots.push(read(row)?);
    }
    Ok(Pilots(pilots))
}

pub(super) fn save(connection: &Connection, pilot: &Pilot) -> Stored<()> {
    let Pilot { feature, region, is_on, changed_by, changed_at } = pilot;
    let sql = "INSERT INTO pilot (feature, region, is_on, changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (feature, region) DO UPDATE SET is_on = ?3, changed_by = ?4, changed_at = ?5";
    let at = changed_at.as_seconds() as i64;
    let values = params![feature.as_str(), region.code(), is_on, changed_by.get(), at];
    stored(connection.execute(sql, values)).map(drop)
}

fn read(row: &Row<'_>) -> Stored<Pilot> {
    let region: i64 = stored(row.get("region"))?;
    let cells = Cells { table: "pilot", id: region, row };
    Ok(Pilot {
        feature: cells.get("feature", |text: String| Feature::parse(&text))?,
        region: cells.unsigned("region", |code| Region::from_code(code).ok())?,
        is_on: cells.get("is_on", Some)?,
        changed_by: OfficerId::from_stored(cells.get("changed_by", Some)?),
        changed_at: cells.unsigned("changed_at", |seconds| Some(UnixTime::from_seconds(seconds)))?,
    })
}
