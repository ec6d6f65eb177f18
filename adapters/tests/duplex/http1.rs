//! HTTP/1: hyper against hyper.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use headpond_adapters::{Duplex, duplex, http_body::PipeBody};
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::Pool;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    server::conn::http1::Builder,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;

use crate::{
    chunked::Chunked,
    plan::{Done, Ending, Least, Plan, body, connections},
};

/// Checks the request against the pattern, and replies with as much of it as was asked for.
pub(crate) async fn reply(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let asked = |name: &str| request.headers()[name].to_str().unwrap().parse::<usize>().unwrap();
    let (sent, wanted) = (asked("sent"), asked("wanted"));
    // A client that vanishes breaks its request off.
    if let Ok(received) = request.into_body().collect().await {
        assert!(received.to_bytes() == body(sent), "a request of {sent} bytes was changed on its way");
    }
    Ok(Response::new(Full::new(body(wanted))))
}

pub(crate) fn request(sent: usize, wanted: usize) -> Request<Full<Bytes>> {
    let request = Request::post("http://in.memory/").header("host", "in.memory");
    request.header("sent", sent).header("wanted", wanted).body(Full::new(body(sent))).unwrap()
}

/// Checks a reply against the pattern.
pub(crate) async fn check(response: Response<Incoming>, wanted: usize) -> hyper::Result<()> {
    let received = response.into_body().collect().await?.to_bytes();
    assert!(received == body(wanted), "a reply of {wanted} bytes was changed on its way");
    Ok(())
}

async fn exchange(sender: &mut SendRequest<Full<Bytes>>, sent: usize, wanted: usize) -> hyper::Result<()> {
    sender.ready().await?;
    check(sender.send_request(request(sent, wanted)).await?, wanted).await
}

async fn serve(io: Chunked<Duplex>, stop: Arc<Notify>) -> hyper::Result<()> {
    let mut connection = pin!(Builder::new().serve_connection(TokioIo::new(io), service_fn(reply)));
    tokio::select! {
        outcome = connection.as_mut() => return outcome,
        () = stop.notified() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

async fn connection(mut plan: Plan) -> Done {
    let (client, server) = plan.connect();
    let stop = Arc::new(Notify::new());
    let server = tokio::spawn(serve(server, Arc::clone(&stop)));
    let (mut sender, client) = handshake(TokioIo::new(client)).await.unwrap();
    let client = tokio::spawn(client);
    let mut done = Done::default();
    for _ in 0..plan.exchanges {
        let (sent, wanted) = (plan.size(), plan.size());
        exchange(&mut sender, sent, wanted).await.unwrap();
        plan.until_idle().await;
        done.count(sent, wanted);
    }
    match plan.ending {
        Ending::ClientCloses => drop(sender),
        Ending::ServerCloses => stop.notify_one(),
        Ending::BothClose => {
            stop.notify_one();
            drop(sender);
        }
        vanishing => {
            let request = tokio::spawn(async move { exchange(&mut sender, 50_000, 50_000).await });
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
    // Both come to an end, and after a clean one neither has anything to complain of.
    let (client, server) = (client.await, server.await);
    if plan.ends_cleanly() {
        client.unwrap().unwrap();
        server.unwrap().unwrap();
    }
    plan.until_idle().await;
    done
}

#[test]
fn a_thousand_exchanges_over_http1() {
    connections(1, Least { window: 1, piece: 1 }, connection);
}

/// A reply of a length that is known is dropped as soon as it is sent, whatever its writer is at.
#[tokio::test]
async fn the_writer_of_a_reply_of_known_length_can_finish_when_it_is_sent() {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(4).build().unwrap();
    for round in 0..100 {
        let Pipe { mut writer, reader } = Pipe::new(&options);
        let reply = Mutex::new(Some(PipeBody::with_len(reader, 10)));
        let (client, server) = duplex(&options);
        let service = service_fn(|_| {
            let reply = reply.lock().unwrap().take().unwrap();
            async move { Ok::<_, Infallible>(Response::new(reply)) }
        });
        let serving = Builder::new().serve_connection(TokioIo::new(server), service);
        let (mut sender, asking) = handshake(TokioIo::new(client)).await.unwrap();
        let exchange = async {
            let response = sender.send_request(request(0, 0)).await.unwrap();
            // In as many pieces as there are rounds, more or less.
            for piece in b"ten bytes.".chunks(round % 10 + 1) {
                writer.write(piece).unwrap();
                writer.flush().await.unwrap();
            }
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ten bytes.");
            writer.flush().await.unwrap();
            writer.finish().unwrap();
            drop(sender);
        };
        let (served, asked, ()) = tokio::join!(serving, asking, exchange);
        served.unwrap();
        asked.unwrap();
    }
}
