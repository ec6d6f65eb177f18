//! Who makes connections, and who speaks over them.

use std::{error::Error, future::Future, io, pin::Pin, time::Duration};

use async_trait::async_trait;

use super::connection::{Connection, Pumps};

/// Accepts connections. One boxed future a connection, and none a read. Implemented under [`async_trait`](macro@async_trait).
#[async_trait]
pub trait Listener: Send {
    /// Waits for the next connection. Its pumps are the caller's to drive.
    ///
    /// # Errors
    ///
    /// When none could be accepted; the next call may succeed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future must lose no connection: a server drops it when it is stopped.
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)>;
}

/// Makes connections to one peer. Implemented under [`async_trait`](macro@async_trait).
#[async_trait]
pub trait Connector: Send + Sync {
    /// Makes one more. Its pumps are the caller's to drive.
    ///
    /// # Errors
    ///
    /// When the peer cannot be reached.
    async fn connect(&self) -> io::Result<(Connection, Pumps)>;
}

/// What a handler fails with.
pub type HandlerError = Box<dyn Error + Send + Sync>;

/// Speaks over the connections that a server accepts. Implemented under [`async_trait`](macro@async_trait), as [`Server`](super::Server)'s
/// example shows.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Speaks over one connection, to its end. Its pumps run beside, in the same task.
    ///
    /// When it returns, the writer is finished, and what is buffered is sent; when it fails or panics, the writer is aborted, and
    /// the connection reset.
    ///
    /// # Errors
    ///
    /// As it likes; the server reports it.
    ///
    /// # Cancel safety
    ///
    /// It is dropped, at whatever it waits for, when the server is aborted.
    async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError>;
}

/// A future that runs by itself.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The two things that a server needs of a runtime.
pub trait Runtime: Send + Sync {
    /// Runs a task beside the others, to its end.
    fn spawn(&self, task: Task);

    /// Waits for a while.
    fn sleep(&self, duration: Duration) -> Task;
}
