//! Misuse that ownership rules out: each doc-test here does not compile, and its twin, one line away from it, does.
//!
//! The first modules are named after what the test suite of System.IO.Pipelines asserts at run time; the table is in
//! `pipe/tests/peer/README.md`. The others are the pipe's own rules.

/// A second flush, while one is pending, has no writer to borrow.
///
/// ```
/// # use headpond_pipe::{FlushError, Writer};
/// async fn flush(writer: &mut Writer) -> Result<(), FlushError> {
///     let first = writer.flush();
///     first.await?;
///     let second = writer.flush();
///     second.await
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use headpond_pipe::{FlushError, Writer};
/// async fn flush(writer: &mut Writer) -> Result<(), FlushError> {
///     let first = writer.flush();
///     let second = writer.flush();
///     first.await?;
///     second.await
/// }
/// ```
mod double_flush_async_throws {}

/// A flush is awaited once: the first await takes it.
///
/// ```
/// # use headpond_pipe::{FlushError, Writer};
/// async fn flush(writer: &mut Writer) -> Result<(), FlushError> {
///     let flush = writer.flush();
///     flush.await
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use headpond_pipe::{FlushError, Writer};
/// async fn flush(writer: &mut Writer) -> Result<(), FlushError> {
///     let flush = writer.flush();
///     flush.await?;
///     flush.await
/// }
/// ```
mod awaiting_flush_async_awaitable_twice_completes_reader_with_exception {}

/// A read is awaited once: the first await takes it.
///
/// ```
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let read = reader.read();
///     read.await?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let read = reader.read();
///     read.await?;
///     read.await?;
///     Ok(())
/// }
/// ```
mod awaiting_read_async_awaitable_twice_completes_writer_with_exception {}

/// A second read, while one is pending, has no reader to borrow.
///
/// ```
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let first = reader.read();
///     first.await?.advance_all();
///     let second = reader.read();
///     second.await?.advance_all();
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let first = reader.read();
///     let second = reader.read();
///     first.await?.advance_all();
///     second.await?.advance_all();
///     Ok(())
/// }
/// ```
mod double_async_read_throws {}

/// An advance takes the view, so there is none for a second.
///
/// ```
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let view = reader.read().await?;
///     let end = view.buffer().end();
///     view.advance(end);
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let view = reader.read().await?;
///     let end = view.buffer().end();
///     view.advance(end);
///     view.advance(end);
///     Ok(())
/// }
/// ```
mod advance_without_read_throws {}

/// `try_read`, while a read is pending, has no reader to borrow.
///
/// ```
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let pending = reader.read();
///     drop(pending);
///     reader.try_read()?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<(), ReadError> {
///     let pending = reader.read();
///     reader.try_read()?;
///     drop(pending);
///     Ok(())
/// }
/// ```
mod try_read_after_read_async_throws {}

/// What a view showed ends with it: an advance gives the memory back.
///
/// ```
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<usize, ReadError> {
///     let view = reader.read().await?;
///     let buffer = view.buffer();
///     let len = buffer.len();
///     view.advance_all();
///     Ok(len)
/// }
/// ```
///
/// ```compile_fail,E0505
/// # use headpond_pipe::{ReadError, Reader};
/// async fn read(reader: &mut Reader) -> Result<usize, ReadError> {
///     let view = reader.read().await?;
///     let buffer = view.buffer();
///     view.advance_all();
///     Ok(buffer.len())
/// }
/// ```
mod bytes_read_after_their_advance {}

/// Memory that was reserved is not the caller's once the writer goes on.
///
/// ```
/// # use headpond_pipe::Writer;
/// async fn write(writer: &mut Writer) -> Result<(), Box<dyn std::error::Error>> {
///     let memory = writer.reserve(1)?;
///     memory.advance(1);
///     writer.flush().await?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use headpond_pipe::Writer;
/// async fn write(writer: &mut Writer) -> Result<(), Box<dyn std::error::Error>> {
///     let memory = writer.reserve(1)?;
///     writer.flush().await?;
///     memory.advance(1);
///     Ok(())
/// }
/// ```
mod memory_filled_after_a_flush {}

/// One writer and one reader: neither end can be cloned.
///
/// ```
/// # use headpond_pipe::{Pipe, ReadCanceller, FlushCanceller};
/// fn handles(pipe: &Pipe) -> (FlushCanceller, ReadCanceller) {
///     (pipe.writer.canceller().clone(), pipe.reader.canceller().clone())
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use headpond_pipe::{Pipe, Writer};
/// fn writer(pipe: Pipe) -> Writer {
///     pipe.writer.clone()
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use headpond_pipe::{Pipe, Reader};
/// fn reader(pipe: Pipe) -> Reader {
///     pipe.reader.clone()
/// }
/// ```
mod ends_cloned {}
