//! What verdicts rest on: the pinned roots, the bundle, and the memory of bundles seen before.
//! Where they lie follows the options; the state is durable before the bundle is used.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use credential::bundle::MAX_BUNDLE_BYTES;
use credential::trust_list::RootSet;
use keystore::is_example;
use verifier::{Bundle, Refusal, State};

use crate::durable_file;
use crate::edge;
use crate::error::{Error, Wanted};
use crate::state_file::StateFile;

/// Which files.
#[derive(Args)]
pub(crate) struct TrustFiles {
    /// 离线核验包；默认 ~/.local/share/zhengka/bundle.dcb。 ¦ The bundle; else ~/.local/share/zhengka/bundle.dcb.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// 根密钥文件；默认 ~/.local/share/zhengka/root.dcr。 ¦ The pinned roots; else ~/.local/share/zhengka/root.dcr.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// 核验状态文件夹，记住见过的最新版本以防回退；用默认核验包时默认保存，用 --bundle 时须明确指定。
    /// ¦ Folder that remembers the newest versions seen, against rollback; kept by default with the default bundle, with --bundle only if named.
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// 演示：接受公开的示例密钥。 ¦ Demo: the public example keys are accepted.
    #[arg(long)]
    pub(crate) demo: bool,
}

impl TrustFiles {
    /// The bundle in force. A refusal (70, 71, 73) is a verdict about every credential, an error is not.
    pub(crate) fn open(&self) -> Result<Result<Bundle, Refusal>, Error> {
        let Some(bundle) = self.bundle_bytes()? else { return Ok(Err(Refusal::BundleMissing)) };
        let roots = self.roots()?;
        self.check_example(&roots.keys().iter().map(credential::PublicKey::kid).collect::<Vec<_>>())?;
        let installed = match self.state_folder()? {
            Some(folder) => {
                let (mut file, mut state) = StateFile::open(&folder, &roots)?;
                let installed = Bundle::install(&bundle, &mut state);
                file.keep(&state)?;
                installed
            }
            None => Bundle::install(&bundle, &mut State::pinned(roots)),
        };
        if let Ok(bundle) = &installed {
            let keys = &bundle.trust_list().keys;
            self.check_example(
                &keys.iter().map(credential::trust_list::TrustedKey::kid).collect::<Vec<_>>(),
            )?;
        }
        Ok(installed)
    }

    /// None where there is none in the default place; a named one must be there.
    fn bundle_bytes(&self) -> Result<Option<Vec<u8>>, Error> {
        let path = match (&self.bundle, edge::data_folder()) {
            (Some(path), _) => return durable_file::read(path, MAX_BUNDLE_BYTES).map(Some),
            (None, Some(folder)) => folder.join(BUNDLE),
            (None, None) => return Err(Error::NoDataFolder),
        };
        match durable_file::read(&path, MAX_BUNDLE_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::Reading { kind: io::ErrorKind::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn roots(&self) -> Result<RootSet, Error> {
        let path = match &self.root {
            Some(path) => path.clone(),
            None => edge::data_folder().ok_or(Error::NoDataFolder)?.join(ROOT),
        };
        match read_roots(&path) {
            Err(Error::Reading { kind: io::ErrorKind::NotFound, path }) => Err(Error::NoRoot { path }),
            other => other,
        }
    }

    fn state_folder(&self) -> Result<Option<PathBuf>, Error> {
        match (&self.state, &self.bundle) {
            (Some(folder), _) => Ok(Some(folder.clone())),
            (None, Some(_)) => Ok(None),
            (None, None) => edge::data_folder().map(Some).ok_or(Error::NoDataFolder),
        }
    }

    fn check_example(&self, kids: &[credential::Kid]) -> Result<(), Error> {
        match kids.iter().find(|kid| !self.demo && is_example(**kid)) {
            Some(kid) => Err(Error::ExampleTrust { kid: *kid }),
            None => Ok(()),
        }
    }
}

/// Reads a pinned root file.
pub(crate) fn read_roots(path: &Path) -> Result<RootSet, Error> {
    let bytes = durable_file::read(path, MAX_ROOT_BYTES)?;
    RootSet::from_slice(&bytes).map_err(|cause| Error::NotSuchAFile {
        path: path.into(),
        wanted: Wanted::Roots,
        cause,
    })
}

const BUNDLE: &str = "bundle.dcb";
const ROOT: &str = "root.dcr";
/// Sixteen roots of some 40 bytes.
const MAX_ROOT_BYTES: usize = 4096;
