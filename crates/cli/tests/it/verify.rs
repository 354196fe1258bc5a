//! `zhengka verify`: verdicts on pictures, texts, folders and standard input; bundles, state and exit codes.

use credential::UnixTime;
use credential::status_list::Status;
use image::DynamicImage;
use tests::authority::{Authority, DAY, INDEX, Key, NOW, certificate, pass};
use xtask::photo::{Camera, Difficulty};

use crate::scene::{Ran, Scene, printed, text};

/// Bundle and roots of the authority on disk, and the options that name them.
fn scene_of(authority: &Authority) -> Scene {
    let scene = Scene::new();
    scene.write("bundle.dcb", authority.bundle()).write("root.dcr", authority.trust.roots.to_bytes());
    scene
}

fn verify(scene: &Scene, args: &[&str]) -> Ran {
    let at = NOW.to_string();
    let options = ["verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--json", "--at", &at];
    scene.run(&[&options, args].concat())
}

fn pass_text(authority: &Authority) -> String {
    text(&authority.issue(pass().encode()))
}

fn certificate_text(authority: &Authority) -> String {
    text(&authority.issue(certificate().encode()))
}

#[test]
fn a_good_pass_is_accepted_with_all_that_a_program_wants_to_know() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let ran = verify(&scene, &["--purpose", "transit", "--place", "2201", &pass_text(&authority)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = &ran.json()[0];
    assert_eq!(line["input"], "argument:1");
    assert_eq!(line["verdict"], "accepted");
    assert_eq!(line["refusal"], serde_json::Value::Null);
    assert_eq!(line["kind"], "pass");
    assert_eq!(line["kid"], authority.issuer.kid().to_string());
    assert_eq!(line["status_index"], INDEX.as_u32());
    assert_eq!(line["bundle_age_seconds"], 3600);
    assert_eq!(line["bytes"], authority.issue(pass().encode()).len());
    assert_eq!(line["grants"], serde_json::json!(["transit.free", "companion.one"]));
    assert_eq!(line["jurisdiction"], "22");
    assert_eq!(line["possession_proven"], false);
    assert_eq!(line["purpose"], "transit");
    assert_eq!(line["place"], "2201");
    assert_eq!(line["demo"], false);
    assert!(line["message"]["zh"].is_string() && line["message"]["en"].is_string());
}

#[test]
fn each_way_to_be_wrong_has_its_number_and_exit_code_1() {
    let authority = Authority::new();
    let good = pass_text(&authority);
    let refused = |authority: &Authority, args: &[&str], number: i64| {
        let ran = verify(&scene_of(authority), args);
        assert_eq!((ran.verdicts(), ran.code), (vec![number], 1), "{}", ran.err);
    };
    refused(&authority, &["hello"], 10);
    refused(&authority, &["https://example.org/"], 10);
    refused(&authority, &["DC1:999"], 11);
    refused(&authority, &[&format!("DC1:{}", "9".repeat(7100))], 12);
    let digit = if good.as_bytes()[40] == b'1' { "2" } else { "1" };
    let mut altered = good.clone();
    altered.replace_range(40..41, digit);
    let number = verify(&scene_of(&authority), &[&altered]).verdicts()[0];
    assert!([10, 11, 20, 23].contains(&number), "{number}");
    let foreign = Key::named("foreign").sign1(pass().encode(), credential::sign1::Content::Credential);
    refused(&authority, &[&text(&foreign)], 20);
    let expired = credential::pass::Pass { expires: NOW, ..pass() };
    refused(&authority, &[&text(&authority.issue(expired.encode()))], 31);
    refused(&authority.clone().with(|a| a.set_status(INDEX, Status::Invalid)), &[&good], 40);
    refused(&authority.clone().with(|a| a.set_status(INDEX, Status::Suspended)), &[&good], 41);
    refused(&authority, &["--purpose", "park", &good], 50);
    refused(&authority, &["--place", "31", &good], 51);
    refused(&authority, &["--purpose", "transit", &certificate_text(&authority)], 52);
}

#[test]
fn without_a_bundle_the_form_is_judged_and_nothing_else() {
    let authority = Authority::new();
    let ran = Scene::new().run(&["verify", "--json", &pass_text(&authority), "hello", "DC1:999"]);
    assert_eq!((ran.verdicts(), ran.code), (vec![70, 10, 11], 1));
    assert_eq!(ran.json()[0]["bundle_age_seconds"], serde_json::Value::Null);
}

#[test]
fn a_forged_bundle_refuses_everything_and_a_missing_one_that_was_named_is_wrong_usage() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let mut forged = authority.bundle();
    *forged.last_mut().unwrap() ^= 1;
    scene.write("bundle.dcb", &forged);
    assert_eq!(verify(&scene, &[&pass_text(&authority)]).verdicts(), [71]);
    std::fs::remove_file(scene.path("bundle.dcb")).unwrap();
    let ran = verify(&scene, &[&pass_text(&authority)]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("bundle.dcb") && ran.err.contains("no such file"), "{}", ran.err);
}

