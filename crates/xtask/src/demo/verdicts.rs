//! The scenes of an inspector: photographs, forgeries, and a status that changes.

use std::fs;

use anyhow::{Context, Result};

use crate::demo::forgery;
use crate::demo::stage::{Outcome, Stage, refused};
use crate::photo::{Camera, Difficulty};

/// Pictures are turned, tilted, blurred, shaded, and read.
pub(crate) fn photographs_are_read(stage: &mut Stage) -> Result<()> {
    stage.scene(
        "六 · 离线核验照片：旋转、倾斜、模糊、光线不匀",
        "6 · Photographs verified offline: turned, tilted, blurred, in uneven light",
    );
    let photographs = stage.path("photographs");
    fs::create_dir(&photographs)?;
    for number in 1..=PHOTOGRAPHS {
        let kind = if number % 2 == 0 { "pass" } else { "certificate" };
        let code = image::open(stage.path(&format!("pictures/{number:06}-{kind}.png")))?.to_luma8();
        let difficulty = if number % 4 < 2 { Difficulty::Mild } else { Difficulty::Medium };
        fs::write(
            photographs.join(format!("{number:06}-{kind}.jpg")),
            Camera::new(difficulty, number).jpeg(&code)?,
        )?;
    }
    stage.expect(
        "屏幕上的图片 a picture from the screen",
        "pictures/000001-pass.png",
        TODAY,
        Outcome::Accepted,
    )?;
    let verdicts = stage.verify(&["photographs"], TODAY)?;
    let read = verdicts.iter().filter(|line| Outcome::of(line) == Outcome::Accepted).count();
    stage.say(&format!("{read} / {} 张照片读出并有效 photographs read and accepted", verdicts.len()));
    let enough = verdicts.len() == PHOTOGRAPHS as usize && read >= MUST_READ;
    let found = if enough { Outcome::Accepted } else { Outcome::Unreadable };
    stage.enter("手持拍摄的照片 photographs taken by hand", Outcome::Accepted, found);
    stage.expect("公交闸机所问 asked at a bus", "pictures/000001-pass.png", TRANSIT, Outcome::Accepted)
}

/// What a forger can do without the key.
pub(crate) fn forgeries_are_refused(stage: &mut Stage) -> Result<()> {
    stage.scene("七 · 伪造", "7 · Forgeries");
    let [certificate, pass] = texts(stage, 1)?;
    let digit = forgery::another_digit(&pass);
    stage.expect("改动一位数字 one digit altered", &digit, TODAY, refused(23, "BadSignature"))?;
    let heavier = forgery::heavier(&certificate)?;
    stage.expect("等级改重 a heavier level written in", &heavier, TODAY, refused(23, "BadSignature"))?;
    let stranger = forgery::by_a_stranger(&pass)?;
    stage.expect("陌生机构签发 signed by a stranger", &stranger, TODAY, refused(20, "UnknownIssuer"))?;
    let expired = [TODAY, &["--at", "2040-01-01T00:00:00+08:00"]].concat();
    stage.expect("过期 expired", &pass, &expired, refused(31, "Expired"))?;
    stage.expect(
        "不是证件 no credential at all",
        "https://example.org/",
        TODAY,
        refused(10, "NotACredential"),
    )
}

/// Suspended, lifted, revoked, replaced; and yesterday's bundle.
pub(crate) fn status_reaches_the_verifier(stage: &mut Stage) -> Result<()> {
    stage.scene(
        "八 · 冻结、解冻、注销随核验包到达",
        "8 · Suspension, lifting and revocation arrive with the bundle",
    );
    let pass = "pictures/000002-pass.png";
    stage.issuer(&["--as", "clerk", "status", "suspend", "2", "--reason", "suspected_death"], 0)?;
    stage.issuer(&["bundle", "export", "suspended.dcb"], 0)?;
    stage.expect(
        "冻结 suspended",
        pass,
        &["--bundle", "suspended.dcb", "--state", "state"],
        refused(41, "Suspended"),
    )?;
    stage.issuer(&["--as", "clerk", "status", "lift", "2", "--reason", "cleared"], 0)?;
    stage.issuer(&["bundle", "export", "lifted.dcb"], 0)?;
    stage.expect("解冻 lifted", pass, &["--bundle", "lifted.dcb", "--state", "state"], Outcome::Accepted)?;
    stage.issuer(&["--as", "clerk", "status", "revoke", "2", "--reason", "death"], 0)?;
    stage.say("注销须另一人确认。 A revocation takes a second officer.");
    stage.issuer(&["--as", "clerk", "status", "confirm", "3"], 2)?;
    stage.issuer(&["--as", "approver", "status", "confirm", "3"], 0)?;
    stage.issuer(&["bundle", "export", "revoked.dcb"], 0)?;
    stage.expect(
        "注销 revoked",
        pass,
        &["--bundle", "revoked.dcb", "--state", "state"],
        refused(40, "Revoked"),
    )?;
    stage.say("有人把旧核验包塞给核验端。 Somebody feeds the verifier an older bundle.");
    let rolled_back = refused(73, "BundleRolledBack");
    stage.expect(
        "回滚的核验包 a bundle rolled back",
        pass,
        &["--bundle", "today.dcb", "--state", "state"],
        rolled_back,
    )?;
    stage.issuer(&["audit", "verify"], 0)?;
    Ok(())
}

/// The texts of a certificate and its pass. In clear, so an officer's name stands for it in the audit.
pub(crate) fn texts(stage: &Stage, certificate: u32) -> Result<[String; 2]> {
    let shown = stage.issuer_json(&["--as", "auditor", "show", &certificate.to_string(), "--expose"])?;
    let texts =
        shown.first().and_then(|line| line["clear"]["texts"].as_array()).context("texts of a certificate")?;
    let text = |at: usize| texts.get(at).and_then(|text| text.as_str()).map(str::to_owned).context("a text");
    Ok([text(0)?, text(1)?])
}

const TODAY: &[&str] = &["--bundle", "today.dcb"];
const TRANSIT: &[&str] = &["--bundle", "today.dcb", "--purpose", "transit", "--place", "2201"];
const PHOTOGRAPHS: u64 = 24;
/// All but one: the medium ones are read at 95 % or better.
const MUST_READ: usize = 23;
