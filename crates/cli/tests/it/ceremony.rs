//! CEREMONY.md, followed literally: its files are written, its commands typed, in its order.

use crate::scene::Scene;

const GUIDE: &str = include_str!("../../CEREMONY.md");
const PASSPHRASE: &str = "one of the holders' passphrases";

/// What a fenced block asks for.
enum Block {
    Commands { lines: Vec<String>, exit: i32 },
    File { name: String, text: String },
}

#[test]
fn the_guide_leads_from_nothing_to_replaced_roots() {
    let scene = Scene::new();
    let mut typed = 0;
    for block in blocks() {
        match block {
            Block::File { name, text } => drop(scene.write(&name, this_year(&text))),
            Block::Commands { lines, exit } => {
                for line in lines {
                    typed += 1;
                    type_in(&scene, &line, exit);
                }
            }
        }
    }
    assert!(typed > 30, "the guide has its commands: {typed}");
    let new_roots = scene.run(&["trust", "show", "root-new.dcr"]).out;
    let shown = scene.run(&["trust", "show", "trust-3.dct"]).out;
    assert!(shown.contains(new_roots.trim()), "{shown}");
    assert!(shown.contains("RETIRED") && shown.contains("COMPROMISED"));
}

fn type_in(scene: &Scene, line: &str, exit: i32) {
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[0], "zhengka", "{line}");
    let keyboard = match words[1..3] {
        ["keys", "generate"] => format!("{PASSPHRASE}\n{PASSPHRASE}\n"),
        ["trust", "sign"] => format!("{PASSPHRASE}\nyes\n"),
        _ => String::new(),
    };
    let ran = scene.run_with(&words[1..], keyboard.as_bytes());
    assert_eq!(ran.code, exit, "{line}\n{}{}", ran.out, ran.err);
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let inside: Vec<String> =
            lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
        blocks.push(match kind {
            "sh" => Block::Commands { lines: inside, exit: 0 },
            "sh refused" => Block::Commands { lines: inside, exit: 1 },
            "toml" => {
                let name = inside[0].strip_prefix("# ").expect("the first line names the file").to_owned();
                Block::File { name, text: inside.join("\n") }
            }
            other => panic!("a block of kind {other}"),
        });
    }
    blocks
}

/// "Only the dates are yours": the guide's year is this year.
fn this_year(text: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a ceremony takes place today")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let year = credential::UnixTime::from_seconds(since.as_secs()).date_in_china().year();
    let years = [(2031, year + 5), (2027, year + 1), (2026, year)];
    years
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(&format!(" {from}-"), &format!(" {to}-")))
}
