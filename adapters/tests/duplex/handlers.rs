//! Handlers whose bodies are pipes, of hyper and of axum: the request is read where it was received, the reply is written
//! while it is sent.

use std::{convert::Infallible, error::Error, io, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use headpond_adapters::{
    duplex,
    http_body::{BodyReader, PipeBody},
};
use headpond_pipe::{CopyError, Pipe, PipeOptions, PipeReadExt, Writer};
use headpond_pool::{Pool, PoolOptions};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use tokio::runtime::{Builder, Runtime};

use crate::plan::body;

/// What goes through: many times what the pipes hold.
const LEN: usize = 3 << 20;

/// How much the handler of a known length writes, whatever it has promised.
const KNOWN: usize = 20_000;

/// Replies with the request's own bytes, shared, and then says how many there were, and what the trailers said.
async fn echo<B>(mut request: BodyReader<B>, mut writer: Writer) -> Result<(), CopyError>
where
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + Send,
{
    let copied = request.copy_to(&mut writer).await?;
    let checksum = request.trailers().map_or("none", |trailers| trailers["checksum"].to_str().unwrap());
    writer.write(format!("{copied} {checksum}").as_bytes())?;
    writer.finish()?;
    Ok(())
}

/// A request that comes in pieces, with trailers behind.
fn request(path: &str) -> http::Request<StreamBody<impl Stream<Item = io::Result<Frame<Bytes>>> + use<>>> {
    let mut trailers = HeaderMap::new();
    trailers.insert("checksum", "4711".parse().unwrap());
    let pieces: Vec<_> = (0..LEN).step_by(50_000).map(|at| body(LEN).slice(at..LEN.min(at + 50_000))).collect();
    let frames = pieces.into_iter().map(Frame::data).chain([Frame::trailers(trailers)]).map(Ok);
    let request = http::Request::post(format!("http://in.memory{path}")).header("host", "in.memory");
    request.header("trailer", "checksum").body(StreamBody::new(stream::iter(frames))).unwrap()
}

fn check(received: &[u8]) {
    assert!(received[..LEN] == body(LEN), "the body was changed on its way");
    assert_eq!(String::from_utf8_lossy(&received[LEN..]), format!("{LEN} 4711"));
}

fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(1024).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_hyper_handler_reads_and_writes_pipes() {
    let (pool, options) = options();
    current_thread().block_on(async {
        let (client, server) = duplex(&options);
        let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
            let Pipe { writer, reader } = Pipe::new(&options);
            tokio::spawn(echo(BodyReader::new(request.into_body(), &options), writer));
            async { Ok::<_, Infallible>(http::Response::new(PipeBody::new(reader))) }
        });
        let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), service);
        let asking = async {
            let (mut sender, client) = hyper::client::conn::http1::handshake(TokioIo::new(client)).await.unwrap();
            let client = tokio::spawn(client);
            for _ in 0..2 {
                sender.ready().await.unwrap();
                let response = sender.send_request(request("/echo")).await.unwrap();
                check(&response.into_body().collect().await.unwrap().to_bytes());
            }
            drop(sender);
            client.await.unwrap().unwrap();
        };
        tokio::join!(asking, async { serving.await.unwrap() });
    });
    assert_eq!(pool.stats().rented, 0);
}

async fn axum_echo(State(options): State<Arc<PipeOptions>>, request: Request) -> Response {
    let Pipe { writer, reader } = Pipe::new(&options);
    tokio::spawn(echo(BodyReader::new(request.into_body(), &options), writer));
    Response::new(Body::new(PipeBody::new(reader)))
}

/// A reply whose length is known; when that is not what is written, its writer is dropped.
async fn axum_known(State(options): State<Arc<PipeOptions>>, request: Request) -> Response {
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let promised: usize = request.headers()["promised"].to_str().unwrap().parse().unwrap();
    tokio::spawn(async move {
        writer.write(&body(KNOWN)).unwrap();
        writer.flush().await.unwrap();
        if promised == KNOWN {
            writer.finish().unwrap();
        }
    });
    Response::new(Body::new(PipeBody::with_len(reader, promised as u64)))
}

#[test]
fn an_axum_handler_reads_and_writes_pipes() {
    let (pool, options) = options();
    current_thread().block_on(async {
        let (client, server) = duplex(&options);
        let router = Router::new().route("/echo", post(axum_echo)).route("/known", post(axum_known));
        let service = TowerToHyperService::new(router.with_state(Arc::new(options.clone())));
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let server = tokio::spawn(builder.serve_connection(TokioIo::new(server), service));
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(client));
        let (mut sender, client) = handshake.await.unwrap();
        let client = tokio::spawn(client);
        let response = sender.send_request(request("/echo")).await.unwrap();
        check(&response.into_body().collect().await.unwrap().to_bytes());
        for (promised, succeeds) in [(KNOWN, true), (KNOWN + 1, false)] {
            let mut known = request("/known");
            known.headers_mut().insert("promised", promised.into());
            let response = sender.send_request(known).await.unwrap();
            assert_eq!(response.headers()["content-length"], promised.to_string());
            let received = response.into_body().collect().await;
            assert_eq!(received.is_ok_and(|received| received.to_bytes() == body(KNOWN)), succeeds);
        }
        drop(sender);
        client.await.unwrap().unwrap();
        server.await.unwrap().unwrap();
    });
    assert_eq!(pool.stats().rented, 0);
}
