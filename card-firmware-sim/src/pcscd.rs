//! The machine's reader service, started for as long as a test or a demonstration needs it.
//!
//! The service is one for the whole machine, so whoever uses it through this module holds a lock. A service that
//! runs already (a desktop's) is used and left running.

use crate::SimError;
use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How to install what is missing, on Debian and its kin.
pub const INSTALL: &str = "apt-get install -y --no-install-recommends pcscd vsmartcard-vpcd libpcsclite1";

/// A running reader service with a virtual reader.
#[derive(Debug)]
pub struct Pcscd {
    /// `None` where it ran before.
    child: Option<Child>,
    /// Held until the service is stopped.
    _lock: File,
}

impl Pcscd {
    /// Makes sure the service runs; waits at most `patience` for others to be done with it.
    ///
    /// # Errors
    /// [`SimError::NotInstalled`] with the command that installs it; [`SimError::DaemonBusy`];
    /// [`SimError::DaemonFailed`], for one where the user may not start it.
    pub fn start(patience: Duration) -> Result<Self, SimError> {
        if !DRIVERS.iter().any(|driver| Path::new(driver).exists()) {
            return Err(SimError::NotInstalled { missing: "vsmartcard-vpcd" });
        }
        let lock = lock(patience)?;
        if is_listening() {
            return Ok(Self { child: None, _lock: lock });
        }
        sweep_leftovers();
        let mut command = Command::new("pcscd");
        command.args(["--foreground", "--error"]).stdin(Stdio::null()).stdout(Stdio::null());
        if knows_disable_polkit()? {
            command.arg("--disable-polkit");
        }
        let child = command.stderr(Stdio::null()).spawn().map_err(not_installed)?;
        let mut pcscd = Self { child: Some(child), _lock: lock };
        for _ in 0..START_STEPS {
            if is_listening() {
                return Ok(pcscd);
            }
            if let Some(Ok(Some(status))) = pcscd.child.as_mut().map(Child::try_wait) {
                let said = format!("pcscd: {status} (root?)");
                return Err(SimError::DaemonFailed { said });
            }
            std::thread::sleep(STEP);
        }
        Err(SimError::DaemonFailed { said: format!("{SOCKET} ?") })
    }

    /// Stops the service, if this program started it, and starts it again: what a restart does to its clients.
    ///
    /// # Errors
    /// As [`Pcscd::start`].
    pub fn restart(self) -> Result<Self, SimError> {
        drop(self);
        Self::start(Duration::from_secs(10))
    }
}

impl Drop for Pcscd {
    /// TERM, then wait: killed harder, the service leaves files that keep the next one from starting, and
    /// unreaped it is still "running".
    fn drop(&mut self) {
        let Some(child) = &mut self.child else { return };
        let pid = child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        for _ in 0..START_STEPS {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(STEP);
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// One user of the service at a time, across processes.
fn lock(patience: Duration) -> Result<File, SimError> {
    let path = std::env::temp_dir().join("zhengka-pcscd.lock");
    let failed = |source| SimError::StateFile { path: path.clone(), source };
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    let mut waited = Duration::ZERO;
    while file.try_lock().is_err() {
        if waited >= patience {
            return Err(SimError::DaemonBusy);
        }
        std::thread::sleep(STEP);
        waited += STEP;
    }
    Ok(file)
}

/// A socket file alone proves nothing: someone must answer behind it.
fn is_listening() -> bool {
    UnixStream::connect(SOCKET).is_ok()
}

/// Removes what a killed service left, unless the process it names is a live one: a zombie is not.
fn sweep_leftovers() {
    let alive = fs::read_to_string(PID_FILE).is_ok_and(|pid| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        stat.contains("(pcscd)") && !stat.contains("(pcscd) Z")
    });
    if !alive {
        for leftover in [SOCKET, PID_FILE] {
            let _ = fs::remove_file(leftover);
        }
    }
}

/// From version 2 on the service asks polkit, which a container lacks; version 1 does not know the option.
fn knows_disable_polkit() -> Result<bool, SimError> {
    let help = Command::new("pcscd").arg("--help").output().map_err(not_installed)?;
    Ok(String::from_utf8_lossy(&help.stdout).contains("--disable-polkit"))
}

fn not_installed(error: std::io::Error) -> SimError {
    match error.kind() {
        std::io::ErrorKind::NotFound => SimError::NotInstalled { missing: "pcscd" },
        _ => SimError::DaemonFailed { said: error.to_string() },
    }
}

const SOCKET: &str = "/run/pcscd/pcscd.comm";
const PID_FILE: &str = "/run/pcscd/pcscd.pid";
const DRIVERS: [&str; 2] =
    ["/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib64/pcsc/drivers/serial/libifdvpcd.so"];
const STEP: Duration = Duration::from_millis(20);
/// It takes a tenth of a second; five seconds are an overloaded machine.
const START_STEPS: u32 = 250;
