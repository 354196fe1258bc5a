//! The whole service in process: no sockets, a hand-set clock, seeded randomness.

mod api;
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
mod program;
mod routes;
mod sign_in;
