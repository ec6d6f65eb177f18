//! What goes over a connection in good times.

use std::path::Path;

use headpond_adapters::{
    tokio::{TcpConnection, TcpConnector, UnixAcceptor, UnixConnection, UnixConnector},
    transport::{Connector, Listener, Peer, Traffic},
};
use headpond_pipe::PipeOptions;
use headpond_pool::PoolOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{block_on, connection, drain, polling::pattern, pool, sockets, until};

/// Both directions at the same time, in pieces of every size, far beyond what the pipes and the kernel hold.
#[test]
fn megabytes_go_both_ways_at_once() {
    let (pool, options) = pool();
    let bytes = pattern(3 << 20);
    block_on(async {
        let (a, b) = sockets().await;
        let (mut a, mut b) = (TcpConnection::new(a, &options), TcpConnection::new(b, &options));
        let send = async |writer: &mut headpond_pipe::Writer, sizes: &[usize]| {
            let (mut rest, mut sizes) = (&bytes[..], sizes.iter().cycle());
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
                writer.write(piece).unwrap();
                writer.flush().await.unwrap();
                rest = behind;
            }
            writer.finish().unwrap();
        };
        let (_, _, there, back) = tokio::join!(
            send(&mut a.writer, &[1, 4095, 4096, 4097, 100_000]),
            send(&mut b.writer, &[70_000, 3, 8192]),
            drain(&mut b.reader),
            drain(&mut a.reader),
        );
        assert!(there.0 == bytes && back.0 == bytes, "{} {}", there.0.len(), back.0.len());
        assert!(there.1.is_none() && back.1.is_none());
        let (a, b) = tokio::join!(a.finish(), b.finish());
        let all = Traffic::new(3 << 20, 3 << 20);
        assert_eq!((a.unwrap(), b.unwrap()), (all, all));
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_peer_that_has_said_all_can_still_listen() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        peer.write_all(b"question").await.unwrap();
        peer.shutdown().await.unwrap();
        assert_eq!(drain(&mut ours.reader).await.0, b"question");
        // The end of its stream is behind us, and the other direction as open as ever.
        ours.writer.write(&pattern(200_000)).unwrap();
        ours.writer.flush().await.unwrap();
        ours.writer.write(b"the end").unwrap();
        ours.writer.finish().unwrap();
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, [&pattern(200_000)[..], b"the end"].concat());
        assert_eq!(ours.finish().await.unwrap(), Traffic::new(8, 200_007));
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_writer_that_has_finished_can_still_read() {
    let (_, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        ours.writer.write(b"question").unwrap();
        ours.writer.finish().unwrap();
        let mut question = Vec::new();
        peer.read_to_end(&mut question).await.unwrap();
        assert_eq!(question, b"question");
        peer.write_all(&pattern(200_000)).await.unwrap();
        drop(peer);
        let (answer, error) = drain(&mut ours.reader).await;
        assert!(answer == pattern(200_000) && error.is_none());
        ours.finish().await.unwrap();
    });
}

#[test]
fn an_idle_connection_holds_no_block() {
    let (pool, options) = pool();
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        for _ in 0..3 {
            peer.write_all(b"ping").await.unwrap();
            let view = ours.reader.read_at_least(4).await.unwrap();
            view.advance_all();
            ours.writer.write(b"pong").unwrap();
            ours.writer.flush_release().await.unwrap();
            let mut pong = [0; 4];
            peer.read_exact(&mut pong).await.unwrap();
            until(|| pool.stats().rented == 0).await;
        }
        assert_eq!(ours.peer(), &Peer::Internet(peer.local_addr().unwrap()));
    });
}

/// The pumps need no task of their own.
#[test]
fn pumps_can_be_driven_beside_the_conversation() {
    let (_, options) = pool();
    block_on(async {
        let (ours, mut peer) = sockets().await;
        let (mut connection, pumps) = TcpConnection::unspawned(ours, &options);
        let speaking = async {
            assert_eq!(connection.reader.read().await.unwrap().buffer(), "hello");
            connection.writer.write(b"good-bye").unwrap();
            connection.writer.finish().unwrap();
            connection.reader.close();
        };
        let listening = async {
            peer.write_all(b"hello").await.unwrap();
            let mut answer = String::new();
            peer.read_to_string(&mut answer).await.unwrap();
            drop(peer);
            answer
        };
        let ((), answer, traffic) = tokio::join!(speaking, listening, pumps);
        assert_eq!(answer, "good-bye");
        assert_eq!(traffic.unwrap(), Traffic::new(5, 8));
    });
}

