//! Tests of the firmware core, one module a story.

mod nor;
mod store_content;
mod store_power_cut;
