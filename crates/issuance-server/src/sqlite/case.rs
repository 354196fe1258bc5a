//! Cases in their tables: what is asked for, who has which duty, and every step.

use credential::number::Reissue;
use credential::region::Region;
use credential::time::UnixTime;
use issuance::application::{Application, Earlier, Filed, Request};
use issuance::id::{ApplicationId, CertificateId, OfficerId, PersonId};
use issuance::kind::{Kind, Route};
use issuance::person::Person;
use issuance::register::{CaseQuery, Digest, Opening, StoreError, Stored, TermQuery};
use issuance::step::{Action, Step};
use issuance::transition::{State, Verb};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params, params_from_iter, types::Value};

use super::error::{Cells, stored};
use super::office::{next_id, number};
use super::place::{are_few, county_range};
use super::{certificate, neighbours, person};
use crate::personal::{Cell, Personal};

pub(super) fn file(connection: &Connection, personal: &Personal, opening: &Opening<'_>) -> Stored<Filed> {
    let Opening { applicant, application, source } = opening;
    let person = person::find_or_add(connection, personal, applicant)?;
    let Request { kind, route, born, particulars, home, desk, earlier, suffix } = application.request();
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO application
           (id, person_id, kind, route, born, home, desk, earlier_id, suffix, particulars, source, state, steps, term_from,
            dwelling)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    ))?;
    let id = next_id(connection, "application")?;
    stored(insert.insert(params![
        id,
        person.get(),
        kind.as_str(),
        route.as_str(),
        personal.seal_date(Cell::new(BORN, id), *born),
        home.code(),
        desk.code(),
        earlier.as_ref().map(|earlier| earlier.certificate.get()),
        suffix.code().map(|code| code as i64),
        personal.seal_particulars(Cell::new(PARTICULARS, id), particulars).ok_or(person::UNSEALED)?,
        source.as_ref().map(|line| personal.source(line)),
        application.state().as_str(),
        application.steps().len() as i64,
        term_from(application),
        neighbours::tag(personal, *home, particulars),
    ]))?;
    let filed = Filed { id: ApplicationId::from_stored(id), person, application: (*application).clone() };
    write_steps(connection, personal, &filed, 0)?;
    Ok(filed)
}

pub(super) fn add_steps(
    connection: &Connection,
    personal: &Personal,
    filed: &Filed,
    known: usize,
) -> Stored<()> {
    amend(connection, personal, filed)?;
    let application = &filed.application;
    let mut update = stored(connection.prepare_cached(
        "UPDATE application SET state = ?3, steps = ?4, term_from = ?5 WHERE id = ?1 AND steps = ?2",
    ))?;
    let changed = stored(update.execute(params![
        filed.id.get(),
        known as i64,
        application.state().as_str(),
        application.steps().len() as i64,
        term_from(application),
    ]))?;
    if changed != 1 {
        return Err(StoreError::Conflict);
    }
    write_steps(connection, personal, filed, known)
}

fn term_from(application: &Application) -> Option<i64> {
    application.term_from().map(|from| from.to_days() as i64)
}

/// Particulars are put right before the county takes the case, or while evidence is wanted; later they stay as they were
/// sealed, and so they do unless they changed: sealed once more they would look different.
fn amend(connection: &Connection, personal: &Personal, filed: &Filed) -> Stored<()> {
    let sql =
        "SELECT particulars FROM application WHERE id = ?1 AND state IN ('submitted', 'evidence_wanted')";
    let mut open = stored(connection.prepare_cached(sql))?;
    let kept = stored(open.query_row([filed.id.get()], |row| row.get::<_, Vec<u8>>(0)).optional())?;
    let Some(kept) = kept else { return Ok(()) };
    let (at, request) = (Cell::new(PARTICULARS, filed.id.get()), filed.application.request());
    if personal.open_particulars(at, kept).as_ref() == Some(&request.particulars) {
        return Ok(());
    }
    let sealed = personal.seal_particulars(at, &request.particulars).ok_or(person::UNSEALED)?;
    let dwelling = neighbours::tag(personal, request.home, &request.particulars);
    let sql = "UPDATE application SET particulars = ?2, dwelling = ?3 WHERE id = ?1";
    let mut update = stored(connection.prepare_cached(sql))?;
    stored(update.execute(params![filed.id.get(), sealed, dwelling]))?;
    Ok(())
}

