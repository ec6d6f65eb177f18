//! How many records small writes become.

use futures_lite::future::zip;
use headpond_adapters::{
    Duplex,
    rustls::{TlsAcceptor, TlsConnector},
};
use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Pool, PoolOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::certificates::{CONFIGS, name};

/// Relays records, and counts those of data.
async fn relay(mut from: Reader, mut to: Writer) -> usize {
    let mut records = 0;
    loop {
        let Ok(view) = from.read_at_least(5).await else { return records };
        let head = view.buffer().to_vec();
        let Some(&[kind, _, _, high, low]) = head.first_chunk::<5>() else {
            to.finish().unwrap();
            return records;
        };
        let start = view.buffer().start();
        view.need_more(start);
        let len = 5 + usize::from(u16::from_be_bytes([high, low]));
        records += usize::from(kind == 23);
        let Ok(view) = from.read_at_least(len).await else { return records };
        let end = view.buffer().start() + len;
        to.write(&view.buffer().slice(..end).to_vec()).unwrap();
        view.advance(end);
        if to.flush().await.is_err() {
            return records;
        }
    }
}

/// A client that writes many small pieces, and waits for an answer after each lot, over pumps that run whenever they can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_writes_that_nobody_flushes_are_one_record() {
    let pool = PoolOptions::new().block_size(18 * 1024).build().unwrap();
    let options = PipeOptions::new(&pool);
    let (near, middle, back) = (Pipe::new(&options), Pipe::new(&options), Pipe::new(&options));
    let counting = tokio::spawn(relay(near.reader, middle.writer));
    let connector = TlsConnector::new(CONFIGS.client.clone(), &options);
    let acceptor = TlsAcceptor::new(CONFIGS.server.clone(), &PipeOptions::new(Pool::new()));
    let (client, server) =
        zip(connector.connect(name(), back.reader, near.writer), acceptor.accept(middle.reader, back.writer)).await;
    let ((client, of_client), (server, of_server)) = (client.unwrap(), server.unwrap());
    let pumps = [tokio::spawn(of_client), tokio::spawn(of_server)];
    let serving = tokio::spawn(async move {
        let mut server = server.into_duplex();
        for _ in 0..3 {
            server.read_exact(&mut [0; 3000]).await.unwrap();
            server.write_all(b"!").await.unwrap();
        }
        server.shutdown().await.unwrap();
    });
    let mut client: Duplex = client.into_duplex();
    for _ in 0..3 {
        for _ in 0..1000 {
            client.write_all(b"abc").await.unwrap();
            tokio::task::yield_now().await;
        }
        client.read_exact(&mut [0; 1]).await.unwrap();
    }
    client.shutdown().await.unwrap();
    serving.await.unwrap();
    for pump in pumps {
        pump.await.unwrap().unwrap();
    }
    // The client's part of the handshake ends with a record of this kind, and so does what ends the session.
    assert_eq!(counting.await.unwrap(), 2 + 3);
}
