//! Rows of the audit as somebody reads them: decisions and changes each on their own, repeated reading folded into
//! one line. Nothing is left out: the lines count every row. Which rows are shown is the caller's choice.

use credential::time::UnixTime;

use crate::audit::Row;

/// One line: a deed, or the same reading of the same subject by the same officer until the next deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The row, or the first of several.
    pub first: Row,
    /// The time of the last one.
    pub last: UnixTime,
    /// How many rows it stands for.
    pub times: usize,
}

impl Told {
    fn is_of_the_same(&self, row: &Row) -> bool {
        let (told, entry) = (&self.first.entry, &row.entry);
        (told.who, told.deed, told.subject) == (entry.who, entry.deed, entry.subject)
    }
}

/// Folds rows that stand in their order. What changed something separates what was read before and after it.
#[must_use]
pub fn fold(rows: Vec<Row>) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut since = 0;
    for row in rows {
        let is_read = row.entry.deed.is_read();
        let earlier = told.iter_mut().skip(since).find(|one| is_read && one.is_of_the_same(&row));
        if let Some(earlier) = earlier {
            earlier.last = row.entry.at;
            earlier.times += 1;
            continue;
        }
        told.push(Told { last: row.entry.at, first: row, times: 1 });
        if !is_read {
            since = told.len();
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Deed, Entry, Other, Subject};
    use crate::id::{ApplicationId, OfficerId};
    use crate::text::Line;
    use crate::transition::Verb;

    fn rows(deeds: &[(i64, Deed)]) -> Vec<Row> {
        let row = |(at, (who, deed)): (usize, &(i64, Deed))| Row {
            number: at as i64 + 1,
            entry: Entry {
                at: UnixTime::from_seconds(at as u64 * 60),
                who: OfficerId::from_stored(*who),
                origin: Line::parse("console").unwrap(),
                deed: *deed,
                subject: Subject::Application(ApplicationId::from_stored(1)),
                reason: None,
            },
            hash: [0; 32],
        };
        deeds.iter().enumerate().map(row).collect()
    }

    #[test]
    fn repeated_reading_is_one_line_with_its_times_and_a_decision_stands_between() {
        let (viewed, exposed) = (Deed::Other(Other::Viewed), Deed::Other(Other::Exposed));
        let accepted = Deed::Step(Verb::Accept);
        let all =
            [(2, viewed), (3, viewed), (2, viewed), (2, viewed), (2, accepted), (2, viewed), (2, exposed)];
        let told = fold(rows(&all));
        let said: Vec<_> = told
            .iter()
            .map(|one| {
                (one.first.entry.who.get(), one.first.entry.deed, one.times, one.last.as_seconds() / 60)
            })
            .collect();
        let wanted = [
            (2, viewed, 3, 3),
            (3, viewed, 1, 1),
            (2, accepted, 1, 4),
            (2, viewed, 1, 5),
            (2, exposed, 1, 6),
        ];
        assert_eq!(said, wanted);
        assert_eq!(told.iter().map(|one| one.times).sum::<usize>(), all.len(), "every row is counted");
    }

    #[test]
    fn two_decisions_of_the_same_kind_stay_two() {
        let accepted = Deed::Step(Verb::Accept);
        assert_eq!(fold(rows(&[(2, accepted), (2, accepted)])).len(), 2);
    }
}
