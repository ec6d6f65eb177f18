//! A server whose sockets, tasks and time are smol's.

use std::{io, sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use headpond_adapters::{
    futures_io::connection,
    transport::{Connection, Listener, Pumps, Runtime, Server, Task},
};
use headpond_pipe::PipeOptions;
use smol::{
    Timer,
    future::zip,
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    polling::pattern,
    pool,
    scripted::{ECHO, FAIL, NEVER, Script, noted},
};

struct SmolAcceptor(TcpListener, PipeOptions);

#[async_trait]
impl Listener for SmolAcceptor {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        let (stream, peer) = self.0.accept().await?;
        Ok(connection(stream, peer.into(), &self.1))
    }
}

struct Smol;

impl Runtime for Smol {
    fn spawn(&self, task: Task) {
        smol::spawn(task).detach();
    }

    fn sleep(&self, duration: Duration) -> Task {
        Box::pin(async move { _ = Timer::after(duration).await })
    }
}

#[test]
fn everything_is_as_over_tokio() {
    let (pool, options) = pool();
    smol::block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Script::default();
        let (server, reports) = noted(Server::new(SmolAcceptor(listener, options), script.clone(), Smol).limit(2));
        let stopper = server.stopper();
        let serving = smol::spawn(server.serve());

        let mut clients = Vec::new();
        for command in [ECHO, FAIL, NEVER] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(&[command]).await.unwrap();
            clients.push(client);
        }
        let mut writer = clients[0].clone();
        let saying = async {
            writer.write_all(&pattern(1 << 20)).await.unwrap();
            writer.close().await.unwrap();
        };
        let mut echo = Vec::new();
        let ((), heard) = zip(saying, clients[0].read_to_end(&mut echo)).await;
        heard.unwrap();
        assert!(echo == pattern(1 << 20), "{} bytes", echo.len());
        drop(writer);
        clients.remove(0);
        // The one that fails makes room for the last.
        assert_eq!(clients[0].read_to_end(&mut Vec::new()).await.unwrap_or(0), 0);
        clients.remove(0);
        while script.handled.load(Ordering::SeqCst) != 2 || script.inside() != 1 || stopper.active() != 1 {
            smol::future::yield_now().await;
        }
        stopper.stop_within(Duration::ZERO).await;
        assert_eq!(serving.await, 3);
        let texts: Vec<_> = reports.lock().unwrap().drain(..).map(|(_, text)| text).collect();
        assert_eq!(texts, ["the handler failed: no", "the server was stopped before the connection was over"]);
    });
    assert_eq!(pool.stats().rented, 0);
}
