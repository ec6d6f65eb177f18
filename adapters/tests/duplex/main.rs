//! Protocols as they are, over two ends in memory: HTTP/1 and HTTP/2 by hyper, WebSocket by tungstenite, TLS by rustls, and
//! handlers of hyper and axum that speak to pipes; and TLS between pipes, against a peer driven by hand and openssl's programs.
//!
//! Every connection comes from one seed: its pool, its window, how its bytes are cut up on their way in and out, how much is
//! exchanged, and who ends it, how. A failure prints that seed; `HEADPOND_SEED=0x… cargo test -p headpond-adapters --test
//! duplex TEST` runs that connection alone. One binary for all, since linking these crates is what takes time.

mod certificates;
mod chunked;
mod handlers;
mod http1;
mod http2;
mod openssl;
mod plan;
#[expect(dead_code, reason = "some of it serves the other tests only")]
#[path = "../streams/polling.rs"]
mod polling;
mod tls;
mod tls_peer;
mod tls_records;
mod tls_serve;
mod tls_session;
mod tls_trouble;
mod websocket;
