//! Peers that vanish, and connections that are aborted.

use std::{io, sync::Arc, task::Poll};

use headpond_adapters::{copy, tokio::TcpConnection, transport::ConnectionError};
use headpond_pipe::{CopyError, FlushError, ReadError, WriterDropped};
use headpond_pool::SharedError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    block_on, connection, drain, kind,
    polling::{pattern, poll_once},
    pool, sockets, until,
};

#[test]
fn a_peer_that_resets_mid_frame_is_an_error_behind_what_it_sent() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        peer.write_all(b"whole frame;half a fra").await.unwrap();
        let view = ours.reader.read_at_least(22).await.unwrap();
        let frame = view.buffer().start() + 12;
        let end = view.buffer().end();
        view.advance_to(frame, end);
        peer.set_zero_linger().unwrap();
        drop(peer);
        let Err(ReadError::Aborted(cause)) = ours.reader.read().await else { panic!("a clean end") };
        assert_eq!(kind(&cause), io::ErrorKind::ConnectionReset);
        assert_eq!(ours.reader.peek(), "half a fra");
        // Whoever writes learns of it too.
        ours.writer.write(b"answer").unwrap_err();
        let Err(FlushError::Closed(Some(cause))) = ours.writer.flush().await else { panic!("flushed") };
        assert_eq!(kind(&cause), io::ErrorKind::ConnectionReset);
        assert!(matches!(ours.finish().await, Err(ConnectionError::Receive(_))));
    });
    assert_eq!(pool.stats().rented, 0);
}

/// The system tells of a reset once. When a write is told, a read meets what looks like the peer's end.
#[test]
fn a_reset_that_a_write_meets_first_is_no_clean_end_to_the_reader() {
    let (pool, options) = pool();
    block_on(async {
        let (ours, mut peer) = sockets().await;
        ours.writable().await.unwrap();
        let mut ours = TcpConnection::new(ours, &options);
        peer.write_all(b"half a fra").await.unwrap();
        ours.reader.read_at_least(10).await.unwrap().advance_all();
        peer.set_zero_linger().unwrap();
        drop(peer);
        // The pumps run after this, and begin with what is to be sent.
        ours.writer.write(b"answer").unwrap();
        let _ = poll_once(std::task::Waker::noop(), std::pin::pin!(ours.writer.flush()));
        let (bytes, error) = drain(&mut ours.reader).await;
        assert_eq!(bytes, b"");
        let Some(ReadError::Aborted(cause)) = error else { panic!("a clean end") };
        assert_eq!(kind(&cause), io::ErrorKind::ConnectionReset);
        assert!(matches!(ours.finish().await, Err(ConnectionError::Send(_))));
    });
    assert_eq!(pool.stats().rented, 0);
}

/// It has ended its stream before, so that nothing of that is lost; and what it is sent, nobody wants.
#[test]
fn a_peer_that_is_gone_after_its_end_fails_the_writer_and_not_the_reader() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        peer.write_all(&pattern(1000)).await.unwrap();
        drop(peer);
        let error = loop {
            if let Err(error) = ours.writer.write(b"is anybody there?") {
                break error.to_string();
            }
            let _ = ours.writer.flush().await;
            tokio::task::yield_now().await;
        };
        assert_eq!(error, "the reader is closed");
        let (bytes, error) = drain(&mut ours.reader).await;
        assert_eq!((bytes, error.is_none()), (pattern(1000), true));
        assert!(matches!(ours.finish().await, Err(ConnectionError::Send(_))));
    });
    assert_eq!(pool.stats().rented, 0);
}

