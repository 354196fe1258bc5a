//! A verifier's memory on disk: `state`, its high-water marks, and `bundle`, the file in force.
//! What a bundle must fulfil is said by `verifier`; here is that nothing is lost, torn, forgotten or half replaced.
//!
//! ```no_run
//! # fn main() -> Result<(), bundle_store::Error> {
//! # let (folder, now, file) = (std::path::Path::new("/var/lib/zhengka"), credential::UnixTime::default(), vec![]);
//! use bundle_store::{Opened, Store};
//!
//! let Opened { mut store, bundle, .. } = Store::open(folder)?;
//! match store.update(&file, now) {
//!     Ok(newer) => println!("snapshot {}", newer.snapshot().version),
//!     Err(reason) => println!("{reason}; the bundle in force stays: {}", bundle.is_some()),
//! }
//! # Ok(()) }
//! ```
//!
//! Deliberately absent: starting from nothing. A missing or damaged state is an error until a person calls `init`.

mod back_off;
mod durable;
mod error;
mod remote;
mod store;

pub use back_off::BackOff;
pub use error::Error;
pub use remote::{Fetched, Remote, delta_name};
pub use store::{Opened, Store};
