//! A server and clients whose handlers and connectors know nothing of TLS.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use headpond_adapters::{
    rustls::{TlsAcceptor, TlsConnector, TlsDialer, TlsError, TlsHandler},
    tokio::{TcpAcceptor, TcpConnector, serve},
    transport::{Connection, ConnectionError, Connector, Failure, Handler, HandlerError},
};
use headpond_pipe::PipeOptions;
use rustls::AlertDescription;
use tokio::{net::TcpStream, runtime::Builder};

use crate::{
    certificates::{self, CONFIGS, NAME, name},
    plan::body,
    tls_peer::{VERSIONS, pool, read_to_end},
};

/// Sends everything back, and counts whom it has served.
struct Echo(Arc<AtomicUsize>);

#[async_trait]
impl Handler for Echo {
    async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
        assert_eq!(connection.session().and_then(|session| session.server_name()), Some(NAME));
        connection.reader.copy_to(&mut connection.writer).await?;
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn handlers_and_connectors_need_not_know() {
    let pool = pool();
    let options = PipeOptions::new(&pool);
    let (served, failures) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (echo, seen) = (Echo(served.clone()), failures.clone());
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpAcceptor::bind("127.0.0.1:0", &options).await.unwrap();
        let address = listener.local_addr().unwrap();
        let handler = TlsHandler::new(TlsAcceptor::new(CONFIGS.server.clone(), &options), echo);
        let server = serve(listener, handler).on_failure(move |_, failure| {
            let Failure::Handler(error) = failure else { panic!("{failure}") };
            // The handler inside fails by errors of its own.
            seen.lock().unwrap().push(error.downcast_ref::<TlsError>().cloned());
        });
        let stopper = server.stopper();
        let serving = tokio::spawn(server.serve());

        let dialer =
            |config| TlsDialer::new(TcpConnector::new(address, &options), TlsConnector::new(config, &options), name());
        let trusting = dialer(CONFIGS.client.clone());
        for len in [0, 1, 1 << 20] {
            let (connection, pumps) = trusting.connect().await.unwrap();
            let pumps = tokio::spawn(pumps);
            assert_eq!(connection.peer().to_string(), address.to_string());
            assert!(connection.session().is_some());
            let Connection { mut reader, mut writer, .. } = connection;
            let speaking = tokio::spawn(async move {
                writer.write(&body(len)).unwrap();
                writer.finish().unwrap();
            });
            assert!(read_to_end(&mut reader).await == body(len));
            speaking.await.unwrap();
            let traffic = pumps.await.unwrap().unwrap();
            assert!(traffic.sent > len as u64 && traffic.received > len as u64, "{traffic:?}");
        }

        // One that takes the server's certificate for a forgery, one that does not speak to it, and one that does not end well.
        let other = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let error = dialer(Arc::new(certificates::client(&VERSIONS, &other))).connect().await.map(drop).unwrap_err();
        assert!(matches!(error.get_ref().unwrap().downcast_ref::<TlsError>(), Some(TlsError::Protocol(_))), "{error}");
        drop(TcpStream::connect(address).await.unwrap());
        let (connection, pumps) = trusting.connect().await.unwrap();
        drop(connection);
        assert!(matches!(pumps.await, Err(ConnectionError::Aborted(_))));

        stopper.stop();
        assert_eq!(serving.await.unwrap(), 6);
    });
    assert_eq!(served.load(Ordering::Relaxed), 3);
    let failures = failures.lock().unwrap();
    assert_eq!(failures.len(), 3, "{failures:?}");
    assert!(
        failures.iter().any(|error| matches!(error, Some(TlsError::Alert(AlertDescription::DecryptError)))),
        "{failures:?}"
    );
    assert!(failures.iter().any(|error| matches!(error, Some(TlsError::Truncated))), "{failures:?}");
    assert_eq!(pool.stats().rented, 0);
}
