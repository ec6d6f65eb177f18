//! tokio's in-memory streams, which copy on both sides.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, SimplexStream, WriteHalf};

use super::{
    Contender, Measure, closed,
    copying::{ByReading, ByWriting},
};

#[derive(Debug)]
pub(crate) struct Duplex;

#[derive(Debug)]
pub(crate) struct Simplex;

macro_rules! copying {
    ($contender:ident, $writer:ty, $reader:ty) => {
        loops! {
            $contender;
            send(sender: ByWriting<$writer>, n, payload) {
                payload.fill(&mut sender.scratch[..n]);
                if sender.writer.write_all(&sender.scratch[..n]).await.is_err() {
                    closed();
                }
            }
            receive(receiver: ByReading<$reader>, look) {
                match receiver.reader.read(&mut receiver.scratch).await {
                    Ok(n) if n > 0 => look.add(&receiver.scratch[..n]),
                    _ => closed(),
                }
            }
        }
    };
}

copying!(Duplex, DuplexStream, DuplexStream);
copying!(Simplex, WriteHalf<SimplexStream>, ReadHalf<SimplexStream>);

impl Contender for Duplex {
    const NAME: &'static str = "duplex";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (writer, reader) = tokio::io::duplex(measure.window);
        (ByWriting::new(writer, measure), ByReading::new(reader, measure))
    }
}

impl Contender for Simplex {
    const NAME: &'static str = "simplex";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (reader, writer) = tokio::io::simplex(measure.window);
        (ByWriting::new(writer, measure), ByReading::new(reader, measure))
    }
}
