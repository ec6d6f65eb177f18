//! Connections over real sockets: what their ends say to each other, and what becomes of them when something goes wrong.

#[path = "../streams/drain.rs"]
mod drain;
mod elsewhere;
mod endings;
mod memory;
#[expect(dead_code, reason = "some of it serves the other tests only")]
#[path = "../streams/polling.rs"]
mod polling;
mod resets;
mod scripted;
mod serving;
mod storm;
mod talk;

use std::{future::Future, io};

use headpond_adapters::tokio::TcpConnection;
use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions, SharedError};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
};

pub(crate) use self::drain::drain;

pub(crate) fn pool() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().slab_blocks(4).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// With a clock that jumps ahead whenever there is nothing to do but wait for it.
pub(crate) fn block_on_paused<F: Future>(future: F) -> F::Output {
    runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(future)
}

/// Two sockets that are connected to each other.
pub(crate) async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    (client.unwrap(), accepted.unwrap().0)
}

/// A connection, and a bare socket as its peer.
pub(crate) async fn connection(options: &PipeOptions) -> (TcpConnection, TcpStream) {
    let (ours, peer) = sockets().await;
    (TcpConnection::new(ours, options), peer)
}

pub(crate) fn kind(error: &SharedError) -> io::ErrorKind {
    error.downcast_ref::<io::Error>().unwrap().kind()
}

/// Lets every other task run until a condition holds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..2_000_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the others had every chance");
}
