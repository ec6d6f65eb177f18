//! Every target on stable: its committed corpus replayed, and as many random inputs as fit a while.

use std::{collections::BTreeSet, fs, path::PathBuf};

use arbitrary::{Arbitrary, Unstructured};

/// A line is a target: its name, for how many milliseconds it runs random inputs, and what it runs.
macro_rules! targets {
    ($($name:ident, $ms:literal: $run:expr;)*) => {
        $(
            mod $name {
                #[test]
                fn replays_its_corpus() {
                    super::replay(stringify!($name), $run);
                }

                #[test]
                fn runs_random_inputs() {
                    super::random($run, $ms);
                }
            }
        )*

        const TARGETS: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    base, 250: headpond_fuzz::codec::base::run;
    binary, 250: headpond_fuzz::codec::binary::run;
    chunked, 250: headpond_fuzz::codec::chunked::run;
    cobs, 250: headpond_fuzz::codec::cobs::run;
    dates, 250: headpond_fuzz::codec::dates::run;
    delimited, 250: headpond_fuzz::codec::delimited::run;
    encoding, 250: headpond_fuzz::codec::encoding::run;
    json, 250: headpond_fuzz::codec::json::run;
    length_delimited, 250: headpond_fuzz::codec::length_delimited::run;
    line, 250: headpond_fuzz::codec::line::run;
    messagepack, 250: headpond_fuzz::codec::messagepack::run;
    netstring, 250: headpond_fuzz::codec::netstring::run;
    number, 250: headpond_fuzz::codec::number::run;
    percent, 250: headpond_fuzz::codec::percent::run;
    pipe, 1000: headpond_fuzz::pipe::run;
    pool, 1000: headpond_fuzz::pool::run;
    protobuf, 250: headpond_fuzz::codec::protobuf::run;
    resp, 250: headpond_fuzz::codec::resp::run;
    sequence, 1000: headpond_fuzz::sequence::run;
    text, 250: headpond_fuzz::codec::text::run;
    varint, 250: headpond_fuzz::codec::varint::run;
    websocket, 250: headpond_fuzz::codec::websocket::run;
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the files and folders in `folder`, without what follows a dot.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

#[test]
fn every_target_and_every_corpus_has_its_line() {
    let lines: BTreeSet<String> = TARGETS.iter().map(|name| name.to_string()).collect();
    assert_eq!(names("fuzz_targets"), lines);
    assert_eq!(names("corpus"), lines);
}

/// Reads each input as libFuzzer's harness does.
fn replay<Op: for<'a> Arbitrary<'a>>(target: &str, run: fn(&[Op])) {
    let mut replayed = 0;
    for entry in fs::read_dir(root().join("corpus").join(target)).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        if let Ok(ops) = Vec::<Op>::arbitrary_take_rest(Unstructured::new(&input)) {
            println!("{}: {} operations", path.display(), ops.len());
            run(&ops);
            replayed += usize::from(!ops.is_empty());
        }
    }
    assert!(replayed > 0, "the corpus of {target} has no input that does anything");
}

fn random<Op: for<'a> Arbitrary<'a>>(run: fn(&[Op]), milliseconds: u64) {
    arbtest::arbtest(|input| {
        run(&Vec::<Op>::arbitrary(input)?);
        Ok(())
    })
    .budget_ms(milliseconds)
    .size_max(1 << 14)
    .run();
}
