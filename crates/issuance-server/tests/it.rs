//! The register held against its twin in memory, the constraints against SQL by hand, the commands as stories.

mod it {
    mod card;
    mod commands;
    mod conformance;
    mod documents;
    mod exchange;
    mod foreign;
    mod kill;
    mod kill_serve;
    mod listening;
    mod log;
    mod neighbours;
    mod office;
    mod openapi;
    mod operation;
    mod parallel;
    mod policy;
    mod sealed;
    mod serving;
    mod shortage;
    mod slow;
    mod sql_by_hand;
    mod terms;
}
