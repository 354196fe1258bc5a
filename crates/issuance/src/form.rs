//! A form as people fill it in: raw texts in, types out, every fault at once.
//! Files, pages and the API read their fields through here, so that a rule is written once.

use credential::disability::{Component, Components};
use credential::number::{IdentityNumber, Reissue};
use credential::region::Region;
use credential::time::Date;

use crate::fault::{Fault, Field, Rule};
use crate::officer::Login;
use crate::person::{Applicant, Guardian, Particulars, is_minor};
use crate::step::Sheet;
use crate::text::{Phone, Text};

/// Where a form takes its texts from: a line of a file, a posted page, an object of the API.
pub trait Source {
    /// What is written in the field; empty where nothing is.
    fn text(&self, field: Field) -> &str;
}

/// Who applies, where, and with which suffix from an earlier certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicantForm {
    /// The person.
    pub applicant: Applicant,
    /// `Never` unless a certificate from before this register had one.
    pub suffix: Reissue,
}

impl ApplicantForm {
    /// Reads the person's part of a form.
    pub fn parse(form: &impl Source, today: Date) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { form, faults: Vec::new() };
        let identity = reader.required(Field::IdentityNumber, IdentityNumber::parse);
        let home = reader.required(Field::County, county);
        let name = reader.required(Field::Name, Text::parse);
        let ethnic_group = reader.optional(Field::EthnicGroup, Text::parse);
        let address = reader.optional(Field::Address, Text::parse);
        let phone = reader.optional(Field::Phone, Phone::parse);
        let guardian = reader.guardian();
        let suffix = reader.optional(Field::Suffix, Reissue::parse).unwrap_or_default();
        let born = identity.map(IdentityNumber::birth_date);
        if born.is_some_and(|born| born > today) {
            reader.fault(Field::IdentityNumber, Rule::Future);
        }
        if born.is_some_and(|born| is_minor(born, today)) {
            reader.guardian_must_be_named();
        }
        match (reader.faults.is_empty(), identity, home, name) {
            (true, Some(identity), Some(home), Some(name)) => {
                let particulars = Particulars { name, ethnic_group, address, phone, guardian };
                Ok(Self { applicant: Applicant { identity, home, particulars }, suffix })
            }
            _ => Err(reader.faults),
        }
    }
}

/// The assessment as two doctors signed it on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetForm {
    /// Categories and levels.
    pub components: Components,
    /// The day both had signed.
    pub signed_on: Date,
    /// Two different logins.
    pub doctors: [Login; 2],
}

impl SheetForm {
    /// Reads the assessment's part of a form.
    pub fn parse(form: &impl Source, today: Date) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { form, faults: Vec::new() };
        let components = reader.required(Field::Components, components);
        let signed_on = reader.required(Field::AssessedOn, |text| past_date(text, today));
        let first = reader.required(Field::Doctor1, login);
        let second = reader.required(Field::Doctor2, login);
        if first.is_some() && first == second {
            reader.fault(Field::Doctor2, Rule::SameDoctor);
        }
        if components.as_ref().is_some_and(Components::need_guardian) {
            reader.guardian_must_be_named();
        }
        match (reader.faults.is_empty(), components, signed_on, first, second) {
            (true, Some(components), Some(signed_on), Some(first), Some(second)) => {
                Ok(Self { components, signed_on, doctors: [first, second] })
            }
            _ => Err(reader.faults),
        }
    }
}

/// What a doctor or a committee found, and the day they signed.
pub fn parse_finding(form: &impl Source, today: Date) -> Result<Sheet, Vec<Fault>> {
    let mut reader = Reader { form, faults: Vec::new() };
    let components = reader.required(Field::Components, components);
    let signed_on = reader.required(Field::AssessedOn, |text| past_date(text, today));
    match (components, signed_on) {
        (Some(components), Some(signed_on)) => Ok(Sheet { components, signed_on }),
        _ => Err(reader.faults),
    }
}

