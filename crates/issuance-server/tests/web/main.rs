//! The whole service in process: no sockets, a hand-set clock, seeded randomness.

mod api;
mod audit;
mod browser;
mod cards;
mod casework;
mod certificate;
mod chromium;
mod clients;
mod documents;
mod examples;
mod flags;
mod foreign;
mod foreign_pages;
mod gate;
mod home;
mod live;
mod markup;
mod pages;
mod papers;
mod program;
mod replay;
mod routes;
mod sign_in;
