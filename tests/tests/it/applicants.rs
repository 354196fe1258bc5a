//! The applicants that the demo ships are invented, but valid where the law has a rule.

use std::collections::HashSet;
use std::fs;

use credential::number::IdentityNumber;

#[test]
fn the_demo_ships_200_check_valid_and_clearly_invented_people() {
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/xtask/demo/applicants.csv"))
            .unwrap();
    let numbers: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(numbers.len(), 200);
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), 200, "one line a person");
    for number in &numbers {
        assert!(IdentityNumber::parse(number).is_ok());
        assert!(
            matches!(&number[14..17], "990" | "991" | "992" | "993" | "994" | "995"),
            "looks like a real person"
        );
    }
    assert_eq!(numbers.iter().filter(|number| number.ends_with('X')).count(), 18);
}