/// The day a public notice went up, `None` for a minor.
pub fn parse_notice(
    form: &impl Source,
    born: Date,
    signed_on: Date,
    today: Date,
) -> Result<Option<Date>, Vec<Fault>> {
    let mut reader = Reader { form, faults: Vec::new() };
    let posted = reader.optional(Field::NoticePosted, |text| past_date(text, today));
    match posted {
        _ if !reader.faults.is_empty() => {}
        Some(_) if is_minor(born, today) => reader.fault(Field::NoticePosted, Rule::MinorNotPublished),
        Some(posted) if posted < signed_on => reader.fault(Field::NoticePosted, Rule::TooEarly),
        None if !is_minor(born, today) => reader.fault(Field::NoticePosted, Rule::Required),
        _ => return Ok(posted),
    }
    Err(reader.faults)
}

struct Reader<'a, S> {
    form: &'a S,
    faults: Vec<Fault>,
}

impl<S: Source> Reader<'_, S> {
    fn required<T, E: Into<Rule>>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.form.text(field).trim().is_empty() {
            self.fault(field, Rule::Required);
            return None;
        }
        self.optional(field, parse)
    }

    fn optional<T, E: Into<Rule>>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.form.text(field).trim();
        if text.is_empty() {
            return None;
        }
        parse(text).map_err(|rule| self.fault(field, rule.into())).ok()
    }

    fn guardian(&mut self) -> Option<Guardian> {
        let name = self.optional(Field::GuardianName, Text::parse);
        let phone = self.optional(Field::GuardianPhone, Phone::parse);
        if self.is_empty(Field::GuardianName) {
            if !self.is_empty(Field::GuardianRelation) || !self.is_empty(Field::GuardianPhone) {
                self.fault(Field::GuardianName, Rule::GuardianWithoutName);
            }
            return None;
        }
        let relation = self.required(Field::GuardianRelation, Text::parse);
        Some(Guardian { name: name?, relation: relation?, phone })
    }

    fn guardian_must_be_named(&mut self) {
        if self.is_empty(Field::GuardianName) {
            self.fault(Field::GuardianName, Rule::GuardianRequired);
        }
    }

    fn is_empty(&self, field: Field) -> bool {
        self.form.text(field).trim().is_empty()
    }

    fn fault(&mut self, field: Field, rule: Rule) {
        self.faults.push(Fault { field, rule });
    }
}

fn county(text: &str) -> Result<Region, Rule> {
    Ok(Region::parse(text).and_then(|region| Region::county(region.code().into()))?)
}

/// `42`, or `42;13` with `;`, `；`, `,` or `、` between.
fn components(text: &str) -> Result<Components, Rule> {
    let component = |code: &str| {
        let digits = code.trim();
        let code = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        code.ok_or(credential::error::Malformed::OutOfRange("component")).and_then(Component::from_code)
    };
    let list = text.split([';', '；', ',', '、']).map(component).collect::<Result<Vec<_>, _>>()?;
    Ok(Components::new(list)?)
}

fn past_date(text: &str, today: Date) -> Result<Date, Rule> {
    let date = Date::parse(text).map_err(|_| Rule::Date)?;
    if date > today { Err(Rule::Future) } else { Ok(date) }
}

