//! Casework as stories, on the register in memory.

mod it {
    mod cases;
    mod flags;
    mod issuing;
    mod office;
    mod standing;
    mod transitions;
    mod unusual;
}
