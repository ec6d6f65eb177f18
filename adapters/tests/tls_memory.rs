//! What a session costs: blocks, copies and allocations, counted. Alone in its binary, since the counting allocator is
//! everybody's.

#[expect(dead_code, reason = "other tests need more of them")]
#[path = "duplex/certificates.rs"]
mod certificates;

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Waker},
};

use allocation_counter::measure;
use futures_lite::future::{block_on, zip};
use headpond_adapters::rustls::{TlsAcceptor, TlsConnection, TlsConnector, TlsPump};
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions, PoolStats};
use rustls::SupportedProtocolVersion;

use crate::certificates::{Configs, name};

/// As much as one record holds.
const DATA: usize = 16 * 1024;

const RECORDS: usize = 20;

/// What a client says to a server, and whose memory it is in.
struct Conversation {
    client: (TlsConnection, TlsPump),
    server: (TlsConnection, TlsPump),
    said: Pool,
    sent: Pool,
    heard: Pool,
}

impl Conversation {
    fn new(version: &'static SupportedProtocolVersion) -> Self {
        let pool = || PoolOptions::new().block_size(18 * 1024).slab_blocks(4).build().unwrap();
        let (said, sent, heard) = (pool(), pool(), pool());
        let options = PipeOptions::new(&sent);
        let (there, back) = (Pipe::new(&options), Pipe::new(&options));
        let configs = Configs::new(&[version]);
        let connector = TlsConnector::new(configs.client, &PipeOptions::new(&said));
        let acceptor = TlsAcceptor::new(configs.server, &PipeOptions::new(&heard));
        let connecting = connector.connect(name(), back.reader, there.writer);
        let (client, server) = block_on(zip(connecting, acceptor.accept(there.reader, back.writer)));
        let mut this = Self { client: client.unwrap(), server: server.unwrap(), said, sent, heard };
        // The tickets of TLS 1.3.
        this.receive();
        this.send();
        // The pipes allocate the first elements of their lists.
        this.say(DATA, 0);
        this.send();
        this.receive();
        assert_eq!(this.hear().1, [0; DATA]);
        assert_eq!([&this.said, &this.sent, &this.heard].map(|pool| pool.stats().rented), [0; 3]);
        this
    }

    /// Has the client say something of so many bytes, which are written where they are.
    fn say(&mut self, len: usize, byte: u8) {
        let mut memory = self.client.0.writer.reserve(len).unwrap();
        memory[..len].fill(byte);
        memory.advance(len);
        block_on(self.client.0.writer.flush_release()).unwrap();
    }

    /// Has the client's pump do what it can.
    fn send(&mut self) {
        assert!(poll(&mut self.client.1));
    }

    /// Has the server's pump do what it can.
    fn receive(&mut self) {
        assert!(poll(&mut self.server.1));
    }

    /// What the server's reader has, and where it begins.
    fn hear(&mut self) -> (usize, Vec<u8>) {
        let view = self.server.0.reader.try_read().unwrap().unwrap();
        let (place, heard) = (view.buffer().first_chunk().as_ptr() as usize, view.buffer().to_vec());
        let end = view.buffer().end();
        view.advance(end);
        (place, heard)
    }
}

/// Whether it goes on.
fn poll(pump: &mut TlsPump) -> bool {
    Pin::new(pump).poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

fn rents(stats: &PoolStats) -> u64 {
    stats.served_by_cache + stats.served_by_depot + stats.served_by_system + stats.served_dedicated
}

#[test]
fn a_record_takes_one_block_and_one_copy_in_and_no_copy_out() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut talk = Conversation::new(version);
        let before = [&talk.said, &talk.sent, &talk.heard].map(|pool| rents(&pool.stats()));
        for i in 0..RECORDS {
            talk.say(DATA, i as u8);
            let out = measure(|| talk.send());
            // The one allocation is rustls', in which it encrypts before it copies. Nothing else of that size is there but the
            // block of the ciphertext, which takes no more than this record.
            assert_eq!(out.count_total, 1, "{out:?}");
            assert!((DATA as u64..DATA as u64 + 64).contains(&out.bytes_total), "{out:?}");
            assert_eq!([&talk.said, &talk.sent, &talk.heard].map(|pool| pool.stats().rented), [0, 1, 0]);

            let within = measure(|| talk.receive());
            // Again rustls', which keeps a copy of what it has decrypted until it is asked for; and the reference to that.
            assert!((1..=2).contains(&within.count_total), "{within:?}");
            assert!((DATA as u64..DATA as u64 + 1024).contains(&within.bytes_total), "{within:?}");
            assert_eq!([&talk.said, &talk.sent, &talk.heard].map(|pool| pool.stats().rented), [0, 0, 1]);

            let (place, heard) = talk.hear();
            assert_eq!(heard, [i as u8; DATA]);
            // It lies where the record was copied to, behind its header: blocks begin at multiples of 64.
            assert!([5, 13].contains(&(place % 64)), "{place}");
        }
        let after = [&talk.said, &talk.sent, &talk.heard].map(|pool| rents(&pool.stats()));
        assert_eq!([0, 1, 2].map(|i| after[i] - before[i]), [RECORDS as u64; 3], "one each of a record");
        assert_eq!(talk.heard.stats().peak_rented, 1);
        assert_eq!([&talk.said, &talk.sent, &talk.heard].map(|pool| pool.stats().rented), [0; 3]);
    }
}

#[test]
fn short_records_that_wait_share_a_block() {
    let mut talk = Conversation::new(&rustls::version::TLS13);
    for i in 0..100 {
        talk.say(10, i);
        talk.send();
        talk.receive();
    }
    // The first, which nothing waited before, and those behind it.
    assert_eq!(talk.heard.stats().rented, 2);
    assert_eq!(talk.hear().1, (0..100).flat_map(|i| [i; 10]).collect::<Vec<u8>>());
    assert!(talk.server.0.reader.try_read().unwrap().is_none());
    assert_eq!(talk.heard.stats().rented, 0);
}
