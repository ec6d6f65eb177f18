//! The programs gzip and gunzip, and what the compressed doors make of theirs, and they of ours.

use std::{
    env,
    io::{ErrorKind, Read, Write},
    process::{Command, Stdio},
    thread,
};

use futures_lite::future::block_on;
use headpond_adapters::{
    blocking::{BlockingReadExt, SourceReader},
    file,
    flate2::{Compression, DeflateWriter, Format, InflateReader},
};
use headpond_pipe::{FixedReader, Pipe, PipeOptions, PipeWriteExt};
use headpond_pool::{BufferWriter, Pool, SequenceBuf, Slice};

use crate::{drain, noise, options, polling::pattern};

/// What a program makes of its input, and whether it is content with that. `None` where there is no such program, which is
/// no reason to pass where everything is to be checked.
fn filter(program: &str, arguments: &[&str], input: &[u8]) -> Option<(Vec<u8>, bool)> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(!env::var("CI").is_ok_and(|value| value == "true"), "no {program} here");
            return None;
        }
        started => started.unwrap(),
    };
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        // It may have had enough before the end.
        scope.spawn(move || stdin.write_all(input));
        let mut output = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
        output
    });
    Some((output, child.wait().unwrap().success()))
}

pub(crate) fn gzip(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    filter("gzip", arguments, input).map(|(output, _)| output)
}

/// Texts that are easy, hard and impossible to compress, of every size that matters.
fn texts() -> Vec<Vec<u8>> {
    vec![Vec::new(), b"a".to_vec(), pattern(70_000), noise(70_000), vec![0; 300_000]]
}

/// A reader of bytes in pieces of a size.
pub(crate) fn in_pieces(bytes: &[u8], size: usize) -> FixedReader {
    FixedReader::new(bytes.chunks(size).map(Slice::copy_from_slice).collect::<SequenceBuf>())
}

#[test]
fn what_gzip_made_is_inflated_however_it_is_cut() {
    for text in texts() {
        for level in ["-1", "-6", "-9"] {
            let Some(bytes) = gzip(&[level], &text) else { return };
            for size in [1, 7, 4096, usize::MAX] {
                let (pool, options) = options();
                let mut reader = InflateReader::new(in_pieces(&bytes, size), Format::Gzip, &options);
                let (seen, error) = drain(&mut reader);
                assert!(error.is_none(), "{error:?}");
                assert!(seen == text, "{} bytes of {}", seen.len(), text.len());
                drop(reader);
                assert_eq!(pool.stats().rented, 0);
            }
        }
    }
}

#[test]
fn members_one_after_the_other_are_one_text() {
    let texts = texts();
    let Some(members) = texts.iter().map(|text| gzip(&[], text)).collect::<Option<Vec<_>>>() else { return };
    for size in [1, 4096] {
        let (_, options) = options();
        let mut reader = InflateReader::new(in_pieces(&members.concat(), size), Format::Gzip, &options);
        let (seen, error) = drain(&mut reader);
        assert!(error.is_none(), "{error:?}");
        assert!(seen == texts.concat());
    }
}

#[test]
fn what_was_deflated_gunzip_inflates_however_it_was_written() {
    for text in texts() {
        for (level, piece) in [(0, 10_000), (1, 1000), (6, 1), (6, 100_000), (9, 100_000)] {
            let (pool, options) = options();
            let Pipe { writer, mut reader } = Pipe::new(&options);
            let level = Compression::new(level);
            let text = &text[..text.len().min(piece * 300)];
            let bytes = thread::scope(|scope| {
                let written = scope.spawn(move || {
                    let mut writer = DeflateWriter::new(writer, Format::Gzip, level, &options);
                    for (at, piece) in text.chunks(piece).enumerate() {
                        writer.write(piece).unwrap();
                        if at % 3 != 0 {
                            block_on(writer.flush()).unwrap();
                        }
                    }
                    block_on(writer.finish_async()).unwrap();
                });
                let (bytes, error) = drain(&mut reader);
                assert!(error.is_none(), "{error:?}");
                written.join().unwrap();
                bytes
            });
            let Some((seen, content)) = filter("gunzip", &[], &bytes) else { return };
            assert!(content && seen == text, "{} bytes of {}", seen.len(), text.len());
            drop(reader);
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

#[test]
fn files_are_deflated_and_inflated_on_threads() {
    let options = PipeOptions::new(Pool::new());
    let text = pattern(500_000);
    let path = tempfile::NamedTempFile::new().unwrap();
    let (writer, job) = file::write(path.reopen().unwrap(), &options);
    let job = thread::spawn(|| job.run());
    let mut writer = DeflateWriter::new(writer, Format::Gzip, Compression::fast(), &options);
    writer.write(&text).unwrap();
    block_on(writer.finish_async()).unwrap();
    let written = job.join().unwrap().unwrap();
    assert_eq!(path.as_file().metadata().unwrap().len(), written);

    // Without a task, or a pipe in between.
    let file = SourceReader::new(path.reopen().unwrap(), &options);
    let mut inflated = Vec::new();
    InflateReader::new(file, Format::Gzip, &options).into_blocking().read_to_end(&mut inflated).unwrap();
    assert!(inflated == text);

    let Some((seen, content)) = filter("gunzip", &[], &std::fs::read(&path).unwrap()) else { return };
    assert!(content && seen == text);
}