#[test]
fn an_out_of_date_bundle_is_refused_unless_the_caller_accepts_its_age() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let later = NOW.plus_seconds(2 * DAY).to_string();
    let run = |stale: &[&str]| {
        let options = ["verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--json", "--at", &later];
        scene.run(&[&options[..], stale, &[&pass_text(&authority)]].concat()).verdicts()
    };
    assert!([43, 72].contains(&run(&[])[0]));
    assert_eq!(run(&["--accept-stale", "7d"]), [0]);
    assert_ne!(run(&["--accept-stale", "24h"]), [0]);
}

#[test]
fn a_clock_before_the_newest_signature_is_reported() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let earlier = UnixTime::from_seconds(NOW.as_seconds() - 20 * DAY).to_string();
    let options = ["verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--json", "--at", &earlier];
    assert_eq!(scene.run(&[&options[..], &[&pass_text(&authority)]].concat()).verdicts(), [74]);
}

#[test]
fn no_more_is_shown_than_the_purpose_may_see() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let certificate = certificate_text(&authority);
    let nothing = verify(&scene, &[&certificate]);
    assert_eq!(nothing.json()[0]["holder"], serde_json::json!({ "name": "欧阳示例" }));
    let office = verify(&scene, &["--purpose", "office", &certificate]);
    let holder = &office.json()[0]["holder"];
    assert_eq!(holder["office"]["components"][0]["category"], 4);
    assert_eq!(holder["office"]["birth_date"], "1949-12-31");
    assert!(!office.out.contains("11010519491231002X"), "the number is masked");
    let refused = verify(&scene, &["--purpose", "park", &certificate]);
    assert!(!refused.out.contains("欧阳示例"));
    assert!(!nothing.out.contains(&certificate[..40]), "the text of the code is not repeated");
}

#[test]
fn people_read_a_clear_word_the_reason_and_the_next_step() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let at = NOW.to_string();
    let run = |lang: &str, text: &str| {
        let options = ["--lang", lang, "verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--at", &at];
        scene.run(&[&options[..], &[text]].concat()).out
    };
    let good = run("en", &certificate_text(&authority));
    assert!(
        good.contains("✔ ACCEPTED") && good.contains("欧阳示例") && good.contains("The bundle is 1 h old")
    );
    assert!(good.contains("A static code may be a copy"));
    let bad = run("en", "hello");
    assert!(bad.contains("✘ REFUSED") && bad.contains("10 NotACredential") && bad.contains("Next:"));
    let zh = run("zh", &certificate_text(&authority));
    assert!(zh.contains("✔ 有效") && zh.contains("静态码可能是复印件") && !zh.contains("ACCEPTED"));
    assert!(run("zh", "hello").contains("✘ 拒绝"));
}

#[test]
fn pictures_of_all_formats_are_read_with_their_size() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let picture = DynamicImage::ImageLuma8(printed(&pass_text(&authority)));
    for name in ["code.png", "code.jpg", "code.webp"] {
        picture.save(scene.path(name)).unwrap();
    }
    let ran = verify(&scene, &["code.png", "code.jpg", "code.webp"]);
    assert_eq!((ran.verdicts(), ran.code), (vec![0, 0, 0], 0), "{}", ran.out);
    for line in ran.json() {
        assert_eq!(line["modules"], u64::from(picture.width() / 5 - 8));
    }
    let stdin = scene.run_with(
        &["verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--json", "--at", &NOW.to_string(), "-"],
        &scene.read("code.png"),
    );
    assert_eq!((stdin.verdicts(), stdin.json()[0]["input"].as_str()), (vec![0], Some("stdin")));
}

#[test]
fn a_transparent_or_inverted_or_tiny_picture_is_read_too() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let code = printed(&pass_text(&authority));
    let transparent = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        image::LumaA([0, 255 - code.get_pixel(x, y).0[0]])
    });
    transparent.save(scene.path("transparent.png")).unwrap();
    let side = code.width() / 5;
    image::imageops::resize(&code, side, side, image::imageops::FilterType::Nearest)
        .save(scene.path("tiny.png"))
        .unwrap();
    let mut inverted = code;
    image::imageops::invert(&mut inverted);
    inverted.save(scene.path("inverted.png")).unwrap();
    let ran = verify(&scene, &["transparent.png", "tiny.png", "inverted.png"]);
    assert_eq!(ran.verdicts(), [0, 0, 0], "{}", ran.out);
}

