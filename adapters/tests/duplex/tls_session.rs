//! Sessions between pipes against a peer that is driven by hand: what goes well.

use std::sync::Arc;

use headpond_adapters::rustls::{TlsAcceptor, TlsConnector};
use headpond_pipe::{Oversize, PipeOptions};
use headpond_pool::{Pool, PoolOptions};
use rustls::{HandshakeKind, ProtocolVersion};

use crate::{
    certificates::{self, CONFIGS, Configs, NAME, OWN, name},
    plan::body,
    tls_peer::{VERSIONS, client, client_peer, pipes, pool, read, read_to_end, run, server, server_peer, settle},
};

#[test]
fn records_may_come_byte_by_byte() {
    for version in VERSIONS {
        run(async {
            let (pool, configs) = (pool(), Configs::new(&[version]));
            let options = PipeOptions::new(&pool);
            let (mut ours, pump, mut peer) = client(&options, &configs, 1).await;
            let pump = tokio::spawn(pump);
            for len in [1, 5000, 16 * 1024, 20_000] {
                let said = body(len);
                let (heard, ()) = tokio::join!(read(&mut ours.reader, len), peer.say(&said));
                assert!(heard == said, "{version:?}: {len} bytes were changed");
            }
            ours.writer.finish().unwrap();
            peer.hear_the_end().await;
            peer.end().await;
            assert_eq!(read_to_end(&mut ours.reader).await, b"");
            pump.await.unwrap().unwrap();
            drop((ours, peer));
            assert_eq!(pool.stats().rented, 0);
        });
    }
}

#[test]
fn many_records_and_new_keys_may_come_at_once() {
    run(async {
        let pool = pool();
        let (mut ours, pump, mut peer) = server(&PipeOptions::new(&pool), &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        // Records of all lengths up to 300, and new keys, of which each side tells the other, in the middle.
        let mut said = Vec::new();
        for len in 0..300 {
            std::io::Write::write_all(&mut peer.tls.writer(), &body(len)).unwrap();
            said.extend(body(len));
            if len % 100 == 50 {
                peer.tls.refresh_traffic_keys().unwrap();
            }
        }
        peer.push().await;
        assert!(read(&mut ours.reader, said.len()).await == said);
        for len in [1, 3 << 20, 100] {
            ours.writer.write(&body(len)).unwrap();
            let (flushed, heard) = tokio::join!(ours.writer.flush(), peer.hear(len));
            flushed.unwrap();
            assert!(heard == body(len), "{len} bytes were changed");
        }
        ours.writer.finish().unwrap();
        peer.end().await;
        pump.await.unwrap().unwrap();
    });
}

#[test]
fn either_direction_may_end_first() {
    for version in VERSIONS {
        run(async {
            let configs = Configs::new(&[version]);
            let (mut ours, pump, mut peer) = client(&PipeOptions::new(pool()), &configs, usize::MAX).await;
            let pump = tokio::spawn(pump);
            ours.writer.write(b"that is all").unwrap();
            ours.writer.finish().unwrap();
            assert_eq!(peer.hear(11).await, b"that is all");
            peer.hear_the_end().await;
            let said = async {
                peer.say(&body(100_000)).await;
                peer.end().await;
            };
            let (heard, ()) = tokio::join!(read_to_end(&mut ours.reader), said);
            assert!(heard == body(100_000));
            pump.await.unwrap().unwrap();

            let (mut ours, pump, mut peer) = server(&PipeOptions::new(pool()), &configs, usize::MAX).await;
            let pump = tokio::spawn(pump);
            peer.say(b"so is this").await;
            peer.end().await;
            assert_eq!(read_to_end(&mut ours.reader).await, b"so is this");
            ours.writer.write(&body(100_000)).unwrap();
            ours.writer.finish().unwrap();
            assert!(peer.hear(100_000).await == body(100_000));
            peer.hear_the_end().await;
            pump.await.unwrap().unwrap();
        });
    }
}

#[test]
fn an_empty_write_sends_nothing_and_a_huge_one_everything() {
    run(async {
        let pool = pool();
        let options = PipeOptions::new(&pool);
        let (mut ours, pump, mut peer) = client(&options, &CONFIGS, usize::MAX).await;
        let pump = tokio::spawn(pump);
        settle().await;
        let before = peer.from.stats().flushed;
        ours.writer.write(b"").unwrap();
        ours.writer.flush().await.unwrap();
        settle().await;
        assert_eq!(peer.from.stats().flushed, before);

        let huge = body(10 << 20);
        ours.writer.write(&huge).unwrap();
        ours.writer.finish().unwrap();
        assert!(peer.hear(huge.len()).await == huge);
        peer.hear_the_end().await;
        peer.end().await;
        pump.await.unwrap().unwrap();
        drop((ours, peer));
        assert_eq!(pool.stats().rented, 0);
    });
}

#[test]
fn both_learn_what_was_agreed_upon() {
    run(async {
        let (mut client, mut server) = (certificates::client(&VERSIONS, &OWN), certificates::server(&VERSIONS));
        client.alpn_protocols = vec![b"pond/2".to_vec(), b"pond/1".to_vec()];
        server.alpn_protocols = vec![b"pond/1".to_vec()];
        let options = PipeOptions::new(Pool::new());
        let (connector, acceptor) = (TlsConnector::new(client, &options), TlsAcceptor::new(server, &options));
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let (near, far) = pipes(&options);
            let connecting = connector.connect(name(), near.0, near.1);
            let (near, far) = tokio::join!(connecting, acceptor.accept(far.0, far.1));
            let ((mut near, near_pump), (mut far, far_pump)) = (near.unwrap(), far.unwrap());
            for session in [&near.session, &far.session] {
                assert_eq!(session.version(), Some(ProtocolVersion::TLSv1_3));
                assert_eq!(session.alpn_protocol(), Some(&b"pond/1"[..]));
                assert_eq!(session.server_name(), Some(NAME));
                assert_eq!(session.kind(), Some(kind));
                assert!(session.cipher_suite().is_some());
            }
            assert_eq!(near.session.peer_certificates(), [OWN.cert.der().clone()]);
            assert!(far.session.peer_certificates().is_empty());
            // With the tickets that the server sends behind the handshake the client resumes the session.
            near.writer.finish().unwrap();
            far.writer.finish().unwrap();
            let (near, far) = tokio::join!(near_pump, far_pump);
            near.unwrap();
            far.unwrap();
        }
    });
}

