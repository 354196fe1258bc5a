//! What stands beside a case: others from the same dwelling, and what one doctor found in a county. Counted by tags and
//! duties; nobody's facts are opened for it.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::dwelling::Dwelling;
use issuance::id::{OfficerId, PersonId};
use issuance::person::Particulars;
use issuance::register::Stored;
use rusqlite::{Connection, params};

use super::case::PARTICULARS;
use super::error::{Cells, stored};
use super::office::number;
use crate::personal::{Cell, Personal};

/// What the column holds for a case of this home; the same for one dwelling, and nothing for who has no key.
pub(super) fn tag(personal: &Personal, home: Region, particulars: &Particulars) -> Option<Vec<u8>> {
    Dwelling::of(home, particulars).map(|dwelling| tag_of(personal, &dwelling))
}

pub(super) fn others_at(
    connection: &Connection,
    personal: &Personal,
    dwelling: &Dwelling,
    person: PersonId,
    since: UnixTime,
) -> Stored<u64> {
    let count = number(
        connection,
        "SELECT count(*) FROM (SELECT DISTINCT person_id FROM application
         WHERE dwelling = ?1 AND person_id <> ?2 AND (state NOT IN ('issued', 'refused', 'withdrawn') OR state = 'issued'
           AND ?3 <= (SELECT at FROM step WHERE application_id = application.id AND number = 1)) LIMIT ?4)",
        params![
            tag_of(personal, dwelling),
            person.get(),
            since.as_seconds() as i64,
            Dwelling::COUNTED.cast_signed(),
        ],
    )?;
    Ok(count.unwrap_or_default().unsigned_abs())
}

pub(super) fn open_findings(connection: &Connection, doctor: OfficerId, home: Region) -> Stored<u64> {
    let count = number(
        connection,
        "SELECT count(*) FROM application INDEXED BY open_application_by_home
         JOIN duty ON application_id = application.id AND officer_id = ?1 AND duty = 'assessment'
         WHERE home = ?2 AND state NOT IN ('issued', 'refused', 'withdrawn')",
        params![doctor.get(), home.code()],
    )?;
    Ok(count.unwrap_or_default().unsigned_abs())
}

/// Once, for a register from before the column.
pub(super) fn tag_all(connection: &Connection, personal: &Personal) -> Stored<()> {
    let mut all = stored(connection.prepare("SELECT id, home, particulars FROM application"))?;
    let mut update = stored(connection.prepare("UPDATE application SET dwelling = ?2 WHERE id = ?1"))?;
    let mut rows = stored(all.query([]))?;
    while let Some(row) = stored(rows.next())? {
        let id: i64 = stored(row.get("id"))?;
        let cells = Cells { table: "application", id, row };
        let home = cells.unsigned("home", |code| Region::county(code).ok())?;
        let at = Cell::new(PARTICULARS, id);
        let particulars = cells.get("particulars", |column| personal.open_particulars(at, column))?;
        let tag = tag(personal, home, &particulars);
        stored(update.execute(params![id, tag]))?;
    }
    Ok(())
}

fn tag_of(personal: &Personal, dwelling: &Dwelling) -> Vec<u8> {
    personal.tag("application.dwelling", &dwelling.to_bytes())
}
