//! Who trusts whom, where TLS is spoken.

use std::sync::{Arc, LazyLock};

use rcgen::{CertifiedKey, KeyPair};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, SupportedProtocolVersion, WantsVerifier,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
};

/// The name of every server.
pub(crate) const NAME: &str = "in.memory";

/// A certificate of our own.
pub(crate) static OWN: LazyLock<CertifiedKey<KeyPair>> =
    LazyLock::new(|| rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap());

/// For both versions.
pub(crate) static CONFIGS: LazyLock<Configs> = LazyLock::new(|| Configs::new(rustls::ALL_VERSIONS));

/// A client that trusts a server's certificate.
#[derive(Debug)]
pub(crate) struct Configs {
    pub(crate) client: Arc<ClientConfig>,
    pub(crate) server: Arc<ServerConfig>,
}

impl Configs {
    pub(crate) fn new(versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self { client: Arc::new(client(versions, &OWN)), server: Arc::new(server(versions)) }
    }
}

/// A client that trusts one certificate.
pub(crate) fn client(versions: &[&'static SupportedProtocolVersion], trusted: &CertifiedKey<KeyPair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder: ConfigBuilder<_, WantsVerifier> = builder.with_protocol_versions(versions).unwrap();
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// A server by our own certificate.
pub(crate) fn server(versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
    server_by(versions, vec![OWN.cert.der().clone()])
}

/// A server by our own key, and certificates that go with it.
pub(crate) fn server_by(
    versions: &[&'static SupportedProtocolVersion],
    chain: Vec<CertificateDer<'static>>,
) -> ServerConfig {
    let key = PrivateKeyDer::try_from(OWN.signing_key.serialize_der()).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap();
    builder.with_no_client_auth().with_single_cert(chain, key).unwrap()
}

pub(crate) fn name() -> ServerName<'static> {
    ServerName::try_from(NAME).unwrap()
}