pub(super) fn find(connection: &Connection, personal: &Personal, id: ApplicationId) -> Stored<Option<Filed>> {
    Ok(select(connection, personal, "WHERE id = ?1", [id.get()])?.pop())
}

pub(super) fn of_person(
    connection: &Connection,
    personal: &Personal,
    person: PersonId,
) -> Stored<Vec<Filed>> {
    select(connection, personal, "WHERE person_id = ?1 ORDER BY id", [person.get()])
}

pub(super) fn open_of(connection: &Connection, person: PersonId) -> Stored<Option<ApplicationId>> {
    let sql = "SELECT id FROM application
               WHERE person_id = ?1 AND state NOT IN ('issued', 'refused', 'withdrawn')";
    Ok(number(connection, sql, [person.get()])?.map(ApplicationId::from_stored))
}

pub(super) fn by_source(
    connection: &Connection,
    personal: &Personal,
    source: &Digest,
) -> Stored<Option<ApplicationId>> {
    let tag = personal.source(source);
    let found = number(connection, "SELECT id FROM application WHERE source = ?1", [tag])?;
    Ok(found.map(ApplicationId::from_stored))
}

pub(super) fn list(connection: &Connection, personal: &Personal, query: &CaseQuery) -> Stored<Vec<Filed>> {
    let CaseQuery { state, kind, region, after, limit } = query;
    let (low, high) = county_range(*region);
    // What is open in a province is little, and its state leads to it. Everything else of a county, or of a region with few
    // cases, is found by way of the place: past all the others' cases it would be a long way to its next one.
    let is_one = low == high;
    let by_place = state.is_none_or(State::is_closed)
        && (is_one || are_few(connection, "application", &["home", "desk"], (low, high))?);
    let mut values = vec![
        Value::from(after.map_or(0, ApplicationId::get)),
        Value::from(i64::try_from(*limit).unwrap_or(i64::MAX)),
        Value::from(low),
    ];
    // With a sign before it, SQLite goes by no order or index of a column.
    let (within, id) = if is_one { ("= ?3", "id") } else { ("BETWEEN ?3 AND ?4", "+id") };
    if !is_one {
        values.push(Value::from(high));
    }
    let mut filters = String::new();
    if let Some(state) = state {
        values.push(Value::from(state.as_str().to_owned()));
        filters += &format!(" AND {}state = ?{}", if by_place { "+" } else { "" }, values.len());
    }
    if let Some(kind) = kind {
        values.push(Value::from(kind.as_str().to_owned()));
        filters += &format!(" AND kind = ?{}", values.len());
    }
    let clause = if by_place {
        let of = |column| {
            format!(
                "SELECT id FROM (SELECT id FROM application WHERE {column} {within} AND {id} > ?1{filters}
                                 ORDER BY {id} LIMIT ?2)"
            )
        };
        format!("WHERE id IN ({} UNION {}) ORDER BY id LIMIT ?2", of("home"), of("desk"))
    } else {
        format!("WHERE id > ?1 AND (home {within} OR desk {within}){filters} ORDER BY id LIMIT ?2")
    };
    select(connection, personal, &clause, params_from_iter(values))
}

pub(super) fn by_term(connection: &Connection, personal: &Personal, query: &TermQuery) -> Stored<Vec<Filed>> {
    let TermQuery { state, region, from, until, after, limit } = query;
    let (low, high) = county_range(*region);
    let (day, id) = after.map_or((*from, 0), |(day, id)| (day, id.get()));
    select(
        connection,
        personal,
        "WHERE state = ?1 AND term_from <= ?2 AND (term_from, id) > (?3, ?4)
         AND (home BETWEEN ?5 AND ?6 OR desk BETWEEN ?5 AND ?6) ORDER BY term_from, id LIMIT ?7",
        params![
            state.as_str(),
            until.to_days() as i64,
            day.max(*from).to_days() as i64,
            id,
            low,
            high,
            i64::try_from(*limit).unwrap_or(i64::MAX),
        ],
    )
}

