//! The example's server, on a thread of this process.

use std::{
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread::{self, JoinHandle},
};

use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};
use tokio::{runtime, sync::oneshot, task::LocalSet};

use crate::redis_server::server::Server;

/// A server that stops when it is dropped, and then holds no block.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) pool: Pool,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Starts it, over blocks of 256 bytes: most replies go over their ends.
    pub(crate) fn start() -> Self {
        Self::with_password(None)
    }

    /// As [`start`](Self::start), and asks for a password.
    pub(crate) fn with_password(password: Option<&str>) -> Self {
        let password = password.map(|password| password.as_bytes().to_vec());
        let pool = PoolOptions::new().block_size(256).slab_blocks(8).build().unwrap();
        let options = PipeOptions::builder(&pool).max_unconsumed(None).build().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, async {
                let server = Server::bind("127.0.0.1:0", &options, password).await.unwrap();
                listening.send(server.address()).unwrap();
                tokio::select! {
                    () = server.serve() => {}
                    _ = stopped => {}
                }
            });
        });
        let address = address.recv().unwrap();
        Self { address, pool, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the server panicked");
            assert_eq!(self.pool.stats().rented, 0);
        }
    }
}
