//! The ends themselves, and the way back to a new pipe.

use headpond_pipe::{
    FlushCanceller, FlushError, OnWriterDrop, Oversize, Pipe, PipeOptions, ReadCanceller, ReadError, Reader, Writer,
};
use headpond_pool::Pool;

use crate::harness::{Task, poll, ready, send, take};

#[test]
fn ends_and_handles_may_move_between_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Writer>();
    is_send_and_sync::<Reader>();
    is_send_and_sync::<PipeOptions>();
    fn is_handle<T: Clone + Send + Sync + 'static>(_: &T) {}
    let Pipe { writer, reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    is_handle::<FlushCanceller>(&writer.canceller());
    is_handle::<ReadCanceller>(&reader.canceller());
}

#[test]
fn futures_that_hold_a_view_or_room_across_an_await_may_move_between_threads() {
    async fn relay(mut from: Reader, mut to: Writer) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut room = to.reserve_async(16).await?;
        let view = from.read().await?;
        std::future::ready(()).await;
        let n = view.buffer().copy_to(&mut room);
        room.advance(n);
        let end = view.buffer().end();
        view.need_more(end);
        to.flush().await?;
        Ok(())
    }
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let options = PipeOptions::new(Pool::new());
    let (mut here, from) = Pipe::new(&options).split();
    let (to, mut there) = Pipe::new(&options).split();
    send(&mut here, b"hello");
    ready(is_send(relay(from, to))).expect("room and open ends");
    assert_eq!(there.peek(), b"hello"[..]);
}

#[test]
fn a_pipe_is_both_its_ends() {
    let options = PipeOptions::new(Pool::new());
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    send(&mut writer, b"one");
    assert_eq!(take(&mut reader), b"one");
    let (mut writer, mut reader) = Pipe::new(&options).split();
    send(&mut writer, b"two");
    assert_eq!(take(&mut reader), b"two");
}

#[test]
fn options_are_shared_by_their_clones_and_make_any_number_of_pipes() {
    let pool = Pool::new();
    let options = PipeOptions::builder(&pool).pause_threshold(8).resume_threshold(4).build().expect("valid");
    let clone = options.clone();
    assert!(std::ptr::addr_eq(&raw const **options.source(), &raw const **clone.source()));
    for options in [&options, &clone, &options] {
        let Pipe { mut writer, reader: _reader } = Pipe::new(options);
        writer.write(&[0; 8]).expect("room");
        assert!(poll(writer.flush()).is_pending());
    }
    drop((options, clone));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn options_are_changed_in_what_a_dropped_writer_means_and_in_nothing_else() {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(77).max_unconsumed(99).oversize(Oversize::Reject);
    let options = options.resume_threshold(7).looks_before_parking(3).build().expect("valid");
    let finishing = options.with_on_writer_drop(OnWriterDrop::Finish);
    assert_eq!(format!("{finishing:?}"), format!("{options:?}").replace("Abort", "Finish"));
    assert_eq!(finishing.on_writer_drop(), OnWriterDrop::Finish);
}

#[test]
fn a_reset_that_cannot_be_hands_back_both_ends_as_they_were() {
    let Pipe { mut writer, reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    send(&mut writer, b"kept");
    let error = Pipe { writer, reader }.reset().expect_err("both are open");
    assert!(error.to_string().contains("writer"), "{error}");
    let Pipe { mut writer, reader } = error.into_pipe();
    writer.finish().expect("open");
    let error = Pipe { writer, reader }.reset().expect_err("the reader is open");
    assert!(error.to_string().contains("reader"), "{error}");
    let Pipe { writer, mut reader } = error.into_pipe();
    assert_eq!(take(&mut reader), b"kept");
    reader.close();
    assert!(Pipe { writer, reader }.reset().is_ok());
}

#[test]
fn strangers_are_not_reset() {
    let options = PipeOptions::new(Pool::new());
    let (mut writer, _other_reader) = Pipe::new(&options).split();
    let (_other_writer, mut reader) = Pipe::new(&options).split();
    writer.finish().expect("open");
    reader.close();
    let error = Pipe { writer, reader }.reset().expect_err("they are of different pipes");
    assert!(error.to_string().contains("different"), "{error}");
    assert!(format!("{error:?}").contains("ResetError"));
}

#[test]
fn what_is_left_of_an_old_pipe_does_nothing_to_a_new_one() {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    let (flushes, reads) = (writer.canceller(), reader.canceller());
    let prefix = writer.reserve_prefix(2).expect("room");
    writer.abort("over");
    reader.close();
    let Ok(Pipe { mut writer, mut reader }) = (Pipe { writer, reader }).reset() else { panic!("both have ended") };
    let read = Task::pending(reader.read());
    flushes.cancel();
    reads.cancel();
    assert_eq!(read.wakes(), 0);
    drop(read);
    assert!(writer.reserve_prefix(2).is_ok());
    assert!(matches!(writer.patch(&prefix, b"no"), Err(headpond_pool::PatchError::Foreign)));
    assert!(matches!(ready(writer.flush()), Ok(())));
    assert_eq!(take(&mut reader), [0, 0]);
    assert_eq!((writer.stats().written, reader.stats().consumed), (2, 2));
}

#[test]
fn errors_can_be_cloned_and_name_their_cause() {
    fn is_error<E: std::error::Error + Clone + Send + Sync + 'static>(error: &E) -> String {
        error.clone().source().map(ToString::to_string).unwrap_or_default()
    }
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    reader.close_with("read enough");
    writer.write(b"x").expect_err("closed");
    let error = ready(writer.flush()).expect_err("closed");
    assert!(matches!(error, FlushError::Closed(Some(_))));
    assert_eq!(is_error(&error), "read enough");
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    writer.abort("wrote enough");
    let error = ready(reader.read()).expect_err("aborted");
    assert!(matches!(error, ReadError::Aborted(_)));
    assert_eq!(is_error(&error), "wrote enough");
}
