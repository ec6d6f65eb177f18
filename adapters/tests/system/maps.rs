//! Files mapped into memory.

use std::{fs, fs::File, path::Path};

use headpond_adapters::memmap2::{reader, slice};
use headpond_pipe::{Pipe, PipeRead, PipeReadExt};
use memmap2::Mmap;
use tempfile::NamedTempFile;

use crate::{
    drain, options,
    polling::{now, pattern},
};

fn file_of(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    file
}

fn map(file: &NamedTempFile) -> Mmap {
    // SAFETY: the file is this test's, which changes it no more.
    unsafe { Mmap::map(&File::open(file).unwrap()).unwrap() }
}

#[test]
fn a_map_is_read_where_it_lies() {
    let bytes = pattern(300_000);
    let file = file_of(&bytes);
    let map = map(&file);
    let place = map.as_ptr();
    let mut reader = reader(map);
    assert_eq!(reader.buffer().chunks().count(), 1);
    assert_eq!(reader.buffer().first_chunk().as_ptr(), place);
    assert_eq!(reader.buffer(), bytes[..]);

    let view = now(reader.read_at_least(300_000)).unwrap();
    assert!(view.is_finished());
    let start = view.buffer().start();
    view.advance(start + 1000);
    assert_eq!(reader.buffer().first_chunk().as_ptr(), place.wrapping_add(1000));
}

#[test]
fn a_map_goes_through_a_pipe_without_a_copy_or_a_block() {
    let file = file_of(&pattern(300_000));
    let map = map(&file);
    let place = map.as_ptr();
    let (pool, options) = options();
    let Pipe { mut writer, reader: mut peer } = Pipe::new(&options);
    writer.append(slice(map)).unwrap();
    writer.finish().unwrap();
    assert_eq!(now(peer.read()).unwrap().buffer().first_chunk().as_ptr(), place);
    assert_eq!(drain(&mut peer).0, pattern(300_000));
    assert_eq!(pool.stats().peak_rented, 0);
}

#[test]
fn a_reader_of_a_map_allocates_little_whatever_its_size() {
    let file = file_of(&pattern(1 << 20));
    let map = map(&file);
    let mut made = None;
    let allocations = allocation_counter::measure(|| made = Some(reader(map)));
    assert!(allocations.bytes_total < 1024, "{allocations:?}");
    assert_eq!(made.unwrap().buffer().len(), 1 << 20);
}

#[test]
fn an_empty_file_is_at_its_end() {
    let mut reader = reader(map(&file_of(b"")));
    let view = now(reader.read()).unwrap();
    assert!(view.is_finished() && view.buffer().is_empty());
}

/// More than a pipe may hold: a map holds nothing, it is there.
#[test]
fn a_map_is_larger_than_any_window() {
    let file = NamedTempFile::new().unwrap();
    file.as_file().set_len(20 << 20).unwrap();
    let mut reader = reader(map(&file));
    assert_eq!(now(reader.read_at_least(20 << 20)).unwrap().buffer().len(), 20 << 20);
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_lasts_as_long_as_its_last_part() {
    fn is_mapped(path: &Path) -> bool {
        fs::read_to_string("/proc/self/maps").unwrap().contains(path.to_str().unwrap())
    }
    let file = file_of(b"the last part");
    let mut reader = reader(map(&file));
    let part = reader.buffer().slice(reader.buffer().start() + 4..).to_slices(..).next().unwrap();
    let end = reader.buffer().end();
    reader.advance_to(end, end);
    assert!(is_mapped(file.path()));
    drop(reader);
    assert!(is_mapped(file.path()));
    assert_eq!(&part[..], b"last part");
    drop(part);
    assert!(!is_mapped(file.path()));
}
