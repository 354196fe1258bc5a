//! The policy packs that an issuer has adopted: signed files in its folder, each verified under the trust list.
//! They decide what passes say; a bundle carries the same bytes to the gates.

use std::path::{Path, PathBuf};

use credential::policy_pack::PolicyPack;
use credential::region::Region;
use credential::snapshot::Version;
use credential::trust_list::TrustList;
use issuance::grants::{Grants, Unconfirmed};
use issuance::publication::Policy;
use verifier::policy::Policies;

use crate::error::{Error, TrustFault};
use crate::folder::{self, Folder, MAX_TRUST_BYTES, read, root_set};

/// Verified packs, by name.
pub(crate) struct Packs(Vec<Adopted>);

/// One pack with the bytes that carry its signature.
pub(crate) struct Adopted {
    path: PathBuf,
    pack: PolicyPack,
    bytes: Vec<u8>,
}

impl Packs {
    /// Every pack in the folder. One that does not verify is an error, never passed over: its rules would be missing.
    pub(crate) fn adopted(folder: &Folder) -> Result<Self, Error> {
        let path = folder.policies();
        if !path.exists() {
            return Ok(Self(Vec::new()));
        }
        let failed = |error: std::io::Error| Error::file(&path, &error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            files.push(entry.map_err(failed)?.path());
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == "cbor"));
        if files.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let trust_list = trust_list(folder)?;
        let packs = files.into_iter().map(|file| Adopted::read(&file, &trust_list));
        let mut packs = packs.collect::<Result<Vec<_>, _>>()?;
        packs.sort_by(|a, b| a.pack.name.cmp(&b.pack.name));
        Ok(Self(packs))
    }

    /// Takes a pack into the folder, in place of the one of its name. Refuses an older one.
    pub(crate) fn adopt(&mut self, folder: &Folder, file: &Path) -> Result<&PolicyPack, Error> {
        let new = Adopted::read(file, &trust_list(folder)?)?;
        let known = self.0.iter().position(|adopted| adopted.pack.name == new.pack.name);
        let path = match known.and_then(|at| self.0.get(at)) {
            Some(Adopted { pack, .. }) if new.pack.version < pack.version => {
                return Err(Error::PolicyOlder { name: pack.name.clone(), adopted: pack.version });
            }
            Some(Adopted { path, .. }) => path.clone(),
            None => folder.policies().join(format!("{}.cbor", new.pack.name)),
        };
        folder::private_folder(&folder.policies())?;
        folder::replace(&path, &new.bytes)?;
        if let Some(at) = known {
            self.0.remove(at);
        }
        self.0.push(Adopted { path, ..new });
        self.0.last().map(|adopted| &adopted.pack).ok_or(Error::Trust { fault: TrustFault::Missing })
    }

    /// The packs themselves.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PolicyPack> {
        self.0.iter().map(|adopted| &adopted.pack)
    }

    /// As a bundle carries them.
    pub(crate) fn for_bundle(&self) -> Vec<Policy> {
        let policy = |Adopted { pack, bytes, .. }: &Adopted| {
            let (name, version): (String, Version) = (pack.name.clone(), pack.version);
            Policy { name, version, bytes: bytes.clone() }
        };
        self.0.iter().map(policy).collect()
    }
}

/// What decides about passes: the adopted packs, or the table that the program ships with while there are none.
pub(crate) fn grants(folder: &Folder) -> Result<Grants, Error> {
    let settings = folder.settings();
    let unconfirmed = if settings.demo { Unconfirmed::Count } else { Unconfirmed::DoNotCount };
    let packs: Vec<PolicyPack> = Packs::adopted(folder)?.0.into_iter().map(|adopted| adopted.pack).collect();
    if packs.is_empty() {
        return Ok(Grants::shipped(unconfirmed)?);
    }
    let widest: Region = settings.region().ok_or(Error::Argument { name: "province" })?;
    Ok(Grants::from_packs(Policies::new(packs), unconfirmed, widest))
}

impl Adopted {
    fn read(path: &Path, trust_list: &TrustList) -> Result<Self, Error> {
        let bytes = read(path, MAX_TRUST_BYTES)?;
        let pack = verifier::verify_policy_pack(&bytes, trust_list);
        let pack = pack.map_err(|refusal| Error::Policy { path: path.to_owned(), refusal })?;
        Ok(Self { path: path.to_owned(), pack, bytes })
    }
}

fn trust_list(folder: &Folder) -> Result<TrustList, Error> {
    if !folder.trust_list().exists() || !folder.roots().exists() {
        return Err(Error::Trust { fault: TrustFault::Missing });
    }
    let roots = root_set(&read(&folder.roots(), MAX_TRUST_BYTES)?)?;
    let list = read(&folder.trust_list(), MAX_TRUST_BYTES)?;
    verifier::verify_trust_list(&list, &roots).map_err(|_| Error::Trust { fault: TrustFault::Unreadable })
}
