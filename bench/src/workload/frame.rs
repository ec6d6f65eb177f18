//! W5: a frame of 1 MiB behind its length, arriving in pieces of a segment each, parsed once it is complete.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    time::Instant,
};

use bytes::{Buf, BytesMut};
use futures_core::Stream;
use headpond_pipe::{Reader, Writer};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_util::codec::{FramedRead, LengthDelimitedCodec};

use super::{Round, Runner};
use crate::{
    contender::{Measure, closed, headpond::pipe},
    form::{Form, Stage, Waits, st::drive_in_turn},
    payload::{Look, Produce, Sum, Verdict, Words},
};

/// What one TCP segment carries on most networks.
const PIECE: usize = 1460;
const HEAD: usize = 4;

/// Who carries frames.
pub(crate) trait Framing: 'static {
    const NAME: &'static str;
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver);

    /// Sends so many frames, whose bodies have `size` bytes.
    fn send(sender: &mut Self::Sender, times: u64, size: usize) -> impl Future<Output = ()> + Send;

    /// Receives them.
    fn receive(receiver: &mut Self::Receiver, times: u64) -> impl Future<Output = Sum> + Send;
}

/// A frame as it is cut.
struct Pieces {
    words: Words,
    left: usize,
    head: Option<[u8; HEAD]>,
}

impl Pieces {
    fn new() -> Self {
        Self { words: Words::default(), left: 0, head: None }
    }

    fn begin(&mut self, size: usize) {
        self.left = size + HEAD;
        self.head = Some((size as u32).to_be_bytes());
    }

    /// How long the next piece is; 0 after the last.
    fn next(&self) -> usize {
        self.left.min(PIECE)
    }

    fn fill(&mut self, piece: &mut [u8]) {
        let body = match self.head.take() {
            Some(head) => {
                let (start, body) = piece.split_at_mut(HEAD);
                start.copy_from_slice(&head);
                body
            }
            None => &mut *piece,
        };
        self.words.fill(body);
        self.left -= piece.len();
    }
}

/// headpond: the reader is woken once a frame, and the frame stays where it was written.
pub(crate) struct Headpond<const BLOCK: usize>;

impl<const BLOCK: usize> Framing for Headpond<BLOCK> {
    const NAME: &'static str = if BLOCK == 4096 { "headpond" } else { "headpond-16k" };
    type Sender = Writer;
    type Receiver = Reader;

    fn open(measure: Measure) -> (Writer, Reader) {
        pipe(BLOCK, measure.window, 0).split()
    }

    async fn send(writer: &mut Writer, times: u64, size: usize) {
        let mut pieces = Pieces::new();
        for _ in 0..times {
            pieces.begin(size);
            while pieces.next() > 0 {
                let mut left = pieces.next();
                while left > 0 {
                    let Ok(mut memory) = writer.reserve(HEAD) else { closed() };
                    let n = left.min(memory.len());
                    pieces.fill(&mut memory[..n]);
                    memory.advance(n);
                    left -= n;
                }
                if writer.flush().await.is_err() {
                    closed();
                }
            }
        }
    }

    async fn receive(reader: &mut Reader, times: u64) -> Sum {
        let mut sum = Sum::default();
        for _ in 0..times {
            let Ok(view) = reader.read_at_least(HEAD).await else { closed() };
            let Ok(size) = view.buffer().cursor().u32_be() else { closed() };
            let Ok(view) = reader.read_at_least(HEAD + size as usize).await else { closed() };
            let start = view.buffer().start() + HEAD;
            let end = start + size as usize;
            view.buffer().slice(start..end).chunks().for_each(|chunk| sum.add(chunk));
            view.advance(end);
        }
        sum
    }
}

/// tokio's duplex and tokio-util's framing, which gathers a frame in a `BytesMut`.
pub(crate) struct Framed;

impl Framing for Framed {
    const NAME: &'static str = "framed";
    type Sender = (DuplexStream, Vec<u8>);
    type Receiver = FramedRead<DuplexStream, LengthDelimitedCodec>;

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (writer, reader) = tokio::io::duplex(measure.window);
        ((writer, vec![0; PIECE]), FramedRead::new(reader, LengthDelimitedCodec::new()))
    }

    async fn send((writer, scratch): &mut Self::Sender, times: u64, size: usize) {
        let mut pieces = Pieces::new();
        for _ in 0..times {
            pieces.begin(size);
            while pieces.next() > 0 {
                let piece = &mut scratch[..pieces.next()];
                pieces.fill(piece);
                if writer.write_all(piece).await.is_err() {
                    closed();
                }
            }
        }
    }

    async fn receive(framed: &mut Self::Receiver, times: u64) -> Sum {
        let mut sum = Sum::default();
        for _ in 0..times {
            match poll_fn(|cx| Pin::new(&mut *framed).poll_next(cx)).await {
                Some(Ok(frame)) => sum.add(&frame),
                _ => closed(),
            }
        }
        sum
    }
}

