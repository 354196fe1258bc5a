//! `zhengka` as its users run it: the built program, files on disk, exit codes and output.

mod ceremony;
mod frame;
mod inspect;
mod keys;
mod policy;
mod scene;
mod trust;
mod verify;
