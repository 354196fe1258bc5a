//! The desks: a few threads, each of which owns one connection to the register. A request brings its work and waits
//! for the answer; nothing of the database is ever touched by the threads that serve the network.
//! When more work waits than the desks will do in time, the next request is told so at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use issuance::actor::Actor;
use issuance::audit::{Deed, Entry, Other, Subject};
use issuance::id::OfficerId;
use issuance::officer::Officer;
use rand_core::CryptoRng;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::personal::Personal;
use crate::sqlite::SqliteRegister;
use crate::web::account::Account;
use crate::web::password::{Cost, Hash, Password, Salt};
use crate::web::refused::Refused;
use crate::web::session::Session;
use crate::web::visit::Visit;

/// One desk: the register, with the tables of the console in the same file.
pub struct Desk {
    /// Where cases are.
    pub register: SqliteRegister,
}

/// A change of the console's own tables: all or nothing, with its audit rows.
pub struct Change<'a> {
    connection: &'a Connection,
    personal: &'a Personal,
    audit: &'a mut Vec<Entry>,
}

impl Desk {
    /// For reading the console's tables.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        self.register.connection()
    }

    /// The account of an officer.
    pub fn account(&self, officer: OfficerId) -> Result<Option<Account>, Refused> {
        Ok(Account::find(self.register.connection(), self.register.personal(), officer)?)
    }

    /// Gives an officer a one-time password: the first one, or after they lost theirs. Their authenticator is
    /// forgotten and their sessions end. For the command line; a page hashes elsewhere and calls `reset`.
    pub fn hand_out(
        &mut self,
        whose: OfficerId,
        actor: &Actor<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Password, Refused> {
        let password = Password::one_time(rng);
        let hash = Hash::new(&password, Cost::Full, Salt::generate(rng)).map_err(|_| Refused::Busy)?;
        self.reset(whose, &hash, actor)?;
        Ok(password)
    }

    /// The same with a password that was hashed before.
    pub fn reset(&mut self, whose: OfficerId, hash: &Hash, actor: &Actor<'_>) -> Result<(), Refused> {
        let entry = actor.entry(Deed::Other(Other::AccountReset), Subject::Officer(whose));
        self.change(|change| {
            Account::reset(change.connection, whose, hash, actor.now)?;
            Session::close_all(change.connection, whose)?;
            change.audit.push(entry);
            Ok(())
        })
    }

    /// One transaction; a refusal leaves no trace.
    pub fn change<T>(
        &mut self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.register.change(|connection, personal, audit| work(&mut Change { connection, personal, audit }))
    }
}

impl<'a> Change<'a> {
    /// Inside the transaction.
    #[must_use]
    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// How columns with secrets are sealed.
    #[must_use]
    pub fn personal(&self) -> &'a Personal {
        self.personal
    }

    /// The account of an officer.
    pub fn account(&self, officer: OfficerId) -> Result<Option<Account>, Refused> {
        Ok(Account::find(self.connection, self.personal, officer)?)
    }

    /// Adds what an officer did to their own account.
    pub fn note(&mut self, officer: &Officer, deed: Other, visit: &Visit) -> Result<(), Refused> {
        self.note_about(officer, deed, Subject::Officer(officer.id), visit)
    }

    /// Adds what an officer did.
    pub fn note_about(
        &mut self,
        officer: &Officer,
        deed: Other,
        subject: Subject,
        visit: &Visit,
    ) -> Result<(), Refused> {
        let origin = visit.origin().ok_or(Refused::Failed)?;
        let actor = Actor { officer, now: visit.now(), origin: &origin };
        self.audit.push(actor.entry(Deed::Other(deed), subject));
        Ok(())
    }
}

type Work = Box<dyn FnOnce(&mut Desk) + Send>;

/// The way to the desks.
#[derive(Clone)]
pub struct Desks {
    queue: SyncSender<Work>,
}

impl Desks {
    /// Opens as many desks as asked for. They close when the last `Desks` is dropped.
    pub fn open<E>(count: usize, mut open: impl FnMut() -> Result<Desk, E>) -> Result<Self, OpenError<E>> {
        let (queue, waiting) = sync_channel::<Work>(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 1..=count {
            let (mut desk, waiting) = (open().map_err(OpenError::Register)?, Arc::clone(&waiting));
            let thread = std::thread::Builder::new().name(format!("desk {number}"));
            thread.spawn(move || serve(&mut desk, &waiting)).map_err(OpenError::Thread)?;
        }
        Ok(Self { queue })
    }

    /// Has work done at a desk.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Desk) -> Result<T, Refused> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // Whoever asked may have gone; the work is done all the same, so that nothing is half done.
        let job: Work = Box::new(move |desk| drop(answer.send(work(desk))));
        match self.queue.try_send(job) {
            Ok(()) => answered.await.unwrap_or(Err(Refused::Failed)),
            Err(TrySendError::Full(_)) => Err(Refused::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Refused::Failed),
        }
    }
}

impl std::fmt::Debug for Desks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desks")
    }
}

/// Why the desks did not open.
#[derive(Debug)]
pub enum OpenError<E> {
    /// The register.
    Register(E),
    /// The system gave no thread.
    Thread(std::io::Error),
}

fn serve(desk: &mut Desk, waiting: &Mutex<Receiver<Work>>) {
    loop {
        // The lock is held while waiting, not while working.
        let work = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else { return };
        // A panic in one request's work is that request's failure; its transaction was rolled back on the way.
        if catch_unwind(AssertUnwindSafe(|| work(desk))).is_err() {
            tracing::error!("work at a desk panicked");
        }
    }
}

/// A few seconds of work for four desks.
const QUEUE: usize = 1024;
