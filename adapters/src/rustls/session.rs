//! What two peers have agreed upon.

use rustls::{CommonState, HandshakeKind, ProtocolVersion, SupportedCipherSuite, pki_types::CertificateDer};

/// What the handshake has come to.
#[derive(Debug, Clone)]
pub struct Session {
    version: Option<ProtocolVersion>,
    cipher_suite: Option<SupportedCipherSuite>,
    kind: Option<HandshakeKind>,
    alpn_protocol: Option<Vec<u8>>,
    server_name: Option<String>,
    peer_certificates: Vec<CertificateDer<'static>>,
}

impl Session {
    pub(super) fn new(state: &CommonState, server_name: Option<String>) -> Self {
        Self {
            version: state.protocol_version(),
            cipher_suite: state.negotiated_cipher_suite(),
            kind: state.handshake_kind(),
            alpn_protocol: state.alpn_protocol().map(<[u8]>::to_vec),
            server_name,
            peer_certificates: state.peer_certificates().map(<[_]>::to_vec).unwrap_or_default(),
        }
    }

    /// The version of TLS.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// The ciphers.
    pub fn cipher_suite(&self) -> Option<SupportedCipherSuite> {
        self.cipher_suite
    }

    /// Whether it was a full handshake, or an earlier session resumed.
    pub fn kind(&self) -> Option<HandshakeKind> {
        self.kind
    }

    /// The protocol that is to be spoken (ALPN), if both named one.
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.alpn_protocol.as_deref()
    }

    /// The name that the client asked for (SNI), if it named one.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The peer's certificate, and those it gave behind that; none of a client that was not asked for one.
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        &self.peer_certificates
    }
}
