//! Connections that are brought to an end, in order and in time.

use std::time::Duration;

use headpond_adapters::{tokio::UnixConnection, transport::ConnectionError};
use headpond_pipe::PipeOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use crate::{block_on, block_on_paused, connection, polling::pattern, pool};

/// Megabytes that the kernel has no room for, and a peer that is in no hurry: all of it arrives. The peer has sent something that
/// nobody reads, over which a socket that is merely closed would be reset, and bytes lost.
#[test]
fn what_is_buffered_is_sent_after_the_ends_are_dropped() {
    let (pool, _) = pool();
    let options = PipeOptions::builder(&pool).pause_threshold(0).build().unwrap();
    let bytes = pattern(12 << 20);
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        peer.write_all(&pattern(100_000)).await.unwrap();
        ours.writer.write(&bytes).unwrap();
        ours.writer.finish().unwrap();
        drop(ours);
        let mut received = Vec::new();
        let mut memory = vec![0; 5000];
        loop {
            match peer.read(&mut memory).await.unwrap() {
                0 => break,
                n => received.extend_from_slice(&memory[..n]),
            }
            tokio::task::yield_now().await;
        }
        assert!(received == bytes, "{} bytes", received.len());
        // It goes on sending for a while, without being reset over it.
        peer.write_all(&pattern(3 << 20)).await.unwrap();
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_shutdown_waits_for_the_peer_and_no_longer_than_it_is_given() {
    let (pool, options) = pool();
    block_on_paused(async {
        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.write(b"good-bye").unwrap();
        let shutdown = ours.shutdown(Duration::from_secs(3600));
        let closing = async {
            let mut heard = String::new();
            peer.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "good-bye");
            drop(peer);
        };
        let (over, ()) = tokio::join!(shutdown, closing);
        assert_eq!(over.unwrap().sent, 8);

        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.write(b"good-bye").unwrap();
        let over = ours.shutdown(Duration::from_secs(3600)).await;
        assert!(matches!(over, Err(ConnectionError::Deadline)), "{over:?}");
        assert_eq!(pool.stats().rented, 0);
        // All the same it was sent everything, and its end.
        let mut heard = String::new();
        peer.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "good-bye");
    });
}

/// Nor does it wait for ever to be rid of what the peer does not take; the peer sees a reset, since it lacks the end.
#[test]
fn a_shutdown_drops_what_the_peer_does_not_take_in_time() {
    let (pool, _) = pool();
    let options = PipeOptions::builder(&pool).pause_threshold(0).build().unwrap();
    block_on_paused(async {
        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.write(&pattern(12 << 20)).unwrap();
        let over = ours.shutdown(Duration::from_secs(1)).await;
        assert!(matches!(over, Err(ConnectionError::Deadline)), "{over:?}");
        assert_eq!(pool.stats().rented, 0);
        let mut received = Vec::new();
        assert_eq!(peer.read_to_end(&mut received).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
        assert!(received.len() < 12 << 20);
    });
}

#[test]
fn a_socket_of_the_file_system_is_shut_down_in_time() {
    let (pool, options) = pool();
    block_on_paused(async {
        let (ours, mut peer) = UnixStream::pair().unwrap();
        let mut ours = UnixConnection::new(ours, &options);
        ours.writer.write(b"good-bye").unwrap();
        let over = ours.shutdown(Duration::from_secs(1)).await;
        assert!(matches!(over, Err(ConnectionError::Deadline)), "{over:?}");
        let mut heard = String::new();
        peer.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "good-bye");
    });
    assert_eq!(pool.stats().rented, 0);
}