/// Once, for a register from before the column: the last day of a notice lies sealed in its step, and a term of review
/// does not count from before it.
pub(super) fn terms_after_notices(connection: &Connection, personal: &Personal) -> Stored<()> {
    let mut noticed = stored(connection.prepare("SELECT id FROM application WHERE state = 'noticed'"))?;
    let ids = stored(noticed.query_map([], |row| row.get::<_, i64>(0)))?;
    for id in ids {
        let id = stored(id)?;
        let until = steps(connection, personal, id)?.into_iter().rev().find_map(|step| match step.action {
            Action::PostNotice { until, .. } => Some(until.to_days() as i64),
            _ => None,
        });
        let sql = "UPDATE application SET term_from = max(term_from, ?2) WHERE id = ?1";
        stored(connection.execute(sql, params![id, until.unwrap_or_default()]))?;
    }
    Ok(())
}

pub(super) fn approved(
    connection: &Connection,
    personal: &Personal,
    after: Option<ApplicationId>,
    limit: usize,
) -> Stored<Vec<(Filed, Person)>> {
    let clause = "WHERE state = 'approved' AND id > ?1
                  AND NOT EXISTS (SELECT 1 FROM certificate WHERE application_id = application.id)
                  ORDER BY id LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let cases = select(connection, personal, clause, [after.map_or(0, ApplicationId::get), limit])?;
    cases.into_iter().map(|filed| with_person(connection, personal, filed)).collect()
}

pub(super) fn with_person(
    connection: &Connection,
    personal: &Personal,
    filed: Filed,
) -> Stored<(Filed, Person)> {
    let broken = StoreError::Broken { table: "application", column: "person_id", row: filed.id.get() };
    let person = person::find(connection, personal, filed.person)?.ok_or(broken)?;
    Ok((filed, person))
}

pub(super) fn counts(connection: &Connection) -> Stored<Vec<(State, u64)>> {
    let mut statement =
        stored(connection.prepare_cached("SELECT count(*) FROM application WHERE state = ?1"))?;
    let mut counts = Vec::new();
    for state in State::ALL {
        let count: i64 = stored(statement.query_row([state.as_str()], |row| row.get(0)))?;
        counts.push((*state, count as u64));
    }
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}