/// Ends that were moved out keep the connection alive.
#[test]
fn the_ends_may_part() {
    let (_, options) = pool();
    block_on(async {
        let (ours, mut peer) = connection(&options).await;
        let TcpConnection { mut reader, mut writer, .. } = ours;
        let echo = tokio::spawn(async move {
            reader.copy_to(&mut writer).await.unwrap();
            writer.finish().unwrap();
        });
        peer.write_all(&pattern(100_000)).await.unwrap();
        peer.shutdown().await.unwrap();
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, pattern(100_000));
        echo.await.unwrap();
    });
}

#[test]
fn a_connector_connects_again_and_again() {
    let (_, options) = pool();
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector: Box<dyn Connector> = Box::new(TcpConnector::new(listener.local_addr().unwrap(), &options));
        for _ in 0..2 {
            let (mut connection, pumps) = connector.connect().await.unwrap();
            let pumps = tokio::spawn(pumps);
            let (mut peer, _) = listener.accept().await.unwrap();
            connection.writer.write(b"again").unwrap();
            connection.writer.finish().unwrap();
            let mut heard = String::new();
            peer.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "again");
            drop(peer);
            assert!(connection.reader.read().await.unwrap().is_finished());
            assert!(pumps.await.unwrap().is_ok());
        }
        drop(listener);
        assert!(connector.connect().await.is_err());
    });
}

#[test]
fn sockets_in_the_file_system_speak_both_ways_and_half_close() {
    let (pool, options) = pool();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("talk-{}.socket", std::process::id()));
    let _ = std::fs::remove_file(&path);
    block_on(async {
        let mut acceptor = UnixAcceptor::bind(&path, &options).unwrap();
        assert_eq!(acceptor.local_addr().unwrap().as_pathname(), Some(&*path));
        let mut client = UnixConnection::connect(&path, &options).await.unwrap();
        assert_eq!(client.peer(), &Peer::Unix(Some(path.clone())));
        let (mut server, pumps) = acceptor.accept().await.unwrap();
        assert_eq!(server.peer(), &Peer::Unix(None));
        let pumps = tokio::spawn(pumps);
        let asking = async {
            for piece in pattern(500_000).chunks(9999) {
                client.writer.write(piece).unwrap();
                client.writer.flush().await.unwrap();
            }
            client.writer.finish().unwrap();
            drain(&mut client.reader).await
        };
        let answering = async {
            let question = drain(&mut server.reader).await;
            server.writer.write(&question.0).unwrap();
            server.writer.finish().unwrap();
        };
        let ((answer, error), ()) = tokio::join!(asking, answering);
        assert!(answer == pattern(500_000) && error.is_none());
        client.finish().await.unwrap();
        assert_eq!(pumps.await.unwrap().unwrap(), Traffic::new(500_000, 500_000));
        let connector = UnixConnector::new(&path, &options);
        let (connected, accepted) = tokio::join!(connector.connect(), acceptor.accept());
        assert_eq!(connected.unwrap().0.peer(), &Peer::Unix(Some(path.clone())));
        assert!(accepted.is_ok());
    });
    std::fs::remove_file(&path).unwrap();
    assert_eq!(pool.stats().rented, 0);
}

/// More connections than the budget has blocks for, all of which want to speak at once.
#[test]
fn a_spent_pool_is_waited_for() {
    let pool = PoolOptions::new().block_size(1024).slab_blocks(1).max_bytes(8 * 1024).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(1024).resume_threshold(1024).build().unwrap();
    block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let (mut ours, mut peer) = connection(&options).await;
            tasks.push(tokio::spawn(async move {
                let sending = async {
                    peer.write_all(&pattern(50_000)).await.unwrap();
                    peer.shutdown().await.unwrap();
                    let mut end = Vec::new();
                    peer.read_to_end(&mut end).await.unwrap();
                };
                let receiving = async {
                    let (bytes, error) = drain(&mut ours.reader).await;
                    assert!(bytes == pattern(50_000) && error.is_none());
                    ours.finish().await.unwrap();
                };
                tokio::join!(sending, receiving);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(pool.stats().rented, 0);
    assert!(pool.stats().peak_system_bytes <= 8 * 1024);
}
