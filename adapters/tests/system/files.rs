//! Files read into a pipe and written from one, on a thread that waits.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    pin::pin,
    task::Poll,
    thread,
};

use futures_lite::future::block_on;
use headpond_adapters::file;
use headpond_pipe::{
    CopyError, FlushError, OnWriterDrop, PipeOptions, PipeReadExt, PipeWriteExt, ReadError, WriterDropped,
};
use headpond_pool::{BufferWriter, PoolOptions, SharedError, WriteError};

use crate::{
    drain, options,
    polling::{Wakes, now, pattern, pends, poll_once},
};

/// A file that nobody else knows, holding `bytes`, open at its start.
fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    rewound(file)
}

fn rewound(mut file: File) -> File {
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

fn kind(error: &SharedError) -> ErrorKind {
    error.downcast_ref::<io::Error>().unwrap().kind()
}

#[test]
fn files_of_any_size_go_in_and_out() {
    for len in [0, 1, 63, 64, 65, 200_000] {
        let (pool, options) = options();
        let bytes = pattern(len);
        let file = tempfile::tempfile().unwrap();

        let (mut writer, job) = file::write(file.try_clone().unwrap(), &options);
        let written = thread::spawn(|| job.run());
        block_on(async {
            for piece in bytes.chunks(1000) {
                writer.write(piece).unwrap();
                writer.flush().await.unwrap();
            }
            writer.finish_async().await.unwrap();
        });
        // Finished means written, whether its thread is over or not.
        let mut kept = Vec::new();
        rewound(file.try_clone().unwrap()).read_to_end(&mut kept).unwrap();
        assert_eq!(kept, bytes);
        assert_eq!(written.join().unwrap().unwrap(), len as u64);

        let (mut reader, job) = file::read(rewound(file), &options);
        let read = thread::spawn(|| job.run());
        let (seen, error) = drain(&mut reader);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(seen, bytes);
        assert_eq!(read.join().unwrap().unwrap(), len as u64);
        drop((reader, writer));
        assert_eq!(pool.stats().rented, 0);
    }
}

/// The job is at most a pause and a read ahead, which is far from the end.
fn changed_while_it_is_read(change: impl FnOnce(&mut File)) -> Vec<u8> {
    let (_, options) = options();
    let path = tempfile::NamedTempFile::new().unwrap();
    fs::write(&path, pattern(100_000)).unwrap();
    let (mut reader, job) = file::read(File::open(&path).unwrap(), &options);
    let job = thread::spawn(|| job.run());
    block_on(reader.read_at_least(1)).unwrap().need_more(headpond_pool::Position::ZERO);
    change(&mut OpenOptions::new().append(true).open(&path).unwrap());
    let (bytes, error) = drain(&mut reader);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(job.join().unwrap().unwrap(), bytes.len() as u64);
    bytes
}

#[test]
fn a_file_that_grows_is_read_as_far_as_it_has_grown() {
    let bytes = changed_while_it_is_read(|file| file.write_all(b"and more").unwrap());
    assert_eq!(bytes, [pattern(100_000), b"and more".to_vec()].concat());
}

#[test]
fn a_file_that_shrinks_ends_where_it_ends_then() {
    let bytes = changed_while_it_is_read(|file| file.set_len(50_000).unwrap());
    assert_eq!(bytes, pattern(50_000));
}

#[test]
fn a_file_goes_through_a_pool_much_smaller_than_itself() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(8 * 64).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).build().unwrap();
    let bytes = pattern(100_000);
    let (mut reader, job) = file::read(file_of(&bytes), &options);
    let job = thread::spawn(|| job.run());
    assert_eq!(drain(&mut reader).0, bytes);
    assert_eq!(job.join().unwrap().unwrap(), 100_000);
    assert!(pool.stats().peak_rented <= 8, "{:?}", pool.stats());
}

