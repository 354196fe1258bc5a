//! Policy packs: what decodes, encodes to the same bytes, and can be asked anything.
#![no_main]

use credential::policy_pack::PolicyPack;
use credential::purpose::Purpose;
use verifier::policy::{Policies, Question, Unconfirmed};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(pack) = PolicyPack::decode(bytes) else { return };
    assert_eq!(pack.encode(), bytes);
    let (place, day) = (pack.jurisdiction, pack.effective.from());
    let subjects: Vec<_> = pack.cases.iter().map(|case| case.subject).chain([Default::default()]).collect();
    let policies = Policies::new(vec![pack]);
    for subject in &subjects {
        for purpose in Purpose::ALL {
            for unconfirmed in [Unconfirmed::Refuse, Unconfirmed::Demo] {
                let question = Question { purpose: *purpose, place, on: day, unconfirmed };
                let outcome = policies.decide(subject, &question);
                assert!(!outcome.zh().to_string().is_empty() && !outcome.en().to_string().is_empty());
            }
        }
    }
});