async fn assert_reset(peer: &mut tokio::net::TcpStream) {
    let mut rest = Vec::new();
    let error = peer.read_to_end(&mut rest).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn an_abort_resets_the_connection() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        peer.write_all(b"something that is never read").await.unwrap();
        ours.writer.write(b"never sent").unwrap();
        let refused: SharedError = Arc::new(io::Error::from(io::ErrorKind::PermissionDenied));
        ours.abort(refused).await;
        assert_reset(&mut peer).await;
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn an_aborted_writer_ends_the_reader_too() {
    let (_, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.abort("no more");
        let Err(ReadError::Aborted(cause)) = ours.reader.read().await else { panic!("a clean end") };
        assert_eq!(cause.to_string(), "no more");
        assert_reset(&mut peer).await;
        let Err(ConnectionError::Aborted(cause)) = ours.finish().await else { panic!("in order") };
        assert_eq!(cause.to_string(), "no more");
    });
}

/// A task that panics drops both ends: to its peer, that must not look like a good end.
#[test]
fn a_dropped_connection_is_reset() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.write(b"half an ans").unwrap();
        ours.writer.flush().await.unwrap();
        let mut half = [0; 11];
        peer.read_exact(&mut half).await.unwrap();
        let panicked = tokio::spawn(async move {
            let _ours = ours;
            panic!("the panic of this test");
        });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_reset(&mut peer).await;
    });
    assert_eq!(pool.stats().rented, 0);
}

/// Also while the peer takes nothing, and the reader is not waited for by anybody.
#[test]
fn a_connection_dropped_while_its_peer_takes_nothing_is_reset_at_once() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        loop {
            ours.writer.write(&pattern(10_000)).unwrap();
            let mut flush = std::pin::pin!(ours.writer.flush());
            // The pumps have their turns in between.
            let mut turns = 0;
            let flushed = std::future::poll_fn(|cx| {
                turns += 1;
                cx.waker().wake_by_ref();
                match poll_once(cx.waker(), flush.as_mut()) {
                    Poll::Pending if turns < 1000 => Poll::Pending,
                    flushed => Poll::Ready(flushed.is_ready()),
                }
            });
            if !flushed.await {
                break;
            }
        }
        assert!(pool.stats().rented > 0);
        drop(ours);
        until(|| pool.stats().rented == 0).await;
        assert_reset(&mut peer).await;
    });
}

#[test]
fn pumps_dropped_before_they_are_over_fail_both_ends() {
    let (pool, options) = pool();
    block_on(async {
        let (ours, mut peer) = sockets().await;
        let (mut connection, pumps) = TcpConnection::unspawned(ours, &options);
        connection.writer.write(b"never sent").unwrap();
        connection.writer.flush().await.unwrap();
        drop(pumps);
        let Err(ReadError::Aborted(cause)) = connection.reader.read().await else { panic!("a clean end") };
        assert!(!cause.is::<WriterDropped>());
        assert!(matches!(connection.writer.flush().await, Err(FlushError::Closed(Some(_)))));
        assert_reset(&mut peer).await;
    });
    assert_eq!(pool.stats().rented, 0);
}

/// Of two connections, one says nothing, and the peer of the other is gone: a relay between them need not wait for more to say.
#[test]
fn a_relay_notices_a_reset_of_its_destination_while_its_source_is_idle() {
    let (pool, options) = pool();
    block_on(async {
        let (mut source, mut client) = connection(&options).await;
        let (mut destination, mut server) = connection(&options).await;
        client.write_all(b"request").await.unwrap();
        let copying = async {
            let error = copy(&mut source.reader, &mut destination.writer).await.unwrap_err();
            let CopyError::Flush(FlushError::Closed(Some(cause))) = error else { panic!("{error:?}") };
            assert_eq!(kind(&cause), io::ErrorKind::ConnectionReset);
        };
        let resetting = async {
            let mut request = [0; 7];
            server.read_exact(&mut request).await.unwrap();
            server.set_zero_linger().unwrap();
            drop(server);
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(resetting, copying) } => {}
            () = until(|| false) => {}
        }
        assert!(matches!(destination.finish().await, Err(ConnectionError::Receive(_))));
    });
    assert_eq!(pool.stats().rented, 0);
}
