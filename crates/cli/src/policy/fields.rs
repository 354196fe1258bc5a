//! A TOML table read key by key. What is wrong is noted with its place, and reading goes on,
//! so that an author sees all faults at once.

use std::collections::BTreeSet;
use std::ops::Range;

use credential::Malformed;
use credential::time::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Wanted, What};

/// A value with its place.
pub(crate) type Value<'d> = Spanned<DeValue<'d>>;

/// The faults noted so far.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault; `None`, so that the caller gives up on this value only.
    pub(crate) fn note<T>(&mut self, at: Range<usize>, what: What) -> Option<T> {
        self.0.push(Fault { at, what });
        None
    }

    /// Notes what the format refuses.
    pub(crate) fn allowed<T>(&mut self, at: Range<usize>, value: Result<T, Malformed>) -> Option<T> {
        value.map_or_else(|reason| self.note(at, What::NotAllowed { reason }), Some)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By place.
    pub(crate) fn into_sorted(mut self) -> Vec<Fault> {
        self.0.sort_by_key(|fault| (fault.at.start, fault.at.end));
        self.0
    }
}

/// The keys of one table.
pub(crate) struct Fields<'t, 'd, 'f> {
    table: &'t DeTable<'d>,
    /// Where a missing key is reported.
    at: Range<usize>,
    asked: BTreeSet<&'static str>,
    pub(crate) faults: &'f mut Faults,
}

impl<'t, 'd, 'f> Fields<'t, 'd, 'f> {
    pub(crate) fn of(table: &'t DeTable<'d>, at: Range<usize>, faults: &'f mut Faults) -> Self {
        Self { table, at, asked: BTreeSet::new(), faults }
    }

    /// Of a value that must be a table.
    pub(crate) fn of_value(value: &'t Value<'d>, faults: &'f mut Faults) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::of(table, value.span(), faults)),
            _ => faults.note(value.span(), What::WrongType { wanted: Wanted::Table }),
        }
    }

    /// A key that must be there.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'t Value<'d>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        self.asked.insert(key);
        match self.table.get(key) {
            Some(value) => read(value, self.faults),
            None => self.faults.note(self.at.clone(), What::MissingKey { key }),
        }
    }

    /// A key that may be there. `Some(None)` without it, `None` when it is there and wrong.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'t Value<'d>, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        self.asked.insert(key);
        self.table.get(key).map_or(Some(None), |value| read(value, self.faults).map(Some))
    }

    /// Notes each key that nobody asked for.
    pub(crate) fn end(self) {
        let known: Vec<&str> = self.asked.iter().copied().collect();
        for key in self.table.keys().filter(|key| !self.asked.contains(key.get_ref().as_ref())) {
            let what = What::UnknownKey { key: key.get_ref().to_string(), known: known.clone() };
            self.faults.note::<()>(key.span(), what);
        }
    }
}

/// Any text.
pub(crate) fn text<'t>(value: &'t Value<'_>, faults: &mut Faults) -> Option<&'t str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => faults.note(value.span(), What::WrongType { wanted: Wanted::Text }),
    }
}

/// A text of the length and the characters that the format allows.
pub(crate) fn short_text(value: &Value<'_>, faults: &mut Faults) -> Option<String> {
    let text = text(value, faults)?;
    faults.allowed(value.span(), credential::text::check(text, "text").map(str::to_owned))
}

/// `true` or `false`.
pub(crate) fn truth(value: &Value<'_>, faults: &mut Faults) -> Option<bool> {
    match value.get_ref() {
        DeValue::Boolean(truth) => Some(*truth),
        _ => faults.note(value.span(), What::WrongType { wanted: Wanted::Truth }),
    }
}

/// An integer that fits its type.
pub(crate) fn integer<T: TryFrom<u64>>(value: &Value<'_>, faults: &mut Faults) -> Option<T> {
    let number = match value.get_ref() {
        DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
        _ => None,
    };
    match number.and_then(|number| T::try_from(number).ok()) {
        Some(number) => Some(number),
        None => faults.note(value.span(), What::WrongType { wanted: Wanted::Integer }),
    }
}

/// A date without a time.
pub(crate) fn date(value: &Value<'_>, faults: &mut Faults) -> Option<Date> {
    let date = match value.get_ref() {
        DeValue::Datetime(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
            // Days before 1970 have no number on the wire.
            Date::new(date.year, date.month, date.day).filter(|date| *date >= Date::EPOCH)
        }
        _ => None,
    };
    date.map_or_else(|| faults.note(value.span(), What::WrongType { wanted: Wanted::Date }), Some)
}

/// A list whose every item reads. All faulty items are noted.
pub(crate) fn list<'t, 'd, T>(
    value: &'t Value<'d>,
    faults: &mut Faults,
    mut read: impl FnMut(&'t Value<'d>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let DeValue::Array(array) = value.get_ref() else {
        return faults.note(value.span(), What::WrongType { wanted: Wanted::List });
    };
    let items: Vec<Option<T>> = array.iter().map(|item| read(item, faults)).collect();
    items.into_iter().collect()
}

/// A word from a table of words.
pub(crate) fn word<T>(
    value: &Value<'_>,
    faults: &mut Faults,
    find: impl FnOnce(&str) -> Option<T>,
    known: impl FnOnce() -> Vec<&'static str>,
) -> Option<T> {
    let word = text(value, faults)?;
    match find(word) {
        Some(found) => Some(found),
        None => faults.note(value.span(), What::UnknownWord { word: word.to_owned(), known: known() }),
    }
}
