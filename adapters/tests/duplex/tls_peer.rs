//! A peer whose every byte is the test's to decide: rustls' buffered connection, driven by hand over the ends of two pipes.

use std::{
    future::Future,
    io::{Read, Write},
    time::Duration,
};

use headpond_adapters::rustls::{TlsAcceptor, TlsConnection, TlsConnector, TlsPump};
use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Pool, PoolOptions};
use rustls::{ClientConnection, Connection, ServerConnection, SupportedProtocolVersion};
use tokio::{runtime::Builder, task::yield_now, time::timeout};

use crate::certificates::{Configs, name};

/// Either version.
pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

/// Runs a test in one thread, where a clock that stands still unless nothing can move tells that nothing does.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let ended = runtime.block_on(async { timeout(Duration::from_secs(3600), test).await });
    ended.expect("nothing moves any more");
}

/// Has all tasks do what they can.
pub(crate) async fn settle() {
    for _ in 0..200 {
        yield_now().await;
    }
}

/// A pool of blocks that hold a record.
pub(crate) fn pool() -> Pool {
    PoolOptions::new().block_size(18 * 1024).slab_blocks(4).build().unwrap()
}

/// The peer.
pub(crate) struct Peer {
    pub(crate) tls: Connection,
    pub(crate) from: Reader,
    pub(crate) to: Writer,
    /// How many bytes are flushed at once.
    pub(crate) piece: usize,
    /// What was received, and whether that is all.
    heard: Vec<u8>,
    ended: bool,
}

impl Peer {
    /// Has everything out that is to be sent.
    pub(crate) async fn push(&mut self) {
        let mut out = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut out).unwrap();
        }
        self.push_raw(&out).await;
    }

    pub(crate) async fn push_raw(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(self.piece) {
            self.to.write(piece).unwrap();
            self.to.flush().await.unwrap();
        }
        self.to.release();
    }

    /// Takes what there is, and waits for some. `false` at the end of the ciphertext.
    pub(crate) async fn pull(&mut self) -> Result<bool, rustls::Error> {
        let view = self.from.read().await.unwrap();
        let (bytes, ended, end) = (view.buffer().to_vec(), view.is_finished(), view.buffer().end());
        view.advance(end);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            self.tls.read_tls(&mut rest).unwrap();
            let state = self.tls.process_new_packets()?;
            let at = self.heard.len();
            self.heard.resize(at + state.plaintext_bytes_to_read(), 0);
            self.tls.reader().read_exact(&mut self.heard[at..]).unwrap();
            self.ended |= state.peer_has_closed();
        }
        Ok(!ended)
    }

    /// Comes to terms.
    pub(crate) async fn handshake(&mut self) -> Result<(), rustls::Error> {
        self.push().await;
        while self.tls.is_handshaking() {
            let outcome = self.pull().await;
            self.push().await;
            outcome?;
        }
        Ok(())
    }

    /// Sends data, in records that are as long as may be.
    pub(crate) async fn say(&mut self, data: &[u8]) {
        for piece in data.chunks(16 * 1024) {
            self.tls.writer().write_all(piece).unwrap();
            self.push().await;
        }
    }

    /// Receives so many bytes.
    pub(crate) async fn hear(&mut self, len: usize) -> Vec<u8> {
        while self.heard.len() < len {
            let more = self.pull().await.unwrap();
            assert!(more || self.heard.len() >= len, "the end after {} bytes of {len}", self.heard.len());
        }
        self.heard.drain(..len).collect()
    }

    /// Waits for the other side's word that it has ended.
    pub(crate) async fn hear_the_end(&mut self) {
        while !self.ended {
            assert!(self.pull().await.unwrap() || self.ended, "an end without a word");
        }
        assert_eq!(self.heard, b"");
    }

    /// Says that it has ended, and ends the ciphertext.
    pub(crate) async fn end(&mut self) {
        self.tls.send_close_notify();
        self.push().await;
        self.to.finish().unwrap();
    }
}

/// The ends of two pipes: those of the one that is tested, and those of its peer.
pub(crate) fn pipes(options: &PipeOptions) -> ((Reader, Writer), (Reader, Writer)) {
    let (there, back) = (Pipe::new(options), Pipe::new(options));
    ((back.reader, there.writer), (there.reader, back.writer))
}

/// A server that is still to be spoken to.
pub(crate) fn server_peer(configs: &Configs, (from, to): (Reader, Writer)) -> Peer {
    let tls = Connection::Server(ServerConnection::new(configs.server.clone()).unwrap());
    Peer { tls, from, to, piece: usize::MAX, heard: Vec::new(), ended: false }
}

/// A client that has not yet spoken.
pub(crate) fn client_peer(configs: &Configs, (from, to): (Reader, Writer)) -> Peer {
    let tls = Connection::Client(ClientConnection::new(configs.client.clone(), name()).unwrap());
    Peer { tls, from, to, piece: usize::MAX, heard: Vec::new(), ended: false }
}

/// A client of a peer, both having come to terms; and what drives it.
pub(crate) async fn client(options: &PipeOptions, configs: &Configs, piece: usize) -> (TlsConnection, TlsPump, Peer) {
    let ((reader, writer), ends) = pipes(options);
    let mut peer = server_peer(configs, ends);
    peer.piece = piece;
    let connector = TlsConnector::new(configs.client.clone(), options);
    let (ours, theirs) = tokio::join!(connector.connect(name(), reader, writer), peer.handshake());
    theirs.unwrap();
    let (connection, pump) = ours.unwrap();
    (connection, pump, peer)
}

/// A server of a peer, both having come to terms; and what drives it.
pub(crate) async fn server(options: &PipeOptions, configs: &Configs, piece: usize) -> (TlsConnection, TlsPump, Peer) {
    let ((reader, writer), ends) = pipes(options);
    let mut peer = client_peer(configs, ends);
    peer.piece = piece;
    let acceptor = TlsAcceptor::new(configs.server.clone(), options);
    let (ours, theirs) = tokio::join!(acceptor.accept(reader, writer), peer.handshake());
    theirs.unwrap();
    let (connection, pump) = ours.unwrap();
    (connection, pump, peer)
}

/// Reads so many bytes.
pub(crate) async fn read(reader: &mut Reader, len: usize) -> Vec<u8> {
    let view = reader.read_at_least(len).await.unwrap();
    let end = view.buffer().start() + len;
    let bytes = view.buffer().slice(..end).to_vec();
    view.advance(end);
    bytes
}

/// Reads up to the end, which is a clean one.
pub(crate) async fn read_to_end(reader: &mut Reader) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let view = reader.read().await.unwrap();
        bytes.extend(view.buffer().to_vec());
        let (ended, end) = (view.is_finished(), view.buffer().end());
        view.advance(end);
        if ended {
            return bytes;
        }
    }
}
