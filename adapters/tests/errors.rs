//! What all errors have in common: they are compared, say nothing twice, and are asked what they are.

use std::{error::Error, io, sync::Arc};

use headpond_adapters::{
    Cancelled,
    codec::{ReadItemError, SendItemError},
    flate2::InflateError,
    rustls::TlsError,
    transport::{ConnectionError, Failure},
};
use headpond_codec::EncodeError;
use headpond_pipe::{CopyError, FlushError, OptionsError, ReadError, ResetError, WriterDropped};
use headpond_pool::{Incomplete, PatchError, PoolError, PoolOptionsError, SharedError, WriteError};

/// An error that tests can compare, tasks can share and no borrow holds back.
fn is_comparable<E: Error + PartialEq + Eq + Send + Sync + 'static>() {}

#[test]
fn errors_are_compared_by_kind() {
    is_comparable::<Incomplete>();
    is_comparable::<PatchError>();
    is_comparable::<PoolError>();
    is_comparable::<PoolOptionsError>();
    is_comparable::<WriteError>();
    is_comparable::<CopyError>();
    is_comparable::<FlushError>();
    is_comparable::<OptionsError>();
    is_comparable::<ReadError>();
    is_comparable::<ResetError>();
    is_comparable::<WriterDropped>();
    is_comparable::<Cancelled>();
    is_comparable::<ConnectionError>();
    is_comparable::<Failure>();
    is_comparable::<InflateError>();
    is_comparable::<ReadItemError<WriterDropped>>();
    is_comparable::<SendItemError>();
    is_comparable::<TlsError>();
    // A cause that cannot be compared is not: what counts is what happened here.
    assert_eq!(ReadError::Aborted(pulled()), ReadError::Aborted(Arc::new(WriterDropped)));
    assert_ne!(ReadError::Aborted(pulled()), ReadError::Closed);
    assert_ne!(ReadError::LimitExceeded { limit: 1 }, ReadError::LimitExceeded { limit: 2 });
    assert_eq!(FlushError::Closed(None), FlushError::Closed(Some(pulled())));
    assert_ne!(FlushError::Closed(None), FlushError::Aborted);
    assert_eq!(WriteError::Closed(None), WriteError::Closed(Some(pulled())));
    let (one, other) = (WriteError::ShortBuffer { requested: 2, given: 1 }, WriteError::Ended);
    assert_ne!(one, other);
    assert_ne!(one, WriteError::ShortBuffer { requested: 3, given: 1 });
    assert_ne!(
        WriteError::Oversize { requested: 3, block_size: 1 },
        WriteError::Oversize { requested: 2, block_size: 1 }
    );
    assert_ne!(WriteError::from(spent()), PoolError::TooLarge { requested: 2, limit: 1 }.into());
    assert_ne!(CopyError::from(ReadError::Closed), CopyError::from(FlushError::Closed(None)));
    assert_ne!(InflateError::TooLong { limit: 1 }, InflateError::TooLong { limit: 2 });
    assert_ne!(TlsError::Receive(ReadError::Closed), TlsError::Receive(ReadError::LimitExceeded { limit: 1 }));
}

/// A cause two layers deep.
fn pulled() -> SharedError {
    Arc::new(io::Error::new(io::ErrorKind::NotConnected, TlsError::Protocol(rustls::Error::DecryptError)))
}

fn spent() -> PoolError {
    PoolError::Exhausted { requested: 2, limit: 1 }
}

/// The texts of an error and its causes, none of which says what another says.
#[track_caller]
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    for (at, text) in texts.iter().enumerate() {
        for (other, behind) in texts.iter().enumerate() {
            assert!(at == other || !text.contains(behind.as_str()), "{texts:?}");
        }
    }
    texts
}

