//! `zhengka` as its users run it: the built program, files on disk, exit codes and output.

mod frame;
mod keys;
mod policy;
mod scene;
mod verify;
