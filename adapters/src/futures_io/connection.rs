//! A stream of `futures-io` as a connection.

use futures_io::{AsyncRead, AsyncWrite};
use headpond_pipe::PipeOptions;

use super::stream::FuturesStream;
use crate::transport::{Connection, Peer, Pumps, pumping, socket::Socket};

impl<S: AsyncRead + AsyncWrite + Unpin> Socket for FuturesStream<S> {
    /// These traits have no word for it.
    fn reset(&mut self) {}
}

/// A stream as a [`Connection`], with the [`Pumps`] that drive it: smol's sockets, or whatever else is read and written. Its
/// options are those of either pipe.
///
/// An abort drops the stream without closing it: what its peer sees of that is the stream's affair.
///
/// # Examples
///
/// ```
/// use futures_lite::{AsyncReadExt, future};
/// use headpond_adapters::{futures_io::connection, transport::Peer};
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
///
/// # future::block_on(async {
/// # let stream = futures_lite::io::Cursor::new(b"so much for today".to_vec());
/// let (mut connection, pumps) = connection(stream, Peer::Unknown, &PipeOptions::new(&Pool::new()));
/// let speaking = async {
///     let view = connection.reader.read_at_least(17).await?;
///     assert_eq!(view.buffer(), "so much for today");
///     connection.writer.finish()?;
///     Ok::<(), Box<dyn std::error::Error>>(())
/// };
/// let (spoken, traffic) = future::zip(speaking, pumps).await;
/// assert_eq!(traffic?.received, 17);
/// # spoken
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn connection<S>(stream: S, peer: Peer, options: &PipeOptions) -> (Connection, Pumps)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    pumping::connect(FuturesStream(stream), peer, options)
}
