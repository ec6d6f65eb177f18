//! WebSocket: tungstenite against tungstenite.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use headpond_adapters::Duplex;
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{Error, Message, error::ProtocolError},
};

use crate::{
    chunked::Chunked,
    plan::{Done, Ending, Least, Plan, body, connections},
};

type Socket = WebSocketStream<Chunked<Duplex>>;

/// What makes the server close.
const CLOSE: &str = "close";

/// Tungstenite takes a handshake in many tiny pieces for an attack.
const LEAST: Least = Least { window: 64, piece: 64 };

/// Answers each message with the reply that the one before asked for, until the other side closes, or asks for that.
async fn serve(io: Chunked<Duplex>) -> Result<(), Error> {
    let mut socket = accept_async(io).await?;
    let mut wanted = 0;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text == CLOSE => socket.close(None).await?,
            Message::Text(text) => wanted = text.parse().unwrap(),
            Message::Binary(bytes) => {
                assert!(bytes == body(bytes.len()), "a message of {} bytes was changed on its way", bytes.len());
                socket.send(Message::Binary(body(wanted))).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn exchange(socket: &mut Socket, sent: usize, wanted: usize) -> Result<(), Error> {
    socket.feed(Message::text(wanted.to_string())).await?;
    socket.send(Message::Binary(body(sent))).await?;
    let received = match socket.next().await {
        Some(Ok(Message::Binary(received))) => received,
        Some(Err(error)) => return Err(error),
        _ => Bytes::new(),
    };
    assert!(received == body(wanted), "a reply of {wanted} bytes was changed on its way");
    Ok(())
}

/// Waits for the other side to have closed as well.
async fn until_closed(socket: &mut Socket) {
    while let Some(message) = socket.next().await {
        assert!(message.unwrap().is_close());
    }
}

/// Whether the other side went without a word.
fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::Io(_))
}

async fn connection(mut plan: Plan) -> Done {
    let (client, server) = plan.connect();
    let server = tokio::spawn(serve(server));
    let (mut socket, _) = client_async("ws://in.memory/", client).await.unwrap();
    let mut done = Done::default();
    for _ in 0..plan.exchanges {
        let (sent, wanted) = (plan.size(), plan.size());
        exchange(&mut socket, sent, wanted).await.unwrap();
        plan.until_idle().await;
        done.count(sent, wanted);
    }
    match plan.ending {
        Ending::ClientCloses => socket.close(None).await.unwrap(),
        Ending::ServerCloses => socket.send(Message::text(CLOSE)).await.unwrap(),
        Ending::BothClose => {
            socket.feed(Message::text(CLOSE)).await.unwrap();
            socket.close(None).await.unwrap();
        }
        vanishing => {
            let client = tokio::spawn(async move { exchange(&mut socket, 50_000, 50_000).await });
            plan.some_turns().await;
            let (gone, left) = if vanishing == Ending::ClientVanishes { (client, server) } else { (server, client) };
            gone.abort();
            let _ = gone.await;
            if let Err(error) = left.await.unwrap() {
                assert!(is_gone(&error), "{error}");
            }
            plan.until_idle().await;
            return done;
        }
    }
    until_closed(&mut socket).await;
    drop(socket);
    server.await.unwrap().unwrap();
    plan.until_idle().await;
    done
}

#[test]
fn a_thousand_exchanges_over_websocket() {
    connections(3, LEAST, connection);
}