#[test]
fn a_message_may_take_many_records() {
    for version in VERSIONS {
        run(async {
            let mut chain = vec![OWN.cert.der().clone()];
            chain.extend(std::iter::repeat_n(OWN.cert.der().clone(), 120));
            assert!((33_000..60_000).contains(&chain.iter().map(|one| one.len()).sum::<usize>()));
            let mut server = certificates::server_by(&[version], chain);
            // The longest, and some shorter ones.
            for most in [None, Some(1000), Some(64)] {
                server.max_fragment_size = most;
                let client = Arc::new(certificates::client(&[version], &OWN));
                let configs = Configs { client, server: Arc::new(server.clone()) };
                let pool = pool();
                let (ours, pump, peer) = super::tls_peer::client(&PipeOptions::new(&pool), &configs, usize::MAX).await;
                assert_eq!(ours.session.peer_certificates().len(), 121);
                drop((ours, pump, peer));
                assert_eq!(pool.stats().rented, 0);
            }
        });
    }
}

#[test]
fn early_data_is_refused_and_sent_again() {
    run(async {
        let (mut client, mut server) = (certificates::client(&VERSIONS, &OWN), certificates::server(&VERSIONS));
        client.enable_early_data = true;
        server.max_early_data_size = 1000;
        let configs = Configs { client: Arc::new(client), server: Arc::new(server) };
        let options = PipeOptions::new(pool());
        // A ticket that permits it, of a server that is not ours.
        let (near, far) = pipes(&options);
        let (mut permitted, mut peer) = (client_peer(&configs, near), server_peer(&configs, far));
        let (near, far) = tokio::join!(permitted.handshake(), peer.handshake());
        near.unwrap();
        far.unwrap();
        permitted.pull().await.unwrap();

        let (near, far) = pipes(&options);
        let mut peer = client_peer(&configs, far);
        let rustls::Connection::Client(early) = &mut peer.tls else { unreachable!() };
        std::io::Write::write_all(&mut early.early_data().expect("a ticket"), b"too early").unwrap();
        let acceptor = TlsAcceptor::new(configs.server.clone(), &options);
        let (ours, theirs) = tokio::join!(acceptor.accept(near.0, near.1), peer.handshake());
        theirs.unwrap();
        let (mut ours, pump) = ours.unwrap();
        let rustls::Connection::Client(early) = &peer.tls else { unreachable!() };
        assert!(!early.is_early_data_accepted());
        let pump = tokio::spawn(pump);
        peer.say(b"in time").await;
        peer.end().await;
        ours.writer.finish().unwrap();
        assert_eq!(read_to_end(&mut ours.reader).await, b"in time");
        pump.await.unwrap().unwrap();
    });
}

#[test]
fn where_blocks_are_small_so_are_records() {
    run(async {
        let pool = PoolOptions::new().block_size(64).build().unwrap();
        let small = PipeOptions::builder(&pool).oversize(Oversize::Reject).build().unwrap();
        let ((reader, writer), ends) = pipes(&small);
        let mut peer = server_peer(&CONFIGS, ends);
        let connector = TlsConnector::new(CONFIGS.client.clone(), &PipeOptions::new(&pool));
        let (ours, theirs) = tokio::join!(connector.connect(name(), reader, writer), peer.handshake());
        theirs.unwrap();
        let (mut ours, pump) = ours.unwrap();
        let pump = tokio::spawn(pump);
        ours.writer.write(&body(5000)).unwrap();
        ours.writer.finish().unwrap();
        assert!(peer.hear(5000).await == body(5000));
        peer.hear_the_end().await;
        peer.end().await;
        pump.await.unwrap().unwrap();
    });
}
