//! First scene: an applicants' file goes through four pairs of eyes and becomes signed certificates.

use anyhow::{Result, ensure};

use crate::demo::stage::Stage;

/// From CSV to QR pictures and a bundle.
pub(crate) fn applications_become_certificates(stage: &mut Stage) -> Result<()> {
    stage.scene("一 · 建立签发机构", "1 · An issuing office, with example keys that everybody knows");
    stage.issuer(&["init"], 0)?;

    stage.scene(
        "二 · 受理 200 份申请：生僻字、少数民族姓名、X 尾号、补领后缀、多重残疾、未成年人",
        "2 · 200 applications: rare characters, minority names, numbers in X, suffixes, several components, minors",
    );
    stage.issuer(&["--as", "clerk", "import", "applicants.csv"], 0)?;
    stage.say("同一文件再导入一次，什么也不变。 The same file again changes nothing.");
    stage.issuer(&["--as", "clerk", "import", "applicants.csv"], 0)?;
    stage.say("有错的文件：逐行指出，好的照收。 A file with faults: each is named, the good line is kept.");
    stage.issuer(&["--as", "clerk", "import", "applicants-bad.csv"], 1)?;

    stage.scene("三 · 内部人想批准自己录入的申请", "3 · An insider tries to approve what he entered himself");
    let powers = [
        "officer",
        "add",
        "insider",
        "--name",
        "内部人",
        "--role",
        "clerk,reviewer,approver",
        "--region",
        "22",
    ];
    stage.issuer(&[&["--as", "admin"], &powers[..]].concat(), 0)?;
    stage.issuer(&["--as", "insider", "import", "applicants-gb18030.csv"], 0)?;
    stage.issuer(&["--as", "insider", "review", "--all"], 1)?;
    let untouched = applications(stage, "noticed")?;
    ensure!(untouched == INSIDERS, "{untouched} applications of the insider wait for somebody else's review");
    stage.say("他能审核别人录入的，却动不了自己录入的五份。 He may review what others entered, not the five that he entered.");

    stage.scene("四 · 另一人审核，第三人批准", "4 · A second officer reviews, a third one approves");
    stage.issuer(&["--as", "reviewer", "review", "--all"], 0)?;
    stage.issuer(&["--as", "approver", "approve", "--all"], 0)?;

    stage.scene(
        "五 · 签发，生成二维码和核验包",
        "5 · Signing, QR pictures, and the bundle that verifiers carry",
    );
    let issued = stage.issuer_json(&["issue"])?;
    stage.say(&format!("{} 本证件已签发并落盘 certificates signed and durable", issued.len()));
    ensure!(issued.len() == CERTIFICATES, "{CERTIFICATES} certificates must come out");
    stage.issuer(&["qr", "--out", "pictures"], 0)?;
    stage.issuer(&["bundle", "export", "today.dcb"], 0)?;
    Ok(())
}

fn applications(stage: &Stage, state: &str) -> Result<usize> {
    Ok(stage.issuer_json(&["list", "applications", "--state", state])?.len())
}

/// The lines of applicants-gb18030.csv.
const INSIDERS: usize = 5;
/// Two hundred, the good line of the bad file, and the insider's five after somebody else approved them.
const CERTIFICATES: usize = 200 + 1 + INSIDERS;
