//! The port to storage, part by part; each method is one transaction around the SQL of the modules beside this one.

mod audit;
mod card;
mod case;
mod certificate;
mod change;
mod document;
mod issuing;
mod office;
mod person;
