//! Blocks and slices as the buffers of a completion-based runtime, over io_uring where the system has it.

use std::{pin::pin, task::Waker};

use compio::{
    buf::{BufResult, IntoInner, IoBuf, IoBufMut},
    driver::{DriverType, ProactorBuilder},
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Runtime, RuntimeBuilder, spawn},
};
use headpond_adapters::compio::{BlockBuf, SliceBuf};
use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    options,
    polling::{pattern, poll_once},
};

/// A runtime over either driver; that of io_uring, where the system lets us have it.
fn runtimes() -> impl Iterator<Item = Runtime> {
    [DriverType::IoUring, DriverType::Poll].into_iter().filter_map(|driver| {
        let mut proactor = ProactorBuilder::new();
        proactor.driver_type(driver);
        let runtime = match RuntimeBuilder::new().with_proactor(proactor).build() {
            Err(error) if driver == DriverType::IoUring => {
                eprintln!("no io_uring: {error}");
                return None;
            }
            runtime => runtime.unwrap(),
        };
        assert_eq!(runtime.driver_type(), driver);
        Some(runtime)
    })
}

async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}

/// Receives into blocks, which become the pipe's.
async fn receive(mut socket: &TcpStream, pool: &Pool, mut writer: Writer) {
    loop {
        let block = pool.rent_async(1).await.unwrap();
        let BufResult(received, buffer) = socket.read(BlockBuf::new(block)).await;
        if received.unwrap() == 0 {
            return writer.finish().unwrap();
        }
        writer.append(buffer.into_slice()).unwrap();
        writer.flush().await.unwrap();
    }
}

/// Sends all there is from where it lies, with one call as long as the socket takes it.
async fn send(mut socket: &TcpStream, mut reader: Reader) {
    loop {
        let view = reader.read().await.unwrap();
        let finished = view.is_finished();
        let slices: Vec<SliceBuf> = view.buffer().to_slices(..).map(SliceBuf::from).collect();
        if !slices.is_empty() {
            let BufResult(sent, slices) = socket.write_vectored_all(slices).await;
            sent.unwrap();
            drop(slices);
        }
        view.advance_all();
        if finished {
            return socket.shutdown().await.unwrap();
        }
    }
}

#[test]
fn an_echo_over_tcp_goes_through_a_pipe_in_blocks() {
    for runtime in runtimes() {
        let pool = PoolOptions::new().block_size(1024).build().unwrap();
        let options = PipeOptions::builder(&pool).pause_threshold(8192).build().unwrap();
        let sent = pattern(1 << 20);
        let received = runtime.block_on(async {
            let (mut client, server) = connected().await;
            let echo = spawn({
                let pool = pool.clone();
                async move {
                    let Pipe { writer, reader } = Pipe::new(&options);
                    futures_lite::future::zip(receive(&server, &pool, writer), send(&server, reader)).await;
                }
            });
            let sender = spawn({
                let (mut client, sent) = (client.clone(), sent.clone());
                async move {
                    client.write_all(sent).await.0.unwrap();
                    client.shutdown().await.unwrap();
                }
            });
            let mut received = Vec::new();
            let mut buffer = BlockBuf::new(pool.rent().unwrap());
            loop {
                buffer.clear();
                let BufResult(n, back) = client.read(buffer).await;
                buffer = back;
                if n.unwrap() == 0 {
                    break;
                }
                received.extend_from_slice(&buffer);
            }
            echo.await.unwrap();
            sender.await.unwrap();
            received
        });
        assert!(received == sent, "{} bytes of {}", received.len(), sent.len());
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn several_blocks_are_filled_by_one_read() {
    for runtime in runtimes() {
        let (pool, _) = options();
        runtime.block_on(async {
            let (mut client, mut server) = connected().await;
            client.write_all(pattern(100)).await.0.unwrap();
            let mut seen = Vec::new();
            while seen.len() < 100 {
                let blocks: Vec<BlockBuf> = (0..2).map(|_| pool.rent().unwrap().into()).collect();
                let BufResult(n, blocks) = server.read_vectored(blocks).await;
                assert!(n.unwrap() > 0);
                blocks.into_iter().for_each(|block| seen.extend_from_slice(&block.into_slice()));
            }
            assert_eq!(seen, pattern(100));
        });
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn an_operation_that_is_dropped_gives_its_block_back() {
    for runtime in runtimes() {
        let (pool, _) = options();
        runtime.block_on(async {
            let (mut client, mut server) = connected().await;
            {
                let read = pin!(server.read(BlockBuf::new(pool.rent().unwrap())));
                assert!(poll_once(Waker::noop(), read).is_pending());
            }
            // The system may have the block yet; the connection is none the worse.
            client.write_all("still here").await.0.unwrap();
            let BufResult(n, buffer) = server.read(BlockBuf::new(pool.rent().unwrap())).await;
            assert_eq!(n.unwrap(), 10);
            assert_eq!(&buffer[..], b"still here");
        });
        drop(runtime);
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn buffers_are_the_memory_they_stand_for() {
    let (pool, _) = options();
    let block = pool.rent().unwrap();
    let place = block.as_ptr();
    let mut buffer = BlockBuf::new(block);
    assert_eq!((buffer.buf_len(), buffer.buf_capacity()), (0, 64));
    assert_eq!(buffer.buf_mut_ptr().cast_const().cast(), place);
    buffer.extend_from_slice(b"filled").unwrap();
    assert!(buffer.extend_from_slice(&[0; 59]).is_err(), "a block does not grow");
    assert_eq!((&buffer[..], buffer.as_init().as_ptr()), (&b"filled"[..], place));
    buffer.clear();
    assert_eq!(buffer.buf_len(), 0);
    buffer.extend_from_slice(b"again").unwrap();
    let slice = buffer.into_slice();
    assert_eq!((&slice[..], slice.as_ptr()), (&b"again"[..], place));

    let buffer = SliceBuf::new(slice.slice(2..));
    assert_eq!((buffer.as_init(), buffer.buf_ptr()), (&b"ain"[..], place.wrapping_add(2)));
    assert_eq!(buffer.into_inner(), b"ain"[..]);
    drop(slice);
    assert_eq!(BlockBuf::new(pool.rent().unwrap()).into_inner().len(), 64);
    assert_eq!(pool.stats().rented, 0);
}
