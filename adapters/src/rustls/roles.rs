//! Who begins a session, and who takes part in one.

use headpond_pipe::{OnWriterDrop, Pipe, PipeOptions, PipeRead, PipeWrite, Reader, Writer};
use rustls::{
    ClientConfig, ServerConfig,
    client::UnbufferedClientConnection,
    pki_types::ServerName,
    server::{ClientHello, ResolvesServerCert, UnbufferedServerConnection},
    sign::CertifiedKey,
};

use super::{channel::Channel, engine::Engine, error::TlsError, pump::TlsPump, session::Session};
use crate::{
    duplex::Duplex,
    sync::{Arc, OnceLock},
};

/// The plaintext of a session: a reader of what the peer says, and a writer of what it is told. Between them and the ciphertext
/// stands a [`TlsPump`].
#[derive(Debug)]
pub struct TlsConnection {
    // Dropped first: the pump is woken by the reader that closes, and is to see the abort then.
    /// What the peer is told. Each flush may become a record, or several; as a stream (`into_tokio` and its kin) its writes
    /// [gather](PipeWrite::gathers), and wait for a flush.
    pub writer: Writer,
    /// What the peer says.
    pub reader: Reader,
    /// What the handshake has come to.
    pub session: Session,
}

impl TlsConnection {
    /// Both ends as one stream, whose small writes [gather](Duplex#which-bytes-go-when), so that each is not a record.
    pub fn into_duplex(self) -> Duplex {
        Duplex::letting_go(self.reader, self.writer)
    }
}

/// Begins sessions, as a client.
#[derive(Debug, Clone)]
pub struct TlsConnector {
    config: Arc<ClientConfig>,
    options: PipeOptions,
}

impl TlsConnector {
    /// With a configuration, which says whom to trust. The options are those of either plaintext pipe; the memory that records are
    /// decrypted in is theirs, too.
    pub fn new(config: impl Into<Arc<ClientConfig>>, options: &PipeOptions) -> Self {
        Self { config: config.into(), options: options.clone() }
    }

    /// Comes to terms with the server of that name, over a reader and a writer of ciphertext: whatever they are the ends of, owned
    /// or borrowed.
    ///
    /// # Errors
    ///
    /// When that fails. The peer was told, and the ciphertext has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the session up: the ciphertext has begun, and cannot be used for another.
    pub async fn connect<R: PipeRead, W: PipeWrite>(
        &self,
        name: ServerName<'static>,
        reader: R,
        writer: W,
    ) -> Result<(TlsConnection, TlsPump<R, W>), TlsError> {
        let asked = match &name {
            ServerName::DnsName(name) if self.config.enable_sni => Some(name.as_ref().to_owned()),
            _ => None,
        };
        let connection = UnbufferedClientConnection::new(self.config.clone(), name)?;
        begin(Engine::Client(connection), reader, writer, &self.options, || asked).await
    }
}

/// Takes part in sessions, as a server.
///
/// Early data is refused, whatever the configuration says of it: the client then sends it again, behind the handshake.
#[derive(Debug, Clone)]
pub struct TlsAcceptor {
    config: Arc<ServerConfig>,
    options: PipeOptions,
}

impl TlsAcceptor {
    /// With a configuration, which says what to be trusted by. The options are those of either plaintext pipe; the memory that
    /// records are decrypted in is theirs, too.
    pub fn new(config: impl Into<Arc<ServerConfig>>, options: &PipeOptions) -> Self {
        Self { config: config.into(), options: options.clone() }
    }

    /// Comes to terms with a client, over a reader and a writer of ciphertext: whatever they are the ends of, owned or borrowed.
    ///
    /// # Errors
    ///
    /// When that fails. The peer was told, and the ciphertext has ended.
    ///
    /// # Cancel safety
    ///
    /// As [`TlsConnector::connect`].
    pub async fn accept<R: PipeRead, W: PipeWrite>(
        &self,
        reader: R,
        writer: W,
    ) -> Result<(TlsConnection, TlsPump<R, W>), TlsError> {
        let mut config = ServerConfig::clone(&self.config);
        config.max_early_data_size = 0;
        let witness = Arc::new(Witness { resolver: config.cert_resolver.clone(), server_name: OnceLock::new() });
        config.cert_resolver = witness.clone();
        let connection = UnbufferedServerConnection::new(Arc::new(config))?;
        begin(Engine::Server(connection), reader, writer, &self.options, || witness.server_name.get().cloned()).await
    }
}

/// Sees which name the client asks for: an unbuffered connection does not tell.
#[derive(Debug)]
struct Witness {
    resolver: Arc<dyn ResolvesServerCert>,
    server_name: OnceLock<String>,
}

impl ResolvesServerCert for Witness {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if let Some(name) = hello.server_name() {
            // The hello that is sent a second time names the same.
            let _ = self.server_name.set(name.to_owned());
        }
        self.resolver.resolve(hello)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.resolver.only_raw_public_keys()
    }
}

async fn begin<R: PipeRead, W: PipeWrite>(
    engine: Engine,
    reader: R,
    writer: W,
    options: &PipeOptions,
    server_name: impl FnOnce() -> Option<String>,
) -> Result<(TlsConnection, TlsPump<R, W>), TlsError> {
    let mut channel = Channel::new(engine, options.source().clone(), reader, writer);
    channel.handshake().await?;
    let session = Session::new(channel.engine().state(), server_name());
    // A pump that is gone is no clean end, whatever the options say of their own writers.
    let received = Pipe::new(&options.with_on_writer_drop(OnWriterDrop::Abort));
    // Each flush may become a record.
    let sent = Pipe::new(&options.with_gathers(true));
    let pump = TlsPump::new(channel, sent.reader, received.writer);
    Ok((TlsConnection { reader: received.reader, writer: sent.writer, session }, pump))
}