#[test]
fn what_is_no_file_is_an_error_at_both_ends() {
    let (pool, options) = options();
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(File::open(directory.path().join("missing")).unwrap_err().kind(), ErrorKind::NotFound);
    let (mut reader, job) = file::read(File::open(&directory).unwrap(), &options);
    let of_job = job.run().unwrap_err();
    assert!(matches!(&of_job, CopyError::Read(ReadError::Aborted(error)) if kind(error) == ErrorKind::IsADirectory));
    let (bytes, of_reader) = drain(&mut reader);
    assert_eq!(bytes, b"");
    assert!(matches!(&of_reader, Some(ReadError::Aborted(error)) if kind(error) == ErrorKind::IsADirectory));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_reader_dropped_in_the_middle_ends_the_job() {
    let (pool, options) = options();
    let (mut reader, job) = file::read(file_of(&pattern(100_000)), &options);
    let job = thread::spawn(|| job.run());
    assert!(block_on(reader.read_at_least(64)).unwrap().buffer().len() >= 64);
    drop(reader);
    let error = job.join().unwrap().unwrap_err();
    assert!(matches!(error, CopyError::Flush(FlushError::Closed(None)) | CopyError::Write(WriteError::Closed(None))));
    assert_eq!(pool.stats().rented, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_to_the_writer_with_its_error() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (pool, options) = options();

    // At the end, by a file small enough to be taken whole.
    let (mut writer, job) = file::write(full(), &options);
    writer.write(b"too much").unwrap();
    pends(writer.finish_async());
    let of_job = job.run().unwrap_err();
    assert!(
        matches!(&of_job, CopyError::Flush(FlushError::Sink(error)) if kind(error) == ErrorKind::StorageFull),
        "{of_job:?}"
    );
    for _ in 0..2 {
        let of_writer = now(writer.finish_async()).unwrap_err();
        assert!(matches!(&of_writer, FlushError::Closed(Some(error)) if kind(error) == ErrorKind::StorageFull));
    }

    // In the middle, by one that has to wait.
    let (mut writer, job) = file::write(full(), &options);
    let job = thread::spawn(|| job.run());
    let error = block_on(async {
        loop {
            if let Err(error) = writer.write(&[7; 100]) {
                let WriteError::Closed(Some(error)) = error else { panic!("{error:?}") };
                break error;
            }
            if let Err(error) = writer.flush().await {
                let FlushError::Closed(Some(error)) = error else { panic!("{error:?}") };
                break error;
            }
        }
    });
    assert_eq!(kind(&error), ErrorKind::StorageFull);
    assert!(job.join().unwrap().is_err());
    assert_eq!(pool.stats().rented, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_finish_of_a_synced_file_tells_what_the_disk_did() {
    let (_, options) = options();
    for (file, kept) in [(tempfile::tempfile().unwrap(), true), (File::create("/dev/null").unwrap(), false)] {
        let (mut writer, job) = file::write(file, &options);
        writer.write(b"keep").unwrap();
        pends(writer.finish_async());
        // What cannot be kept fails at `sync_all`, and nowhere else.
        assert_eq!(job.synced().run().is_ok(), kept);
        assert_eq!(now(writer.finish_async()).is_ok(), kept);
    }
}

#[test]
fn a_finish_waits_for_the_job_and_can_be_waited_for_again() {
    let (_, options) = options();
    let file = tempfile::tempfile().unwrap();
    let (mut writer, job) = file::write(file.try_clone().unwrap(), &options);
    writer.write(b"all of it").unwrap();
    pends(writer.finish_async());
    let (wakes, waker) = Wakes::new();
    {
        let mut finish = pin!(writer.finish_async());
        assert!(poll_once(&waker, finish.as_mut()).is_pending());
        assert_eq!(job.run().unwrap(), 9);
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, finish), Poll::Ready(Ok(()))));
    }
    now(writer.finish_async()).unwrap();
    now(writer.finish_async()).unwrap();
    now(writer.closed());
    assert!(matches!(writer.write(b"more"), Err(WriteError::Ended)));
    assert_eq!(io::read_to_string(rewound(file)).unwrap(), "all of it");
}

#[test]
fn a_cancel_ends_a_finish_that_waits_for_the_job() {
    let (_, options) = options();
    let file = tempfile::tempfile().unwrap();
    let (mut writer, job) = file::write(file.try_clone().unwrap(), &options);
    writer.write(b"all of it").unwrap();
    let canceller = writer.canceller();
    let (wakes, waker) = Wakes::new();
    {
        let mut finish = pin!(writer.finish_async());
        assert!(poll_once(&waker, finish.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, finish), Poll::Ready(Err(FlushError::Cancelled))));
    }
    assert_eq!(job.run().unwrap(), 9);
    now(writer.finish_async()).unwrap();
    assert_eq!(io::read_to_string(rewound(file)).unwrap(), "all of it");
}

#[test]
fn jobs_that_never_run_end_their_pipes() {
    let (pool, options) = options();
    // Whatever the options say of writers that are dropped.
    let (mut reader, job) = file::read(file_of(b"never read"), &options.with_on_writer_drop(OnWriterDrop::Finish));
    drop(job);
    assert!(
        matches!(drain(&mut reader), (bytes, Some(ReadError::Aborted(error))) if bytes.is_empty() && error.is::<WriterDropped>())
    );

    let (mut writer, job) = file::write(tempfile::tempfile().unwrap(), &options);
    writer.write(b"never written").unwrap();
    drop(job);
    assert!(matches!(now(writer.finish_async()), Err(FlushError::Closed(None))));
    drop(writer);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_writer_that_aborts_or_is_dropped_leaves_what_was_published() {
    let (_, options) = options();
    for aborts in [true, false] {
        let file = tempfile::tempfile().unwrap();
        let (mut writer, job) = file::write(file.try_clone().unwrap(), &options);
        writer.write(b"published").unwrap();
        now(writer.flush()).unwrap();
        writer.write(b" or not").unwrap();
        if aborts {
            headpond_pipe::PipeWrite::abort(&mut writer, std::sync::Arc::new(io::Error::other("changed my mind")));
            assert!(matches!(now(writer.finish_async()), Err(FlushError::Aborted)));
        }
        drop(writer);
        let error = job.run().unwrap_err();
        let CopyError::Read(ReadError::Aborted(error)) = &error else { panic!("{error:?}") };
        assert_eq!(error.is::<WriterDropped>(), !aborts);
        assert_eq!(io::read_to_string(rewound(file)).unwrap(), "published");
    }
}

#[test]
fn a_file_of_tokios_is_a_stream_as_any() {
    let bytes = pattern(200_000);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read = runtime.block_on(async {
        let (_, options) = options();
        let file = tokio::fs::File::from_std(file_of(&bytes));
        let mut reader = headpond_adapters::tokio::SourceReader::new(file, &options);
        let mut read = Vec::new();
        loop {
            let view = reader.read().await.unwrap();
            read.extend(view.buffer().to_vec());
            let finished = view.is_finished();
            view.advance_all();
            if finished {
                break read;
            }
        }
    });
    assert_eq!(read, bytes);
}
