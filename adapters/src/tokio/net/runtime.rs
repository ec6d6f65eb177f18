//! tokio as the runtime of a server.

use std::time::Duration;

use crate::transport::{Handler, Listener, Runtime, Server, Task};

/// The tokio runtime that is entered. Its timer must be enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioRuntime;

impl Runtime for TokioRuntime {
    fn spawn(&self, task: Task) {
        tokio::spawn(task);
    }

    fn sleep(&self, duration: Duration) -> Task {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A [`Server`] of tasks of tokio.
///
/// # Examples
///
/// ```
/// use headpond_adapters::{
///     tokio::{TcpAcceptor, TcpConnection, serve},
///     transport::{Connection, Handler, HandlerError, async_trait},
/// };
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
///
/// struct Echo;
///
/// #[async_trait]
/// impl Handler for Echo {
///     async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
///         connection.reader.copy_to(&mut connection.writer).await?;
///         Ok(())
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let options = PipeOptions::new(&Pool::new());
/// let acceptor = TcpAcceptor::bind("127.0.0.1:0", &options).await?;
/// let address = acceptor.local_addr()?;
/// let server = serve(acceptor, Echo).limit(100);
/// let stopper = server.stopper();
/// let serving = tokio::spawn(server.serve());
///
/// let mut client = TcpConnection::connect(address, &options).await?;
/// client.writer.write(b"anybody there?")?;
/// client.writer.finish()?;
/// assert_eq!(client.reader.read_at_least(14).await?.buffer(), "anybody there?");
/// client.finish().await?;
/// stopper.stop();
/// assert_eq!(serving.await?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serve<L: Listener>(listener: L, handler: impl Handler + 'static) -> Server<L> {
    Server::new(listener, handler, TokioRuntime)
}
