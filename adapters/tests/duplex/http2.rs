//! HTTP/2: hyper against hyper, with several exchanges at once.

use std::{error::Error, io, pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::future::join_all;
use headpond_adapters::Duplex;
use http_body_util::Full;
use hyper::{
    client::conn::http2::{SendRequest, handshake},
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::Notify;

use crate::{
    chunked::Chunked,
    http1::{check, reply, request},
    plan::{Done, Ending, Least, Plan, connections},
};

async fn exchange(mut sender: SendRequest<Full<Bytes>>, sent: usize, wanted: usize) -> hyper::Result<()> {
    sender.ready().await?;
    check(sender.send_request(request(sent, wanted)).await?, wanted).await
}

async fn serve(io: Chunked<Duplex>, stop: Arc<Notify>) -> hyper::Result<()> {
    let builder = Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service_fn(reply)));
    tokio::select! {
        outcome = connection.as_mut() => return outcome,
        () = stop.notified() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

fn is_gone(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

async fn connection(mut plan: Plan) -> Done {
    let (client, server) = plan.connect();
    let stop = Arc::new(Notify::new());
    let server = tokio::spawn(serve(server, Arc::clone(&stop)));
    let (sender, client) = handshake(TokioExecutor::new(), TokioIo::new(client)).await.unwrap();
    let client = tokio::spawn(client);
    let mut done = Done::default();
    while plan.exchanges > 0 {
        let at_once = (1 + plan.random.below(4)).min(plan.exchanges);
        plan.exchanges -= at_once;
        let sizes: Vec<_> = (0..at_once).map(|_| (plan.size(), plan.size())).collect();
        let exchanges = sizes.iter().map(|&(sent, wanted)| exchange(sender.clone(), sent, wanted));
        join_all(exchanges).await.into_iter().for_each(|outcome| outcome.unwrap());
        plan.until_idle().await;
        sizes.iter().for_each(|&(sent, wanted)| done.count(sent, wanted));
    }
    match plan.ending {
        Ending::ClientCloses => drop(sender),
        Ending::ServerCloses => stop.notify_one(),
        Ending::BothClose => {
            stop.notify_one();
            drop(sender);
        }
        vanishing => {
            let request = tokio::spawn(exchange(sender, 50_000, 50_000));
            plan.some_turns().await;
            if vanishing == Ending::ClientVanishes {
                client.abort()
            } else {
                server.abort()
            }
            // It may have come through before.
            let _ = request.await.unwrap();
        }
    }
    // Both come to an end, and after a clean one neither has anything to complain of, but that the other was gone before it
    // was told of its consent.
    let (client, server) = (client.await, server.await);
    if plan.ends_cleanly() {
        for outcome in [client.unwrap(), server.unwrap()] {
            outcome.or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) }).unwrap();
        }
    }
    plan.until_idle().await;
    done
}

#[test]
fn a_thousand_exchanges_over_http2() {
    connections(2, Least { window: 32, piece: 1 }, connection);
}