/// The duties first: their primary key is what keeps one officer from two.
fn write_steps(connection: &Connection, personal: &Personal, filed: &Filed, known: usize) -> Stored<()> {
    let application = &filed.application;
    let mut duty = stored(connection.prepare_cached(
        "INSERT INTO duty (application_id, officer_id, duty) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM duty WHERE application_id = ?1 AND officer_id = ?2 AND duty = ?3)",
    ))?;
    for (officer, held) in application.duties().iter() {
        stored(duty.execute(params![filed.id.get(), officer.get(), held.as_str()]))?;
    }
    let mut step = stored(connection.prepare_cached(
        "INSERT INTO step (application_id, number, officer_id, duty, verb, at, facts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    ))?;
    for (number, taken) in (1_i64..).zip(application.steps()).skip(known) {
        let Step { by, at: when, action } = taken;
        let held = application.duties().of(*by).ok_or(StoreError::Rule("one duty an officer a case"))?;
        let facts = serde_json::to_vec(&action.to_stored()).map_err(|_| StoreError::Rule("step.facts"))?;
        stored(step.execute(params![
            filed.id.get(),
            number,
            by.get(),
            held.as_str(),
            action.verb().as_str(),
            when.as_seconds() as i64,
            personal.seal(Cell::numbered(FACTS, filed.id.get(), number), &facts),
        ]))?;
    }
    Ok(())
}

fn select(
    connection: &Connection,
    personal: &Personal,
    clause: &str,
    values: impl Params,
) -> Stored<Vec<Filed>> {
    let sql = format!(
        "SELECT id, person_id, kind, route, born, home, desk, earlier_id, suffix, particulars, state, term_from,
           dwelling
         FROM application {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut cases = Vec::new();
    while let Some(row) = stored(rows.next())? {
        cases.push(read(connection, personal, row)?);
    }
    Ok(cases)
}

fn read(connection: &Connection, personal: &Personal, row: &Row<'_>) -> Stored<Filed> {
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "application", id, row };
    let earlier = cells.get("earlier_id", |id: Option<i64>| Some(id.map(CertificateId::from_stored)))?;
    let request = Request {
        kind: cells.get("kind", |text: String| Kind::parse(&text))?,
        route: cells.get("route", |text: String| Route::parse(&text))?,
        born: cells.get("born", |text: String| personal.open_date(Cell::new(BORN, id), &text))?,
        particulars: cells
            .get("particulars", |column| personal.open_particulars(Cell::new(PARTICULARS, id), column))?,
        home: cells.unsigned("home", |code| Region::county(code).ok())?,
        desk: cells.unsigned("desk", |code| Region::county(code).ok())?,
        earlier: earlier.map(|id| earlier_of(connection, personal, id)).transpose()?,
        suffix: cells.get("suffix", |code: Option<i64>| Reissue::from_code(code.map(|c| c as u64)).ok())?,
    };
    let application = Application::from_stored(request, steps(connection, personal, id)?);
    let application =
        application.map_err(|_| StoreError::Broken { table: "step", column: "application_id", row: id })?;
    let says: State = cells.get("state", |text: String| State::parse(&text))?;
    if says != application.state() {
        return Err(StoreError::Broken { table: "application", column: "state", row: id });
    }
    let counts_from: Option<i64> = cells.get("term_from", Some)?;
    if counts_from != term_from(&application) {
        return Err(StoreError::Broken { table: "application", column: "term_from", row: id });
    }
    let lives_at: Option<Vec<u8>> = cells.get("dwelling", Some)?;
    let request = application.request();
    if lives_at != neighbours::tag(personal, request.home, &request.particulars) {
        return Err(StoreError::Broken { table: "application", column: "dwelling", row: id });
    }
    let person = PersonId::from_stored(cells.get("person_id", Some)?);
    Ok(Filed { id: ApplicationId::from_stored(id), person, application })
}

fn earlier_of(connection: &Connection, personal: &Personal, id: CertificateId) -> Stored<Earlier> {
    let broken = StoreError::Broken { table: "certificate", column: "id", row: id.get() };
    let earlier = certificate::find(connection, personal, id)?.ok_or(broken)?;
    Ok(Earlier {
        certificate: id,
        components: earlier.components,
        reissue: earlier.reissue,
        expires: earlier.expires,
    })
}

fn steps(connection: &Connection, personal: &Personal, application: i64) -> Stored<Vec<Step>> {
    let mut statement = stored(connection.prepare_cached(
        "SELECT number, officer_id, verb, at, facts FROM step WHERE application_id = ?1 ORDER BY number",
    ))?;
    let mut rows = stored(statement.query([application]))?;
    let mut steps = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let cells = Cells { table: "step", id: application, row };
        let by = OfficerId::from_stored(cells.get("officer_id", Some)?);
        let verb = cells.get("verb", |text: String| Verb::parse(&text))?;
        let at = cells.unsigned("at", |seconds| Some(UnixTime::from_seconds(seconds)))?;
        let at_number: i64 = cells.get("number", Some)?;
        let cell = Cell::numbered(FACTS, application, at_number);
        let facts = |column| serde_json::from_slice(&personal.open(cell, column)?).ok();
        let facts = cells.get("facts", facts)?;
        let broken = |_| StoreError::Broken { table: "step", column: "facts", row: application };
        steps.push(Step::from_stored(by, at, verb, facts).map_err(broken)?);
    }
    Ok(steps)
}

const BORN: &str = "application.born";
pub(super) const PARTICULARS: &str = "application.particulars";
const FACTS: &str = "step.facts";
