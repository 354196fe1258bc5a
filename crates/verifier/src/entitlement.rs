//! What a credential entitles to: refusals 50 to 52, and what the purpose may see.
//! Policy packs decide where they have rules. Where they have none a pass stands on its grants,
//! and a certificate cannot be decided.

use alloc::vec::Vec;

use credential::Credential;
use credential::certificate::Certificate;
use credential::grant::Grant;
use credential::pass::Pass;
use credential::policy_pack::Subject;
use credential::purpose::Purpose;
use credential::region::Region;

use crate::accepted::{Award, Facts};
use crate::policy::{Doubt, Outcome, Policies, Question};
use crate::refusal::Refusal;
use crate::verify::Check;

/// What the purpose may see, and what a policy pack awards.
pub(crate) fn decide<'a>(
    claims: Credential<'a>,
    policies: &Policies,
    check: &Check<'_>,
) -> Result<(Facts<'a>, Option<Award>), Refusal> {
    match claims {
        Credential::Pass(pass) => decide_pass(pass, policies, check),
        Credential::Certificate(certificate) => decide_certificate(certificate, policies, check),
    }
}

/// Whether a policy pack still honours a credential that expired.
pub(crate) fn in_days_of_grace(claims: &Credential<'_>, policies: &Policies, check: &Check<'_>) -> bool {
    let (subject, home) = match claims {
        Credential::Pass(pass) => (Subject::of_pass(pass, check.now), pass.jurisdiction),
        Credential::Certificate(certificate) => {
            (Subject::of_certificate(certificate, check.now), certificate.county)
        }
    };
    check.purpose.is_some_and(|purpose| {
        matches!(policies.decide(&subject, &question(purpose, home, check)), Outcome::Entitled(..))
    })
}

fn decide_pass<'a>(
    pass: Pass,
    policies: &Policies,
    check: &Check<'_>,
) -> Result<(Facts<'a>, Option<Award>), Refusal> {
    if check.place.is_some_and(|place| !pass.jurisdiction.contains(place)) {
        return Err(Refusal::OtherJurisdiction);
    }
    let jurisdiction = pass.jurisdiction;
    let Some(purpose) = check.purpose else {
        return Ok((Facts::Pass { jurisdiction, grants: pass.grants }, None));
    };
    let outcome =
        policies.decide(&Subject::of_pass(&pass, check.now), &question(purpose, jurisdiction, check));
    let grants = answering(pass.grants, purpose);
    let award = match outcome {
        Outcome::Entitled(ground, benefit) => Some(Award::new(ground, benefit)),
        // The issuer granted by the rules of its day; a verifier without rules takes nothing away.
        Outcome::CannotDecide(Doubt::NoRules | Doubt::Unconfirmed(_))
            if grants.iter().any(answers(purpose)) =>
        {
            None
        }
        Outcome::CannotDecide(Doubt::NoRules | Doubt::Unconfirmed(_)) => return Err(Refusal::NotEntitled),
        other => return Err(other.refusal().unwrap_or(Refusal::NotEntitled)),
    };
    Ok((Facts::Pass { jurisdiction, grants }, award))
}

fn decide_certificate<'a>(
    certificate: Certificate<'a>,
    policies: &Policies,
    check: &Check<'_>,
) -> Result<(Facts<'a>, Option<Award>), Refusal> {
    let purpose = match check.purpose {
        None => return Ok((Facts::Holder { name: certificate.name }, None)),
        Some(Purpose::Office) => return Ok((Facts::Office(certificate), None)),
        Some(purpose) => purpose,
    };
    let subject = Subject::of_certificate(&certificate, check.now);
    match policies.decide(&subject, &question(purpose, certificate.county, check)) {
        Outcome::Entitled(ground, benefit) => {
            Ok((Facts::Holder { name: certificate.name }, Some(Award::new(ground, benefit))))
        }
        other => Err(other.refusal().unwrap_or(Refusal::CannotDecide)),
    }
}

/// A checker that does not say where it stands is taken to stand where the credential comes from.
fn question(purpose: Purpose, home: Region, check: &Check<'_>) -> Question {
    Question {
        purpose,
        place: check.place.unwrap_or(home),
        on: check.now.date_in_china(),
        unconfirmed: check.unconfirmed,
    }
}

/// No more of a pass than the purpose asks about, and whether a companion may come along.
fn answering(mut grants: Vec<Grant>, purpose: Purpose) -> Vec<Grant> {
    grants.retain(|grant| answers(purpose)(grant) || *grant == Grant::CompanionOne);
    grants
}

fn answers(purpose: Purpose) -> impl Fn(&Grant) -> bool {
    move |grant| purpose.grants().contains(grant)
}