#[test]
fn no_text_stands_twice_in_a_chain() {
    assert_eq!(chain(&ReadError::Aborted(pulled())).len(), 3);
    chain(&FlushError::Closed(Some(pulled())));
    chain(&FlushError::Sink(pulled()));
    chain(&WriteError::Closed(Some(pulled())));
    chain(&WriteError::from(spent()));
    chain(&CopyError::from(ReadError::Aborted(pulled())));
    chain(&CopyError::from(WriteError::from(spent())));
    chain(&CopyError::from(FlushError::Sink(pulled())));
    chain(&SendItemError::from(EncodeError::from(WriteError::Closed(Some(pulled())))));
    chain(&SendItemError::from(FlushError::Closed(Some(pulled()))));
    chain(&ReadItemError::<WriterDropped>::from(ReadError::Aborted(pulled())));
    for error in
        [ConnectionError::Receive(pulled()), ConnectionError::Send(pulled()), ConnectionError::Aborted(pulled())]
    {
        assert_eq!(chain(&error).len(), 3);
        assert_eq!(chain(&Failure::Connection(error)).len(), 1);
    }
    chain(&TlsError::Receive(ReadError::Aborted(Arc::new(WriterDropped))));
    chain(&TlsError::Send(FlushError::Sink(Arc::new(WriterDropped))));
    chain(&TlsError::Room(spent().into()));
    chain(&TlsError::Memory(spent()));
    chain(&TlsError::Aborted(Arc::new(WriterDropped)));
    chain(&headpond_adapters::IntoIoError::into_io_error(ReadError::Aborted(pulled())));
}

#[test]
fn a_failure_of_a_server_says_why() {
    let handler = Failure::Handler("no such user".into());
    assert_eq!(handler.to_string(), "the handler failed: no such user");
    let deep = Failure::Handler(Box::new(ReadError::Aborted(pulled())));
    assert_eq!(
        deep.to_string(),
        "the handler failed: the writer aborted the stream: the TLS session failed: cannot decrypt peer's message"
    );
    assert!(deep.source().is_none(), "it is said already");
    let refused = io::Error::other("too many open files");
    assert_eq!(Failure::Accept(refused).to_string(), "no connection could be accepted: too many open files");
    let reset = ConnectionError::Receive(Arc::new(io::Error::other("reset")));
    assert_eq!(Failure::Connection(reset).to_string(), "receiving from the peer failed: reset");
    // An error that says its cause itself, and one that was passed on twice.
    let twice = TlsError::Receive(ReadError::Aborted(Arc::new(TlsError::Receive(ReadError::Closed))));
    assert_eq!(
        Failure::Handler(Box::new(twice)).to_string(),
        "the handler failed: the ciphertext could not be read: the writer aborted the stream: the reader is closed"
    );
}

#[test]
fn errors_are_asked_what_they_are() {
    let dropped = ReadError::Aborted(Arc::new(WriterDropped));
    assert!(dropped.is_writer_dropped() && dropped.is_aborted() && !dropped.is_closed());
    assert!(!ReadError::Aborted(pulled()).is_writer_dropped());
    assert!(ReadError::Closed.is_closed() && ReadError::LimitExceeded { limit: 1 }.is_limit_exceeded());
    assert!(CopyError::from(dropped.clone()).is_writer_dropped());
    assert!(ReadItemError::<WriterDropped>::from(dropped).is_writer_dropped());
    let closed = WriteError::Closed(None);
    assert!(closed.is_closed() && CopyError::from(closed.clone()).is_closed());
    assert!(SendItemError::from(closed.clone()).is_closed() && EncodeError::from(closed).is_closed());
    let closed = FlushError::Closed(None);
    assert!(
        closed.is_closed() && CopyError::from(closed.clone()).is_closed() && SendItemError::from(closed).is_closed()
    );
    // The reader of what is copied from, closed: that is this side.
    assert!(!CopyError::from(ReadError::Closed).is_closed());
    let cancelled = WriteError::Cancelled;
    assert!(cancelled.is_cancelled() && CopyError::from(cancelled.clone()).is_cancelled());
    assert!(SendItemError::from(cancelled).is_cancelled());
    assert!(FlushError::Cancelled.is_cancelled() && CopyError::Cancelled.is_cancelled());
    assert!(SendItemError::from(FlushError::Cancelled).is_cancelled());
    assert!(ReadItemError::<WriterDropped>::Cancelled.is_cancelled());
    let exhausted = WriteError::from(spent());
    assert!(exhausted.is_exhausted() && CopyError::from(exhausted.clone()).is_exhausted());
    assert!(SendItemError::from(exhausted).is_exhausted());
    assert!(!WriteError::from(PoolError::TooLarge { requested: 2, limit: 1 }).is_exhausted());
    assert!(FlushError::Aborted.is_aborted());
}
