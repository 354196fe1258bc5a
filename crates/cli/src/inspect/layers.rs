//! The layers of an input: text, digits, envelope, headers, claims; or the parts of a bundle and its kin.
//! Each is shown as far as it can be read, and with the first reason why a strict reader refuses it.

use credential::bundle::Bundle;
use credential::cbor::Reader;
use credential::delta::Delta;
use credential::policy_pack::PolicyPack;
use credential::qr_text::{QrText, QrTextError};
use credential::sign::Sign;
use credential::sign1::{Content, Sign1};
use credential::snapshot::Snapshot;
use credential::status_list::{MAX_PACKED_BYTES, Status, StatusIndex, StatusList};
use credential::status_token::StatusToken;
use credential::trust_list::{RootSet, TrustList};
use credential::{Credential, Malformed, PublicKey};
use verifier::State;

use crate::inspect::diagnostic::{Fault, Show, notation};
use crate::state_file;
use bilingual::{Language, say};

/// What was found so far.
pub(super) struct Layers {
    language: Language,
    expose: bool,
    lines: Vec<String>,
    depth: usize,
    faultless: bool,
}

impl Layers {
    pub(super) fn new(language: Language, expose: bool) -> Self {
        Self { language, expose, lines: Vec::new(), depth: 1, faultless: true }
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.faultless
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines
    }

    /// The text of a code.
    pub(super) fn text(&mut self, text: &str, modules: Option<u32>) {
        let language = self.language;
        if let Some(modules) = modules {
            self.line(say!(language, "二维码 {modules}×{modules}", "QR code {modules}×{modules}"));
        }
        let chars = text.trim().chars().count();
        self.line(say!(language, "文本 {chars} 个字符", "Text of {chars} characters"));
        if self.expose {
            self.line(text.trim().to_owned());
        }
        match QrText::parse(text) {
            Ok(read) => self.nested(|layers| layers.bytes(read.as_bytes())),
            Err(QrTextError::Malformed(cause)) => self.fault(cause, None),
            Err(QrTextError::TooLong) => self.fault(Malformed::WrongLength, None),
            Err(QrTextError::NotACredential) => {
                self.faultless = false;
                self.line(say!(
                    language,
                    "✘ 既不是 DC1: 数字，也不是 https://…/# 数字",
                    "✘ neither DC1: digits nor https://.../# digits"
                ));
            }
        }
    }

