//! The thread that looks for newer bundles, by file and by HTTP. It owns the store; the gate gets only what verified.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use bundle_store::{BackOff, Error, Fetched, Remote, Store};

use crate::edge::{Clock, Inbox, Message};
use crate::moment::Uptime;
use crate::settings::Updates;

/// Starts the thread. It keeps the store, and with it the folder's lock, even when there is nothing to look at.
pub(crate) fn start(settings: Updates, device: &str, store: Store, inbox: Inbox) {
    let back_off = BackOff::new(settings.every, device);
    let server = settings.url.map(|url| Server { remote: Remote::new(&url), back_off, asked: None });
    let file = settings.file.map(|path| Watched { path, seen: None });
    let mut updater = Updater { clock: Clock::start(), store, server, file, inbox };
    thread::spawn(move || {
        loop {
            updater.look_at_file();
            updater.ask_server();
            thread::sleep(LOOK_AGAIN);
        }
    });
}

struct Updater {
    clock: Clock,
    store: Store,
    server: Option<Server>,
    file: Option<Watched>,
    inbox: Inbox,
}

struct Server {
    remote: Remote,
    back_off: BackOff,
    asked: Option<Uptime>,
}

struct Watched {
    path: PathBuf,
    /// Time and length of what was read last, taken or not.
    seen: Option<(SystemTime, u64)>,
}

impl Updater {
    fn look_at_file(&mut self) {
        let Some(watched) = &mut self.file else { return };
        let Ok(metadata) = fs::metadata(&watched.path) else { return };
        let Ok(modified) = metadata.modified() else { return };
        let stamp = Some((modified, metadata.len()));
        if watched.seen == stamp {
            return;
        }
        watched.seen = stamp;
        let Ok(bytes) = fs::read(&watched.path) else { return };
        let taken = self.take(&bytes);
        self.tell(taken);
    }

    fn ask_server(&mut self) {
        let now = self.clock.now().uptime;
        let Some(mut server) = self.server.take() else { return };
        let wait = i64::try_from(server.back_off.wait().as_millis()).unwrap_or(i64::MAX);
        if server.asked.is_none_or(|asked| now.is_millis_past(wait, asked)) {
            server.asked = Some(now);
            let answer = self.fetch(&mut server.remote);
            match &answer {
                Ok(()) => server.back_off.succeeded(),
                Err(_) => server.back_off.failed(),
            }
            self.tell(answer);
        }
        self.server = Some(server);
    }

    /// A delta if there is one that can be used; the whole bundle otherwise.
    fn fetch(&mut self, remote: &mut Remote) -> Result<(), Error> {
        if let Ok(Fetched::File { bytes, .. }) = remote.fetch_delta(self.store.state().snapshot())
            && self.take(&bytes).is_ok()
        {
            return Ok(());
        }
        let Fetched::File { bytes, etag } = remote.fetch()? else { return Ok(()) };
        self.take(&bytes)?;
        remote.taken(etag);
        Ok(())
    }

    /// The same file again changes nothing, so the gate hears only of newer ones.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let before = self.store.state().snapshot();
        let bundle = self.store.update(bytes, self.clock.now().clock)?;
        if bundle.snapshot().version != before {
            let _ = self.inbox.send(Message::Bundle(Box::new(bundle)));
        }
        Ok(())
    }

    fn tell(&self, taken: Result<(), Error>) {
        if let Err(error) = taken {
            let _ = self.inbox.send(Message::Trouble("update", error.to_string()));
        }
    }
}

/// A stat a second costs nothing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
