//! An application that was approved and not signed yet.

use credential::disability::Components;
use credential::number::Reissue;
use credential::time::UnixTime;

use super::{Application, Request};
use crate::Error;
use crate::id::OfficerId;
use crate::step::Step;

/// The proof that an application was entered, reviewed and approved by different officers, that its notice
/// ran its working days, and that it was not signed yet. Made by [`Application::approved`] only.
#[derive(Debug)]
pub struct Approved<'a> {
    pub(super) application: &'a Application,
    pub(super) approval: &'a Step,
    pub(super) components: &'a Components,
}

impl<'a> Approved<'a> {
    /// What was asked for.
    #[must_use]
    pub fn request(&self) -> &'a Request {
        &self.application.request
    }

    /// What the certificate will say.
    #[must_use]
    pub fn components(&self) -> &'a Components {
        self.components
    }

    /// Who approved it.
    #[must_use]
    pub fn approver(&self) -> OfficerId {
        self.approval.by
    }

    /// When.
    #[must_use]
    pub fn approved_at(&self) -> UnixTime {
        self.approval.at
    }

    /// The suffix of the new certificate.
    pub fn reissue(&self) -> Result<Reissue, Error> {
        self.application.reissue()
    }
}