    /// The bytes of a credential or of one of our files.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        match (bytes, magic(bytes)) {
            ([0xd2, ..], _) => self.sign1(bytes),
            ([0xd8, 98, ..], _) => self.sign(bytes),
            (_, Some("DCB1")) => self.bundle(bytes),
            (_, Some("DCR1")) => self.roots(bytes),
            (_, Some("DCV1")) => self.state_file(bytes),
            (_, Some("DCD1")) => self.delta(bytes),
            _ if state_content(bytes).is_some() => self.state(bytes),
            _ => {
                self.line(say!(self.language, "CBOR，{} 字节", "CBOR, {} bytes", bytes.len()));
                // What it is nobody knows, so nobody knows what of it is personal.
                self.notation(bytes, Show::Nothing);
            }
        }
    }

    fn sign1(&mut self, bytes: &[u8]) {
        self.line(say!(self.language, "COSE_Sign1，{} 字节", "COSE_Sign1, {} bytes", bytes.len()));
        let Some((protected, payload, signature)) = loose_sign1(bytes) else {
            return self.notation(bytes, Show::Nothing);
        };
        let content = content_of(protected);
        self.nested(|layers| {
            layers.line(say!(layers.language, "受保护头", "Protected header"));
            layers.notation(protected, Show::All);
            layers.payload(payload, content);
            layers.line(say!(layers.language, "签名 h'{}'", "Signature h'{}'", hex::encode(signature)));
            if let Err(cause) = Sign1::parse(bytes, content) {
                layers.fault(cause, None);
            }
        });
    }

    fn payload(&mut self, payload: &[u8], content: Content) {
        let length = payload.len();
        self.line(say!(self.language, "载荷，{length} 字节", "Payload, {length} bytes"));
        match content {
            Content::Credential => self.claims(payload),
            Content::StatusList => self.status_list(payload),
            Content::Snapshot => {
                self.notation(payload, Show::All);
                self.check(Snapshot::decode(payload).err());
            }
            Content::Policy => {
                self.notation(payload, Show::All);
                self.check(PolicyPack::decode(payload).err());
            }
        }
    }

    fn claims(&mut self, payload: &[u8]) {
        self.notation(payload, if self.expose { Show::All } else { Show::Claims });
        let language = self.language;
        match Credential::decode(payload) {
            Err(cause) => self.fault(cause, None),
            Ok(Credential::Pass(pass)) => {
                let (expires, place) = (pass.expires, pass.jurisdiction);
                let grants: Vec<&str> = pass.grants.iter().map(|grant| grant.name()).collect();
                let grants = grants.join(" ");
                self.line(say!(
                    language,
                    "通行凭证：至 {expires}，地区 {place}，{grants}",
                    "Pass: until {expires}, region {place}, {grants}"
                ));
            }
            Ok(Credential::Certificate(certificate)) => {
                let (expires, county) = (certificate.expires, certificate.county);
                let number = certificate
                    .number()
                    .map(|number| if self.expose { number.expose().to_string() } else { number.to_string() });
                let number = number.unwrap_or_default();
                self.line(say!(
                    language,
                    "残疾人证：至 {expires}，县区 {county}，证号 {number}",
                    "Certificate: until {expires}, county {county}, number {number}"
                ));
            }
        }
    }

    fn status_list(&mut self, payload: &[u8]) {
        match StatusToken::decode(payload, MAX_PACKED_BYTES) {
            Err(cause) => {
                self.notation(payload, Show::All);
                self.fault(cause, None);
            }
            Ok(StatusToken { issuer, issued, expires, ttl_seconds, list }) => {
                let counted = count(&list);
                let (bits, entries) = (list.bits() as u8, list.capacity());
                self.line(say!(
                    self.language,
                    "状态名单：密钥 {issuer}，{issued} 至 {expires}，ttl {ttl_seconds} 秒，{bits} 位 × {entries}：{counted}",
                    "Status list of {issuer}, {issued} to {expires}, ttl {ttl_seconds} s, {bits} bits x {entries}: {counted}"
                ));
            }
        }
    }

    fn sign(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        self.line(say!(
            self.language,
            "COSE_Sign 信任名单，{length} 字节",
            "COSE_Sign, a trust list, {length} bytes"
        ));
        let signed = match Sign::parse(bytes) {
            Ok(signed) => signed,
            Err(cause) => {
                self.notation(bytes, Show::All);
                return self.fault(cause, None);
            }
        };
        self.nested(|layers| {
            layers.notation(signed.payload(), Show::All);
            layers.check(TrustList::decode(signed.payload()).err());
            for signature in signed.signatures() {
                layers.line(say!(layers.language, "{} 的签名", "Signature of {}", signature.kid));
            }
        });
    }

    fn bundle(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        self.line(say!(self.language, "核验包，{length} 字节", "Bundle, {length} bytes"));
        match Bundle::parse(bytes) {
            Err(cause) => self.fault_in(bytes, cause),
            Ok(bundle) => self.nested(|layers| {
                layers.bytes(bundle.snapshot);
                layers.bytes(bundle.trust_list);
                bundle.status_lists.iter().chain(&bundle.policies).for_each(|part| layers.bytes(part));
            }),
        }
    }

    fn roots(&mut self, bytes: &[u8]) {
        match RootSet::from_slice(bytes) {
            Err(cause) => self.fault_in(bytes, cause),
            Ok(roots) => {
                let kids: Vec<String> =
                    roots.keys().iter().map(PublicKey::kid).map(|kid| kid.to_string()).collect();
                let (threshold, kids) = (roots.threshold(), kids.join(" "));
                self.line(say!(
                    self.language,
                    "根密钥文件：须 {threshold} 把签名：{kids}",
                    "Root file: {threshold} must sign: {kids}"
                ));
                self.notation(bytes, Show::All);
            }
        }
    }

    fn state_file(&mut self, bytes: &[u8]) {
        match state_file::from_slice(bytes) {
            Err(cause) => self.fault_in(bytes, cause),
            Ok((pin, state)) => {
                let pin = hex::encode(&pin[..8]);
                self.line(say!(
                    self.language,
                    "状态文件，根密钥文件 sha256 {pin}…",
                    "State file, root file sha256 {pin}..."
                ));
                self.nested(|layers| layers.bytes(&state.to_bytes()));
            }
        }
    }

    fn state(&mut self, bytes: &[u8]) {
        match State::from_slice(bytes) {
            Err(cause) => self.fault_in(bytes, cause),
            Ok(state) => {
                let (snapshot, newest) = (state.snapshot(), state.newest_signed());
                self.line(say!(
                    self.language,
                    "核验状态：快照第 {snapshot} 版，最新签名时间 {newest}",
                    "State of a verifier: snapshot version {snapshot}, newest signature {newest}"
                ));
                self.notation(state_content(bytes).unwrap_or(bytes), Show::All);
            }
        }
    }

    fn delta(&mut self, bytes: &[u8]) {
        match Delta::parse(bytes) {
            Err(cause) => self.fault_in(bytes, cause),
            Ok(delta) => {
                let (base, length) = (delta.base, bytes.len());
                self.line(say!(
                    self.language,
                    "差分包，基于快照第 {base} 版，{length} 字节",
                    "Delta from snapshot version {base}, {length} bytes"
                ));
                self.notation(bytes, Show::All);
            }
        }
    }

    fn notation(&mut self, bytes: &[u8], show: Show) {
        let show = if self.expose { Show::All } else { show };
        match notation(bytes, show) {
            Ok(text) => self.nested(|layers| text.lines().for_each(|line| layers.line(line.to_owned()))),
            Err(Fault { offset, cause }) => self.fault(cause, Some(offset)),
        }
    }

    /// A file of ours that does not parse: where the CBOR breaks, if it does, or else which rule.
    fn fault_in(&mut self, bytes: &[u8], cause: Malformed) {
        match notation(bytes, Show::Nothing) {
            Err(Fault { offset, cause }) => self.fault(cause, Some(offset)),
            Ok(_) => self.fault(cause, None),
        }
    }

    fn check(&mut self, cause: Option<Malformed>) {
        if let Some(cause) = cause {
            self.fault(cause, None);
        }
    }

    fn fault(&mut self, cause: Malformed, offset: Option<usize>) {
        self.faultless = false;
        self.line(match offset {
            Some(offset) => say!(self.language, "✘ 第 {offset} 字节：{cause}", "✘ at byte {offset}: {cause}"),
            None => format!("✘ {cause}"),
        });
    }

    fn line(&mut self, text: String) {
        self.lines.push(format!("{}{text}", "  ".repeat(self.depth)));
    }

    fn nested(&mut self, show: impl FnOnce(&mut Self)) {
        self.depth += 1;
        show(self);
        self.depth -= 1;
    }
}