/// piper, gathered in a `BytesMut`: its ring shows a frame in pieces, and holds no more than its window.
pub(crate) struct Piper;

impl Framing for Piper {
    const NAME: &'static str = "piper";
    type Sender = piper::Writer;
    type Receiver = (piper::Reader, BytesMut);

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (reader, writer) = piper::pipe(measure.window);
        (writer, (reader, BytesMut::new()))
    }

    async fn send(writer: &mut Self::Sender, times: u64, size: usize) {
        let mut pieces = Pieces::new();
        let mut head = [0; PIECE];
        for _ in 0..times {
            pieces.begin(size);
            // The first piece begins with the length, which the ring may cut.
            let first = pieces.next();
            pieces.fill(&mut head[..first]);
            let mut written = 0;
            while written < first {
                if !poll_fn(|cx| writer.poll(cx)).await {
                    closed();
                }
                let memory = writer.write_buf(first - written);
                let part = memory.len();
                memory.copy_from_slice(&head[written..written + part]);
                writer.produced(part);
                written += part;
            }
            while pieces.next() > 0 {
                if !poll_fn(|cx| writer.poll(cx)).await {
                    closed();
                }
                let memory = writer.write_buf(pieces.next());
                let part = memory.len();
                pieces.fill(memory);
                writer.produced(part);
            }
        }
    }

    async fn receive((reader, gathered): &mut Self::Receiver, times: u64) -> Sum {
        let mut sum = Sum::default();
        let mut done = 0;
        while done < times {
            if !poll_fn(|cx| reader.poll(cx)).await {
                closed();
            }
            let bytes = reader.peek_buf();
            let n = bytes.len();
            gathered.extend_from_slice(bytes);
            reader.consume(n);
            while take_frame(gathered, &mut sum) {
                done += 1;
            }
        }
        sum
    }
}

/// Takes the first frame, when it is complete.
fn take_frame(gathered: &mut BytesMut, sum: &mut Sum) -> bool {
    let Some((head, rest)) = gathered.split_first_chunk::<HEAD>() else { return false };
    let size = u32::from_be_bytes(*head) as usize;
    if rest.len() < size {
        return false;
    }
    gathered.advance(HEAD);
    sum.add(&gathered.split_to(size));
    true
}

/// Frames over a channel of this kind.
pub(crate) struct Frames<F: Framing> {
    measure: Measure,
    /// Absent while they are elsewhere.
    ends: Option<(F::Sender, F::Receiver)>,
}

impl<F: Framing> Frames<F> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { measure, ends: Some(F::open(measure)) }
    }
}

impl<F: Framing> Runner for Frames<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round {
        let size = self.measure.size;
        let bytes = times * size as u64;
        let Some((mut sender, mut receiver)) = self.ends.take() else { panic!("a round panicked before") };
        if form == Form::OneThread {
            let start = Instant::now();
            let sum = drive_in_turn(F::send(&mut sender, times, size), F::receive(&mut receiver, times));
            let elapsed = start.elapsed();
            self.ends = Some((sender, receiver));
            return Round { elapsed, right: sum.is_right(bytes), waits: Waits::default() };
        }
        let sending = async move {
            F::send(&mut sender, times, size).await;
            sender
        };
        let receiving = async move {
            let sum = F::receive(&mut receiver, times).await;
            (receiver, sum)
        };
        let ran = stage.run_apart(form, sending, receiving);
        let (sender, (receiver, sum)) = ran.outputs;
        self.ends = Some((sender, receiver));
        Round { elapsed: ran.elapsed, right: sum.is_right(bytes), waits: ran.waits }
    }

    fn bytes(&self) -> u64 {
        self.measure.size as u64
    }
}

/// Frames gathered in a `BytesMut`, and taken from it, on one thread.
#[derive(Debug)]
pub(crate) struct OneBuffer {
    size: usize,
    buffer: BytesMut,
}

impl OneBuffer {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { size: measure.size, buffer: BytesMut::new() }
    }
}

impl Runner for OneBuffer {
    fn name(&self) -> &'static str {
        "bytes-mut"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let (mut pieces, mut sum) = (Pieces::new(), Sum::default());
        let mut frames = 0;
        let start = Instant::now();
        for _ in 0..times {
            pieces.begin(self.size);
            while pieces.next() > 0 {
                let (filled, n) = (self.buffer.len(), pieces.next());
                self.buffer.resize(filled + n, 0);
                pieces.fill(&mut self.buffer[filled..]);
                frames += u64::from(take_frame(&mut self.buffer, &mut sum));
            }
        }
        let elapsed = start.elapsed();
        let right = frames == times && sum.is_right(times * self.size as u64);
        Round { elapsed, right, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.size as u64
    }
}