#[test]
fn photographs_are_read() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let code = printed(&pass_text(&authority));
    let shots: Vec<String> = (0..20).map(|seed| format!("shots/{seed:02}.jpg")).collect();
    for (seed, name) in shots.iter().enumerate() {
        scene.write(name, Camera::new(Difficulty::Medium, seed as u64).jpeg(&code).unwrap());
    }
    let ran = verify(&scene, &["shots"]);
    let read = ran.verdicts().iter().filter(|verdict| **verdict == 0).count();
    println!("medium photographs read: {read} of {}", shots.len());
    assert!(read >= 19, "{read}");
    assert!(ran.verdicts().iter().all(|verdict| [0, -1].contains(verdict)), "never read as something else");
    let inputs: Vec<String> = ran.json().iter().map(|line| line["input"].as_str().unwrap().into()).collect();
    assert_eq!(inputs, shots, "in the order of names");
}

#[test]
fn of_several_codes_in_a_picture_the_credential_is_read() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let (advert, code) = (printed("https://example.org/menu"), printed(&pass_text(&authority)));
    let mut page = image::GrayImage::from_pixel(900, 400, image::Luma([255]));
    image::imageops::overlay(&mut page, &advert, 20, 20);
    image::imageops::overlay(&mut page, &code, 500, 60);
    page.save(scene.path("page.png")).unwrap();
    advert.save(scene.path("advert.png")).unwrap();
    assert_eq!(verify(&scene, &["page.png", "advert.png"]).verdicts(), [0, 10]);
}

