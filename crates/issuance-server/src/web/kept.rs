//! A form that could not be taken yet: where it was going and what was in it, carried through a new sign-in in hidden
//! fields of the page. It stays in the officer's own browser; the service stores nothing of it.

use crate::web::fields::Fields;
use crate::web::url::LocalPath;
use crate::web::visit::Visit;

/// What was sent, and where to.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where it was going.
    pub action: LocalPath,
    /// What was in it, but for secrets.
    pub fields: Fields,
    /// Files were in it, which a page cannot keep.
    pub had_files: bool,
}

impl Kept {
    /// Of a request that cannot be taken now. A form of the sign-in itself is not kept.
    #[must_use]
    pub fn new(visit: &Visit, fields: Option<&Fields>) -> Option<Self> {
        let action = LocalPath::parse(visit.path()).filter(|path| !path.as_str().starts_with("/sign-"))?;
        let had_files = fields.is_none();
        Some(Self { action, fields: fields.map(Fields::keepable).unwrap_or_default(), had_files })
    }
}

/// Where to go when the sign-in is complete: a page, or a form to send once more.
#[derive(Clone, Debug, Default)]
pub struct Onward {
    /// The page that was asked for.
    pub next: Option<LocalPath>,
    /// The form that was sent.
    pub kept: Option<Kept>,
}

impl Onward {
    /// From the hidden fields of a page of the sign-in, or from its address.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let next = LocalPath::parse(fields.find("kept_next").unwrap_or_else(|| fields.get("next")));
        let kept = LocalPath::parse(fields.get("kept_action")).and_then(|action| {
            let fields = Fields::parse(fields.get("kept_fields").as_bytes()).ok()?;
            Some(Kept { action, fields: fields.keepable(), had_files: false })
        });
        Self { next, kept }
    }

    /// As hidden fields: names and values.
    #[must_use]
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        let next = self.next.iter().map(|next| ("kept_next", next.to_string()));
        let kept = self.kept.iter();
        let kept = kept.flat_map(|kept| {
            [("kept_action", kept.action.to_string()), ("kept_fields", kept.fields.to_text())]
        });
        next.chain(kept).collect()
    }

    /// The address of a page of the sign-in that carries it on.
    #[must_use]
    pub fn address(&self, page: &impl std::fmt::Display) -> String {
        match &self.next {
            None => page.to_string(),
            Some(next) => {
                let query = serde_urlencoded::to_string([("next", next.as_str())]).unwrap_or_default();
                format!("{page}?{query}")
            }
        }
    }
}
