//! The whole service in process: no sockets, a hand-set clock, seeded randomness.

mod browser;
mod cards;
mod casework;
mod certificate;
mod chromium;
mod documents;
mod gate;
mod home;
mod live;
mod pages;
mod routes;
mod sign_in;