#[test]
fn what_cannot_be_read_ends_with_2_whatever_the_others_are() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    image::GrayImage::from_pixel(300, 300, image::Luma([200])).save(scene.path("empty.png")).unwrap();
    scene
        .write("broken.png", &scene.read("empty.png")[..60])
        .write("binary.png", [0; 100])
        .write("none/x.md", "");
    let good = pass_text(&authority);
    for (input, name) in [
        ("missing.png", "NotFound"),
        ("empty.png", "NoCode"),
        ("broken.png", "BrokenPicture"),
        ("binary.png", "NotAPicture"),
        ("none", "Empty"),
    ] {
        let ran = verify(&scene, &["hello", input, &good]);
        assert_eq!((ran.verdicts(), ran.code), (vec![10, -1, 0], 2), "{input}");
        assert_eq!(ran.json()[1]["unreadable"], name);
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_not_readable() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    scene.write("code.png", b"x");
    std::fs::set_permissions(scene.path("code.png"), std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything; then the story is another one.
    if std::fs::read(scene.path("code.png")).is_ok() {
        return;
    }
    let ran = scene.run(&["verify", "--json", "code.png"]);
    assert_eq!((ran.code, ran.json()[0]["unreadable"].as_str()), (2, Some("PermissionDenied")));
}

#[test]
fn a_picture_of_a_hundred_megapixels_is_refused_by_its_header() {
    let scene = Scene::new();
    image::GrayImage::new(10_000, 10_000).save(scene.path("huge.png")).unwrap();
    assert!(scene.read("huge.png").len() < 1 << 20, "small on disk, large in memory");
    let ran = scene.run(&["verify", "--json", "huge.png"]);
    assert_eq!((ran.code, ran.json()[0]["unreadable"].as_str()), (2, Some("TooManyPixels")), "{}", ran.out);
}

#[test]
fn a_text_of_two_gigabytes_is_refused_without_being_read() {
    let scene = Scene::new();
    let file = std::fs::File::create(scene.path("huge.txt")).unwrap();
    std::io::Write::write_all(&mut &file, b"DC1:0000000\n").unwrap();
    // A hole: two gigabytes that take no room.
    file.set_len(2 << 30).unwrap();
    let ran = scene.run(&["verify", "--json", "huge.txt"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.json().last().unwrap()["unreadable"], "TooLarge");
}

#[test]
fn lines_of_a_scanner_are_judged_one_by_one() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let lines = format!("{}\r\nhello\n\n{}", pass_text(&authority), certificate_text(&authority));
    let at = NOW.to_string();
    let args = ["verify", "--bundle", "bundle.dcb", "--root", "root.dcr", "--json", "--at", &at, "-"];
    let ran = scene.run_with(&args, lines.as_bytes());
    assert_eq!((ran.verdicts(), ran.code), (vec![0, 10, 0], 1));
    let inputs: Vec<_> = ran.json().iter().map(|line| line["input"].clone()).collect();
    assert_eq!(inputs, ["stdin:1", "stdin:2", "stdin:4"]);
    assert_eq!(scene.run_with(&args, b"").code, 2);
    scene.write("codes.txt", &lines);
    assert_eq!(verify(&scene, &["codes.txt"]).verdicts(), [0, 10, 0]);
}

#[test]
fn with_a_state_an_older_bundle_is_a_rollback_and_without_one_it_is_not_known() {
    let old = Authority::new();
    let new = old.clone().with(|a| a.version = 2);
    let scene = scene_of(&new);
    let good = pass_text(&old);
    assert_eq!(verify(&scene, &["--state", "state", &good]).verdicts(), [0]);
    scene.write("bundle.dcb", old.bundle());
    assert_eq!(verify(&scene, &["--state", "state", &good]).verdicts(), [73]);
    assert_eq!(verify(&scene, &[&good]).verdicts(), [0]);
    scene.write("bundle.dcb", new.bundle());
    assert_eq!(verify(&scene, &["--state", "state", &good]).verdicts(), [0], "the refused one moved nothing");
}

#[test]
fn a_torn_state_or_another_root_stops_with_what_to_do() {
    let authority = Authority::new();
    let scene = scene_of(&authority);
    let good = pass_text(&authority);
    assert_eq!(verify(&scene, &["--state", "state", &good]).code, 0);
    let state = scene.read("state/state.dcv");
    scene.write("state/state.dcv", &state[..state.len() / 2]);
    let torn = verify(&scene, &["--state", "state", &good]);
    assert_eq!((torn.code, torn.out.as_str()), (2, ""));
    assert!(torn.err.contains("is damaged") && torn.err.contains("backup"), "{}", torn.err);
    assert_eq!(scene.read("state/state.dcv").len(), state.len() / 2, "it is left for whoever looks into it");
    scene.write("state/state.dcv", &state);
    let others = tests::authority::root_set(1, &[Key::named("other root")]);
    scene.write("root.dcr", others.to_bytes());
    let other = verify(&scene, &["--state", "state", &good]);
    assert_eq!((other.code, other.out.as_str()), (2, ""));
    assert!(other.err.contains("began with other roots"), "{}", other.err);
}

#[test]
fn the_default_files_lie_in_the_users_data_folder_with_their_state() {
    let authority = Authority::new();
    let newer = authority.clone().with(|a| a.version = 2);
    let scene = Scene::new();
    let folder = "home/.local/share/zhengka";
    let (at, good) = (NOW.to_string(), pass_text(&authority));
    let args = ["verify", "--json", "--at", &at, &good];
    scene.write(&format!("{folder}/bundle.dcb"), newer.bundle());
    let no_root = scene.run(&args);
    assert_eq!(no_root.code, 2);
    assert!(no_root.err.contains("root.dcr") && no_root.err.contains("--root"), "{}", no_root.err);
    scene.write(&format!("{folder}/root.dcr"), authority.trust.roots.to_bytes());
    assert_eq!(scene.run(&args).verdicts(), [0]);
    scene.write(&format!("{folder}/bundle.dcb"), authority.bundle());
    assert_eq!(scene.run(&args).verdicts(), [73], "the state is kept by default");
}

#[test]
fn trust_in_example_keys_is_refused_outside_a_demo_and_marked_inside() {
    // The seed of an example key is the digest of its name, so this authority holds them all.
    let example_roots = || ["EXAMPLE root-1", "EXAMPLE root-2"].map(Key::named);
    let with_roots = Authority::new().with(|a| {
        a.trust.roots = tests::authority::root_set(2, &example_roots());
        a.signing_roots = example_roots().to_vec();
    });
    let with_issuer = Authority::new().with(|a| {
        let example = Key::named("EXAMPLE issuer").trusted_for(credential::trust_list::Role::Issuer);
        a.trust.keys.push(example);
    });
    for authority in [with_roots, with_issuer] {
        let (scene, good) = (scene_of(&authority), pass_text(&authority));
        let refused = verify(&scene, &[&good]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        assert!(
            refused.err.contains("public example key") && refused.err.contains("--demo"),
            "{}",
            refused.err
        );
        let demo = verify(&scene, &["--demo", &good]);
        assert_eq!((demo.verdicts(), demo.json()[0]["demo"].as_bool()), (vec![0], Some(true)));
    }
}
