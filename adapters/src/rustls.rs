//! TLS by rustls, between the ends of pipes.
//!
//! | | what it is |
//! |---|---|
//! | [`TlsConnector`], [`TlsAcceptor`] | come to terms with a peer, over a reader and a writer of ciphertext |
//! | [`TlsConnection`] | the plaintext: a reader, a writer, and the [`Session`] that was agreed upon |
//! | [`TlsPump`] | what moves the bytes between both: a future to be driven |
//! | `TlsHandler`, `TlsDialer` | TLS over the connections of the module `transport`, with that feature |
//!
//! The ciphertext's ends are whatever reads and writes as a pipe does: a `SourceReader` and a `SinkWriter` over a socket, the ends
//! of a connection, a [`Duplex`](crate::Duplex). Nothing here knows a runtime.
//!
//! # Memory and copies
//!
//! A record is received when it is there as a whole: it is copied once, from the blocks it came in into one of the plaintext
//! pipe's own that holds all of it, decrypted there, and handed to the reader by reference. (A short record that arrives while
//! others wait to be read is copied once more, rather than pin a block.) Data to be sent is encrypted from the writer's blocks
//! into the ciphertext's memory, and not copied. rustls itself, as of 0.23, makes a copy of each record it decrypts, and two of
//! each it encrypts.
//!
//! A record holds up to 16 KiB of data. Where the blocks of the plaintext's pool are smaller, each takes an allocation
//! of its own; where those of the ciphertext's are, or those of the plaintext's writer, smaller records are sent. So the pools do
//! best with blocks of 18 KiB or more.
//!
//! # Examples
//!
//! A client and a server, over two pipes in memory:
//!
//! ```
//! use headpond_adapters::{duplex, rustls::{TlsAcceptor, TlsConnector}};
//! use headpond_pipe::PipeOptions;
//! use headpond_pool::PoolOptions;
//! # use rustls::{ClientConfig, RootCertStore, ServerConfig, pki_types::{PrivateKeyDer, ServerName}};
//! # use std::sync::Arc;
//! # let own = rcgen::generate_simple_self_signed(["pond.example".to_owned()])?;
//! # let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
//! # let mut roots = RootCertStore::empty();
//! # roots.add(own.cert.der().clone())?;
//! # let provider = Arc::new(rustls::crypto::ring::default_provider());
//! # let client_config = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?
//! #     .with_root_certificates(roots).with_no_client_auth();
//! # let server_config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?
//! #     .with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key)?;
//! # futures_lite::future::block_on(async {
//!
//! let options = PipeOptions::new(&PoolOptions::new().block_size(18 * 1024).build()?);
//! let (near, far) = duplex(&options);
//! let client = async {
//!     let ((reader, writer), name) = (near.into_split(), ServerName::try_from("pond.example")?);
//!     let (mut tls, pump) = TlsConnector::new(client_config, &options).connect(name, reader, writer).await?;
//!     tls.writer.write(b"so much for today")?; // encrypted from where it lies
//!     tls.writer.finish()?; // tells the peer, once all is sent
//!     pump.await?;
//!     Ok::<(), Box<dyn std::error::Error>>(())
//! };
//! let server = async {
//!     let (reader, writer) = far.into_split();
//!     let (mut tls, pump) = TlsAcceptor::new(server_config, &options).accept(reader, writer).await?;
//!     assert_eq!(tls.session.server_name(), Some("pond.example"));
//!     tls.writer.finish()?;
//!     pump.await?;
//!     assert_eq!(tls.reader.peek(), "so much for today");
//!     Ok::<(), Box<dyn std::error::Error>>(())
//! };
//! let (client, server) = futures_lite::future::zip(client, server).await;
//! # client?;
//! # server
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channel;
mod engine;
mod error;
mod incoming;
mod pump;
mod roles;
mod session;
#[cfg(feature = "transport")]
mod transport;

pub use error::TlsError;
pub use pump::TlsPump;
pub use roles::{TlsAcceptor, TlsConnection, TlsConnector};
pub use session::Session;
#[cfg(feature = "transport")]
#[cfg_attr(docsrs, doc(cfg(feature = "transport")))]
pub use transport::{TlsDialer, TlsHandler};
