//! Sessions between pipes against a peer that is driven by hand: what goes wrong, and who is behind.

use std::{
    io::{ErrorKind, Write},
    pin::Pin,
    task::Poll,
};

use headpond_adapters::rustls::{TlsAcceptor, TlsConnector, TlsError};
use headpond_pipe::{FlushError, Oversize, PipeOptions, ReadError, Reader, WriterDropped};
use headpond_pool::{Pool, PoolError, PoolOptions, SharedError, WriteError};
use rustls::{AlertDescription, Error, InvalidMessage};
use tokio::io::AsyncReadExt;

use crate::{
    certificates::{self, CONFIGS, Configs, name},
    plan::body,
    polling::{Wakes, poll_once},
    tls_peer::{Peer, VERSIONS, client, client_peer, pipes, pool, read, read_to_end, run, server, server_peer, settle},
};

fn tls(error: &SharedError) -> &TlsError {
    error.downcast_ref().expect("an error of the session")
}

/// What a reader's stream was aborted with, behind everything that came before.
async fn aborted(reader: &mut Reader) -> SharedError {
    loop {
        match reader.read().await {
            Ok(view) => {
                assert!(!view.is_finished(), "an abort looks like an end");
                let end = view.buffer().end();
                view.advance(end);
            }
            Err(ReadError::Aborted(error)) => return error,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_stream_that_is_cut_off_is_no_end() {
    for version in VERSIONS {
        run(async {
            let configs = Configs::new(&[version]);
            for cut_record in [false, true] {
                let (mut ours, pump, mut peer) = client(&PipeOptions::new(pool()), &configs, usize::MAX).await;
                let pump = tokio::spawn(pump);
                peer.say(b"the rest is").await;
                if cut_record {
                    peer.push_raw(&[23, 3, 3, 0, 100, 1, 2, 3]).await;
                }
                peer.to.finish().unwrap();
                assert_eq!(read(&mut ours.reader, 11).await, b"the rest is");
                assert!(matches!(tls(&aborted(&mut ours.reader).await), TlsError::Truncated));
                // It may have been cut off one way only.
                ours.writer.write(b"silence").unwrap();
                ours.writer.finish().unwrap();
                assert_eq!(peer.hear(7).await, b"silence");
                assert!(matches!(pump.await.unwrap(), Err(TlsError::Truncated)));
                let mut stream = ours.into_duplex();
                let error = stream.read(&mut [0; 1]).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            }
        });
    }
}

#[test]
fn a_handshake_that_is_cut_off_is_an_error() {
    run(async {
        let options = PipeOptions::new(pool());
        let ((reader, writer), (_from, mut to)) = pipes(&options);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &options);
        to.finish().unwrap();
        let error = connector.connect(name(), reader, writer).await.map(drop).unwrap_err();
        assert!(matches!(error, TlsError::Truncated), "{error}");

        let ((reader, writer), (_from, to)) = pipes(&options);
        drop(to);
        let error = connector.connect(name(), reader, writer).await.map(drop).unwrap_err();
        assert!(
            matches!(&error, TlsError::Receive(ReadError::Aborted(cause)) if cause.is::<WriterDropped>()),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_to_both() {
    for version in VERSIONS {
        run(async {
            let other = rcgen::generate_simple_self_signed([certificates::NAME.to_owned()]).unwrap();
            let pool = pool();
            let options = PipeOptions::new(&pool);
            let ((near_reader, near_writer), (far_reader, far_writer)) = pipes(&options);
            let connector = TlsConnector::new(certificates::client(&[version], &other), &options);
            let acceptor = TlsAcceptor::new(certificates::server(&[version]), &options);
            let near = connector.connect(name(), near_reader, near_writer);
            let far = async {
                // In TLS 1.3 the server has come to terms before it knows.
                let (mut connection, pump) = acceptor.accept(far_reader, far_writer).await?;
                connection.writer.finish().unwrap();
                let pumped = pump.await;
                assert!(matches!(tls(&aborted(&mut connection.reader).await), TlsError::Alert(_)));
                pumped
            };
            let (near, far) = tokio::join!(near, far);
            let near = near.map(drop).unwrap_err();
            assert!(matches!(near, TlsError::Protocol(Error::InvalidCertificate(_))), "{near}");
            assert_eq!(near.kind(), ErrorKind::InvalidData);
            let told = [AlertDescription::UnknownCA, AlertDescription::BadCertificate, AlertDescription::DecryptError];
            assert!(matches!(&far, Err(TlsError::Alert(alert)) if told.contains(alert)), "{far:?}");
            assert_eq!(pool.stats().rented, 0);
        });
    }
}

#[test]
fn what_is_no_tls_is_refused_at_once() {
    run(async {
        let options = PipeOptions::new(pool());
        for (said, why) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], InvalidMessage::InvalidContentType),
            (&[22, 3, 1, 0xff, 0xff, 1], InvalidMessage::MessageTooLarge),
            (&[22, 3, 1, 0, 0, 1], InvalidMessage::InvalidEmptyPayload),
        ] {
            let ((reader, writer), (mut from, mut to)) = pipes(&options);
            // Nothing follows, and nothing ends.
            to.write(said).unwrap();
            to.flush().await.unwrap();
            let acceptor = TlsAcceptor::new(CONFIGS.server.clone(), &options);
            let error = acceptor.accept(reader, writer).await.map(drop).unwrap_err();
            assert!(matches!(&error, TlsError::Protocol(Error::InvalidMessage(is)) if *is == why), "{error:?}");
            // An alert, fatal: decode_error.
            assert_eq!(read_to_end(&mut from).await, [21, 3, 3, 0, 2, 2, 50]);
        }
    });
}

#[test]
fn a_record_that_was_changed_is_refused() {
    for version in VERSIONS {
        run(async {
            let configs = Configs::new(&[version]);
            let pool = pool();
            let (mut ours, pump, mut peer) = server(&PipeOptions::new(&pool), &configs, usize::MAX).await;
            let pump = tokio::spawn(pump);
            peer.say(b"before").await;
            peer.tls.writer().write_all(b"changed").unwrap();
            let mut record = Vec::new();
            peer.tls.write_tls(&mut record).unwrap();
            *record.last_mut().unwrap() ^= 1;
            peer.push_raw(&record).await;
            assert_eq!(read(&mut ours.reader, 6).await, b"before");
            let error = aborted(&mut ours.reader).await;
            assert!(matches!(tls(&error), TlsError::Protocol(Error::DecryptError)), "{error}");
            let error = ours.writer.flush().await.unwrap_err();
            assert!(matches!(&error, FlushError::Closed(Some(why)) if matches!(tls(why), TlsError::Protocol(_))));
            assert!(matches!(pump.await.unwrap(), Err(TlsError::Protocol(Error::DecryptError))));
            let told = peer.pull().await.unwrap_err();
            assert_eq!(told, Error::AlertReceived(AlertDescription::BadRecordMac));
            drop((ours, peer));
            assert_eq!(pool.stats().rented, 0);
        });
    }
}

#[test]
fn a_peer_that_gives_up_says_why() {
    run(async {
        let (mut ours, pump, mut peer) = client(&PipeOptions::new(pool()), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        // The peer is sent a record of which it makes nothing, as if it came from here.
        let mut garbage = &[23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20][..];
        peer.tls.read_tls(&mut garbage).unwrap();
        peer.tls.process_new_packets().unwrap_err();
        peer.push().await;
        let error = aborted(&mut ours.reader).await;
        assert!(matches!(tls(&error), TlsError::Alert(AlertDescription::BadRecordMac)), "{error}");
        assert!(matches!(pump.await.unwrap(), Err(TlsError::Alert(AlertDescription::BadRecordMac))));
    });
}

#[test]
fn an_idle_session_holds_no_block() {
    run(async {
        let pool = pool();
        let (mut ours, pump, mut peer) = client(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        // It has had tickets, and nothing else.
        settle().await;
        assert_eq!(pool.stats().rented, 0);
        for _ in 0..3 {
            ours.writer.write(b"anything").unwrap();
            ours.writer.flush_release().await.unwrap();
            assert_eq!(peer.hear(8).await, b"anything");
            // The second finds the first still unread.
            for word in [b"some", b"more"] {
                peer.say(word).await;
                settle().await;
            }
            assert_eq!(read(&mut ours.reader, 8).await, b"somemore");
            // Both wait for more.
            assert!(ours.reader.try_read().unwrap().is_none());
            assert!(peer.from.try_read().unwrap().is_none());
            assert_eq!(pool.stats().rented, 0);
        }
        // The session goes on.
        assert!(!pump.is_finished());
        pump.abort();
    });
}

#[test]
fn a_reader_that_is_behind_holds_its_peer_back() {
    run(async {
        let pool = pool();
        let options = PipeOptions::builder(&pool).pause_threshold(32 << 10).resume_threshold(16 << 10).build().unwrap();
        let (mut ours, pump, mut peer) = client(&options, &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        let speaking = tokio::spawn(async move {
            peer.say(&body(2 << 20)).await;
            peer.end().await;
            peer
        });
        settle().await;
        assert!(!speaking.is_finished());
        // What either pipe may hold, and a record beyond that in each.
        assert!(ours.reader.unconsumed() < (32 << 10) + (16 << 10), "{}", ours.reader.unconsumed());
        assert!(pool.stats().rented <= 2 * (2 + 1 + 1), "{:?}", pool.stats());
        assert!(read_to_end(&mut ours.reader).await == body(2 << 20));

        let mut peer = speaking.await.unwrap();
        let speaking = tokio::spawn(async move {
            for piece in body(2 << 20).chunks(10_000) {
                ours.writer.write(piece).unwrap();
                ours.writer.flush().await.unwrap();
            }
            ours.writer.finish().unwrap();
        });
        settle().await;
        assert!(!speaking.is_finished());
        assert!(peer.from.unconsumed() < (32 << 10) + (64 << 10), "{}", peer.from.unconsumed());
        assert!(peer.hear(2 << 20).await == body(2 << 20));
        peer.hear_the_end().await;
        speaking.await.unwrap();
        pump.await.unwrap().unwrap();
        drop(peer);
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_reader_dropped_half_way_costs_the_writer_nothing() {
    run(async {
        let pool = pool();
        let (ours, pump, mut peer) = client(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        let (mut reader, mut writer) = (ours.reader, ours.writer);
        peer.say(&body(20_000)).await;
        assert!(read(&mut reader, 10_000).await == body(10_000));
        drop(reader);
        peer.say(&body(1 << 20)).await;
        writer.write(b"still here").unwrap();
        writer.finish().unwrap();
        assert_eq!(peer.hear(10).await, b"still here");
        peer.hear_the_end().await;
        peer.end().await;
        pump.await.unwrap().unwrap();
        drop((writer, peer));
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_writer_dropped_half_way_is_no_end() {
    run(async {
        let pool = pool();
        let (mut ours, pump, mut peer) = client(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        ours.writer.write(b"and then").unwrap();
        ours.writer.flush().await.unwrap();
        assert_eq!(peer.hear(8).await, b"and then");
        drop(ours.writer);
        let ended = pump.await.unwrap();
        assert!(matches!(&ended, Err(TlsError::Aborted(cause)) if cause.is::<WriterDropped>()), "{ended:?}");
        // No close_notify, but an abort of the ciphertext.
        assert!(matches!(tls(&aborted(&mut peer.from).await), TlsError::Aborted(_)));
        assert!(matches!(tls(&aborted(&mut ours.reader).await), TlsError::Aborted(_)));
        drop((ours.reader, peer));
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_session_whose_ends_are_gone_ends_though_the_peer_takes_nothing() {
    run(async {
        let pool = pool();
        let options = PipeOptions::builder(&pool).pause_threshold(4096).resume_threshold(1).build().unwrap();
        let (mut ours, pump, peer) = client(&options, &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        ours.writer.write(&body(100_000)).unwrap();
        settle().await;
        assert!(!pump.is_finished());
        drop(ours);
        let ended = pump.await.unwrap();
        assert!(matches!(ended, Err(TlsError::Aborted(_))), "{ended:?}");
        drop(peer);
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_peer_that_is_gone_is_an_error_of_both_ends() {
    run(async {
        let pool = pool();
        let (mut ours, pump, peer) = client(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        drop(peer);
        let error = aborted(&mut ours.reader).await;
        assert!(matches!(tls(&error), TlsError::Receive(_)), "{error}");
        ours.writer.closed().await;
        assert!(matches!(ours.writer.flush().await, Err(FlushError::Closed(Some(error))) if error.is::<TlsError>()));
        assert!(matches!(pump.await.unwrap(), Err(TlsError::Receive(_))));
    });
}

/// It has nothing to say, and so nothing that could fail.
#[test]
fn a_session_whose_ciphertext_nobody_reads_is_told_of_it_and_goes_on_listening() {
    run(async {
        let pool = pool();
        let (mut ours, pump, peer) = client(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        settle().await;
        let Peer { tls: mut peers, from, mut to, .. } = peer;
        drop(from);
        ours.writer.closed().await;
        let Err(FlushError::Closed(Some(error))) = ours.writer.flush().await else { panic!("flushed") };
        assert!(matches!(tls(&error), TlsError::Send(FlushError::Closed(None))), "{error}");
        peers.writer().write_all(b"still heard").unwrap();
        peers.send_close_notify();
        let mut records = Vec::new();
        while peers.wants_write() {
            peers.write_tls(&mut records).unwrap();
        }
        to.write(&records).unwrap();
        to.finish().unwrap();
        assert_eq!(read_to_end(&mut ours.reader).await, b"still heard");
        assert!(matches!(pump.await.unwrap(), Err(TlsError::Send(_))));
        drop((ours, to));
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_handshake_whose_ciphertext_nobody_reads_fails() {
    run(async {
        let options = PipeOptions::new(pool());
        let ((reader, writer), (from, to)) = pipes(&options);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &options);
        let (wakes, waker) = Wakes::new();
        let mut connecting = Box::pin(connector.connect(name(), reader, writer));
        assert!(poll_once(&waker, connecting.as_mut()).is_pending());
        drop(from);
        assert_eq!(wakes.count(), 1);
        let outcome = poll_once(&waker, connecting.as_mut()).map(Result::err);
        assert!(matches!(outcome, Poll::Ready(Some(TlsError::Send(FlushError::Closed(None))))));
        drop(to);
    });
}

#[test]
fn a_pump_that_is_dropped_is_no_end_either() {
    run(async {
        let pool = pool();
        let options = PipeOptions::builder(&pool).on_writer_drop(headpond_pipe::OnWriterDrop::Finish).build().unwrap();
        let (mut ours, pump, peer) = client(&options, &CONFIGS, usize::MAX).await;
        drop(pump);
        assert!(aborted(&mut ours.reader).await.is::<WriterDropped>());
        ours.writer.write(b"to nobody").unwrap_err();
        drop((ours, peer));
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn a_handshake_that_is_dropped_leaves_borrowed_ends_alone() {
    run(async {
        let options = PipeOptions::new(pool());
        let ((mut reader, mut writer), (mut from, mut to)) = pipes(&options);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &options);
        let mut connecting = Box::pin(connector.connect(name(), &mut reader, &mut writer));
        assert!(futures_lite::future::poll_once(&mut connecting).await.is_none());
        drop(connecting);
        assert_eq!(from.read().await.unwrap().buffer().to_vec()[..1], [22]);
        to.write(b"enough").unwrap();
        to.flush().await.unwrap();
        assert_eq!(reader.read().await.unwrap().buffer(), b"enough"[..]);
    });
}

#[test]
fn records_wait_for_memory() {
    run(async {
        // Two records' worth for the plaintext, of which the reader keeps one.
        let scarce = PoolOptions::new().block_size(18 * 1024).slab_blocks(1).max_bytes(2 * 18 * 1024).build().unwrap();
        let options = PipeOptions::new(Pool::new());
        let ((reader, writer), ends) = pipes(&options);
        let mut peer = server_peer(&CONFIGS, ends);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &PipeOptions::new(&scarce));
        let (ours, theirs) = tokio::join!(connector.connect(name(), reader, writer), peer.handshake());
        theirs.unwrap();
        let (mut ours, pump) = ours.unwrap();
        let pump = tokio::spawn(pump);
        let said = async {
            peer.say(&body(1 << 20)).await;
            peer.end().await;
        };
        let (heard, ()) = tokio::join!(read_to_end(&mut ours.reader), said);
        assert!(heard == body(1 << 20));
        assert_eq!(scarce.stats().peak_rented, 2);
        ours.writer.finish().unwrap();
        pump.await.unwrap().unwrap();
    });
}

#[test]
fn a_record_beyond_all_memory_is_an_error() {
    run(async {
        let scarce = PoolOptions::new().block_size(4096).slab_blocks(1).max_bytes(12 * 1024).build().unwrap();
        let options = PipeOptions::new(Pool::new());
        let ((reader, writer), ends) = pipes(&options);
        let mut peer = client_peer(&CONFIGS, ends);
        let acceptor = TlsAcceptor::new(CONFIGS.server.clone(), &PipeOptions::new(&scarce));
        let (ours, theirs) = tokio::join!(acceptor.accept(reader, writer), peer.handshake());
        theirs.unwrap();
        let (mut ours, pump) = ours.unwrap();
        let pump = tokio::spawn(pump);
        peer.say(&body(16 * 1024)).await;
        let error = aborted(&mut ours.reader).await;
        assert!(matches!(tls(&error), TlsError::Memory(PoolError::TooLarge { .. })), "{error}");
        assert_eq!(tls(&error).kind(), ErrorKind::OutOfMemory);
        assert!(matches!(pump.await.unwrap(), Err(TlsError::Memory(_))));
        drop(ours);
        assert_eq!(scarce.stats().rented, 0);
    });
}

#[test]
fn blocks_too_small_for_any_record_are_an_error() {
    run(async {
        let pool = PoolOptions::new().block_size(16).build().unwrap();
        let tiny = PipeOptions::builder(&pool).oversize(Oversize::Reject).build().unwrap();
        let ((reader, writer), ends) = pipes(&tiny);
        let mut peer = server_peer(&CONFIGS, ends);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &PipeOptions::new(&pool));
        let (ours, theirs) = tokio::join!(connector.connect(name(), reader, writer), peer.handshake());
        theirs.unwrap();
        let (mut ours, pump) = ours.unwrap();
        ours.writer.write(b"said").unwrap();
        ours.writer.finish().unwrap();
        peer.end().await;
        assert!(matches!(pump.await, Err(TlsError::Room(WriteError::Oversize { block_size: 16, .. }))));
    });
}

/// However much there is to be sent, and to whom it is no trouble: others get their turn.
#[test]
fn a_poll_sends_so_much_and_no_more() {
    run(async {
        let unpaused = PipeOptions::builder(pool()).pause_threshold(0).build().unwrap();
        let ((reader, writer), ends) = pipes(&unpaused);
        let mut peer = server_peer(&CONFIGS, ends);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &unpaused);
        let (ours, theirs) = tokio::join!(connector.connect(name(), reader, writer), peer.handshake());
        theirs.unwrap();
        let (mut ours, mut pump) = ours.unwrap();
        let said = body(4 << 20);
        ours.writer.write(&said).unwrap();
        ours.writer.finish().unwrap();
        let (wakes, waker) = Wakes::new();
        assert!(poll_once(&waker, Pin::new(&mut pump)).is_pending());
        assert!(wakes.count() > 0, "it comes again by itself");
        let sent = ours.writer.stats().consumed;
        assert!((64 << 10..=1 << 20).contains(&sent), "{sent} bytes in one poll");
        let pump = tokio::spawn(pump);
        assert!(peer.hear(said.len()).await == said);
        peer.hear_the_end().await;
        peer.end().await;
        pump.await.unwrap().unwrap();
    });
}
