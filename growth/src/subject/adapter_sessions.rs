//! TLS sessions and servers.

use std::{
    future::Future,
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use anyhow::{Result, ensure};
use headpond_adapters::{
    futures_io::connection,
    rustls::{TlsAcceptor, TlsConnection, TlsConnector, TlsPump},
    transport::{Connection, Handler, HandlerError, Listener, Peer, Pumps, Runtime, Server, Task, async_trait},
};
use headpond_pipe::{Pipe, PipeOptions};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

use crate::{
    drive::{context, driven},
    material::{options, options_over},
    meter::Meter,
    operation::{Left, Operation, nothing},
    stream::Trickle,
};

/// What two sessions and their four pipes hold, in pools whose blocks are a record each.
const IDLE_SESSIONS: u64 = 256 << 10;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("tls/small records, each heard", records).from(32).leaving(IDLE_SESSIONS),
    Operation::new("tls/many small records before one is heard", backlog).from(32).leaving(IDLE_SESSIONS),
    Operation::new("tls/ciphertext that trickles in", trickle).from(32).leaving(IDLE_SESSIONS),
    Operation::new("server/many connections at once", server).from(32),
];

struct Sessions {
    client: (TlsConnection, TlsPump),
    server: (TlsConnection, TlsPump),
}

impl Sessions {
    fn new(ciphertext: &PipeOptions) -> Result<Self> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["in.memory".to_owned()])?;
        let (provider, options) = (Arc::new(ring::default_provider()), options_over(&records_pool()?)?);
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone())?;
        let client = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let client = client.with_root_certificates(roots).with_no_client_auth();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let server = server.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)?;

        let (there, back) = (Pipe::new(ciphertext), Pipe::new(ciphertext));
        let (connector, acceptor) = (TlsConnector::new(client, &options), TlsAcceptor::new(server, &options));
        let mut connecting = Box::pin(connector.connect("in.memory".try_into()?, back.reader, there.writer));
        let mut accepting = Box::pin(acceptor.accept(there.reader, back.writer));
        let (mut client, mut server) = (None, None);
        for _ in 0..64 {
            if let (None, Poll::Ready(session)) = (&client, connecting.as_mut().poll(&mut context())) {
                client = Some(session?);
            }
            if let (None, Poll::Ready(session)) = (&server, accepting.as_mut().poll(&mut context())) {
                server = Some(session?);
            }
            if let (Some(client), Some(server)) = (client.take_if(|_| server.is_some()), server.take()) {
                let mut this = Self { client, server };
                (0..4).for_each(|_| this.pump());
                return Ok(this);
            }
        }
        anyhow::bail!("they come to no terms")
    }

    fn say(&mut self) -> Result<()> {
        self.client.0.writer.write(b"said")?;
        driven(self.client.0.writer.flush())??;
        _ = Pin::new(&mut self.client.1).poll(&mut context());
        Ok(())
    }

    fn hear(&mut self) -> Result<usize> {
        _ = Pin::new(&mut self.server.1).poll(&mut context());
        let Some(view) = self.server.0.reader.try_read()? else { return Ok(0) };
        let heard = view.buffer().len();
        view.advance_all();
        Ok(heard)
    }

    fn pump(&mut self) {
        _ = Pin::new(&mut self.client.1).poll(&mut context());
        _ = Pin::new(&mut self.server.1).poll(&mut context());
    }

    /// Nobody speaks any more, and everything is heard.
    fn idle(mut self) -> Result<Left> {
        self.client.0.writer.release();
        (0..4).for_each(|_| self.pump());
        ensure!(self.hear()? == 0, "all of it was heard");
        Ok(Box::new(self))
    }
}

fn records_pool() -> Result<headpond_pool::Pool> {
    Ok(headpond_pool::PoolOptions::new().block_size(18 << 10).slab_blocks(1).max_idle_bytes(0).build()?)
}

fn records(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut sessions = Sessions::new(&options_over(&records_pool()?)?)?;
    let heard = meter.count(|| {
        let mut heard = 0;
        for _ in 0..n {
            sessions.say()?;
            heard += sessions.hear()?;
        }
        anyhow::Ok(heard)
    })?;
    ensure!(heard == 4 * n, "each");
    sessions.idle()
}

fn backlog(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut sessions = Sessions::new(&options_over(&records_pool()?)?)?;
    meter.count(|| (0..n).try_for_each(|_| sessions.say()))?;
    let heard = meter.count(|| {
        let mut heard = 0;
        while heard < 4 * n {
            heard += sessions.hear()?;
        }
        anyhow::Ok(heard)
    })?;
    ensure!(heard == 4 * n, "all of it");
    sessions.idle()
}

/// Ciphertext in small blocks, all of them unread, and heard at once.
fn trickle(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut sessions = Sessions::new(&options()?)?;
    sessions.client.0.writer.write(&vec![1; 64 * n])?;
    driven(sessions.client.0.writer.flush())??;
    let heard = meter.count(|| {
        let mut heard = 0;
        while heard < 64 * n {
            sessions.pump();
            heard += sessions.hear()?;
        }
        anyhow::Ok(heard)
    })?;
    ensure!(heard == 64 * n, "all of it");
    sessions.idle()
}

/// So many connections, each over a stream of its own.
struct Arriving {
    to_come: usize,
    options: PipeOptions,
}

#[async_trait]
impl Listener for Arriving {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        match self.to_come.checked_sub(1) {
            Some(rest) => self.to_come = rest,
            None => std::future::pending().await,
        }
        Ok(connection(Trickle::of(2), Peer::Unknown, &self.options))
    }
}

/// Reads a connection to its end.
struct Listening;

#[async_trait]
impl Handler for Listening {
    async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
        loop {
            let view = connection.reader.read().await?;
            let finished = view.is_finished();
            view.advance_all();
            if finished {
                return Ok(());
            }
        }
    }
}

/// Keeps tasks until they are run, all of them once at a time.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Task>>>);

impl Kept {
    fn run(&self) {
        let mut tasks = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.retain_mut(|task| task.as_mut().poll(&mut context()).is_pending());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(&mut tasks);
    }
}

impl Runtime for Kept {
    fn spawn(&self, task: Task) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    fn sleep(&self, _: Duration) -> Task {
        Box::pin(std::future::pending())
    }
}

fn server(n: usize, meter: &mut Meter) -> Result<Left> {
    let (runtime, listener) = (Kept::default(), Arriving { to_come: n, options: options()? });
    let server = Server::new(listener, Listening, runtime.clone());
    let stopper = server.stopper();
    let served = meter.count(|| {
        let mut serving = Box::pin(server.serve());
        for round in 0..n {
            if let Poll::Ready(served) = serving.as_mut().poll(&mut context()) {
                return Some(served);
            }
            // A server lets its connections have their turn; here they wait until all are there.
            if round > n / 8 {
                runtime.run();
                stopper.stop();
            }
        }
        None
    });
    ensure!(served == Some(n as u64), "each was served: {served:?}");
    nothing()
}
