//! An applicants' file of any bytes: read to its end or to its first fault; no name is let in that a certificate may not carry.
#![no_main]

use credential::time::Date;
use issuance::applicants_file::{ApplicantsFile, Encoding};
use issuance::form::{ApplicantForm, SheetForm};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(encoding) = Encoding::find(bytes) else { return };
    let Ok(file) = ApplicantsFile::new(bytes, encoding) else { return };
    let today = Date::new(2026, 11, 24).expect("a date of the calendar");
    for line in file {
        let Ok(line) = line else { return };
        let Ok(texts) = line.texts else { continue };
        if let Ok(form) = ApplicantForm::parse(&texts, today) {
            let name = form.applicant.particulars.name.expose();
            assert!(credential::text::check(name, "name").is_ok(), "a name that no certificate may carry");
        }
        let _ = SheetForm::parse(&texts, today);
    }
});