/// The parts of a COSE_Sign1 as far as they stand where they should, whatever their rules say.
fn loose_sign1(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    reader.tag(18).ok()?;
    reader.array_of(4).ok()?;
    let protected = reader.bytes().ok()?;
    reader.skip().ok()?;
    Some((protected, reader.bytes().ok()?, reader.bytes().ok()?))
}

/// What a protected header says its payload is; without a `typ` it is a credential.
fn content_of(protected: &[u8]) -> Content {
    let is = |content: &Content| {
        content.typ().is_some_and(|typ| protected.windows(typ.len()).any(|window| window == typ.as_bytes()))
    };
    let known = [Content::StatusList, Content::Snapshot, Content::Policy];
    known.into_iter().find(is).unwrap_or(Content::Credential)
}

/// The text that our files begin with.
fn magic(bytes: &[u8]) -> Option<&str> {
    let mut reader = Reader::new(bytes);
    reader.array().ok()?;
    reader.text().ok()
}

/// The content of a verifier's state: `[sha256, content]`.
fn state_content(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    reader.array_of(2).ok()?;
    let _: &[u8; 32] = reader.array_of_bytes().ok()?;
    reader.bytes().ok()
}

fn count(list: &StatusList) -> String {
    let mut counts = [0u64; 4];
    for index in 0..u32::try_from(list.capacity()).unwrap_or(u32::MAX) {
        if let Some(status) = list.get(StatusIndex::new(index)) {
            counts[status as usize] += 1;
        }
    }
    let names = [Status::Valid, Status::Invalid, Status::Suspended, Status::Specific];
    let each = names.iter().map(|status| format!("{status:?} {}", counts[*status as usize]));
    each.collect::<Vec<_>>().join(", ")
}