fn login(text: &str) -> Result<Login, Rule> {
    Login::parse(text).ok_or(Rule::NotAnAssessor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    impl Source for HashMap<Field, &str> {
        fn text(&self, field: Field) -> &str {
            self.get(&field).copied().unwrap_or_default()
        }
    }

    fn today() -> Date {
        Date::new(2026, 11, 24).unwrap()
    }

    fn adult() -> HashMap<Field, &'static str> {
        HashMap::from([
            (Field::IdentityNumber, "11010519491231002X"),
            (Field::Name, "王小明"),
            (Field::County, "220104"),
            (Field::Components, "13；42"),
            (Field::AssessedOn, "2026-11-02"),
            (Field::Doctor1, "doctor-1"),
            (Field::Doctor2, "doctor-2"),
            (Field::NoticePosted, "2026-11-03"),
        ])
    }

    #[test]
    fn a_good_form_becomes_types_with_components_heaviest_first() {
        let applicant = ApplicantForm::parse(&adult(), today()).unwrap();
        assert_eq!(applicant.applicant.home.code(), 220_104);
        let sheet = SheetForm::parse(&adult(), today()).unwrap();
        let codes: Vec<u8> = sheet.components.as_slice().iter().map(|c| c.code()).collect();
        assert_eq!(codes, [42, 13]);
        let born = applicant.applicant.identity.birth_date();
        assert_eq!(parse_notice(&adult(), born, sheet.signed_on, today()), Ok(Date::new(2026, 11, 3)));
    }

    #[test]
    fn each_rule_names_its_field() {
        let cases = [
            (Field::IdentityNumber, "123456197011110013", "第 18 位应为 7"),
            (Field::IdentityNumber, "", "未填写"),
            (Field::Name, "王\n", ""),
            (Field::County, "2201", "6 位县区代码"),
            (Field::Phone, "电话", "只能用数字"),
            (Field::GuardianPhone, "123", ""),
            (Field::Suffix, "B0", "B1 至 B99"),
            (Field::Components, "42;43", "同一类别"),
            (Field::Components, "75", "格式不正确"),
            (Field::Components, "+42", "格式不正确"),
            (Field::Components, "52", ""),
            (Field::AssessedOn, "2026-11-25", "晚于今天"),
            (Field::AssessedOn, "2026/11/02", "2026-11-24 的形式"),
            (Field::Doctor2, "doctor-1", "两名医师"),
        ];
        for (field, text, sentence) in cases {
            let mut form = adult();
            form.insert(field, text);
            let faults = [ApplicantForm::parse(&form, today()).err(), SheetForm::parse(&form, today()).err()];
            let faults: Vec<Fault> = faults.into_iter().flatten().flatten().collect();
            if field == Field::Name {
                // A line break at the end is trimmed away, as spaces are.
                assert!(faults.is_empty());
                continue;
            }
            assert_eq!(faults.len(), 1, "{field:?} {text}");
            let about = match field {
                Field::GuardianPhone | Field::Components if sentence.is_empty() => Field::GuardianName,
                other => other,
            };
            assert_eq!(faults[0].field, about);
            assert!(faults[0].zh().contains(sentence), "{}", faults[0].zh());
            assert!(
                text.is_empty() || !faults[0].to_string().contains("123456"),
                "a fault repeats the field"
            );
        }
    }

    #[test]
    fn minors_need_a_guardian_and_are_not_published() {
        let mut form = adult();
        let check = IdentityNumber::from_first_17(11_010_520_150_101_001).unwrap().expose();
        form.insert(Field::IdentityNumber, &check);
        let faults = ApplicantForm::parse(&form, today()).unwrap_err();
        assert_eq!(faults, [Fault { field: Field::GuardianName, rule: Rule::GuardianRequired }]);
        let born = Date::new(2015, 1, 1).unwrap();
        let faults = parse_notice(&form, born, Date::new(2026, 11, 2).unwrap(), today()).unwrap_err();
        assert_eq!(faults, [Fault { field: Field::NoticePosted, rule: Rule::MinorNotPublished }]);
    }

    #[test]
    fn a_notice_cannot_go_up_before_the_assessment_or_be_left_out_for_an_adult() {
        let born = Date::new(1949, 12, 31).unwrap();
        let signed = Date::new(2026, 11, 4).unwrap();
        assert_eq!(parse_notice(&adult(), born, signed, today()).unwrap_err()[0].rule, Rule::TooEarly);
        let mut form = adult();
        form.remove(&Field::NoticePosted);
        assert_eq!(parse_notice(&form, born, signed, today()).unwrap_err()[0].rule, Rule::Required);
    }
}
