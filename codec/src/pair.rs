//! Decoders and encoders made of others.

use headpond_pool::{BufferWriter, Cursor};

use crate::{
    decode::{Decoded, Decoder, FinishError},
    encode::{Encode, EncodeError, Encoder},
};

/// A decoder for one direction and an encoder for the other, as one codec.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Codec, Decoder, Encoder, Plain, line::LineDecoder};
/// use headpond_pool::SequenceBuf;
///
/// let mut codec = Codec { decoder: LineDecoder::new(), encoder: Plain };
/// let mut out = Vec::new();
/// codec.encode("a line\n", &mut out)?;
/// let buffer = SequenceBuf::from(out);
/// assert_eq!(codec.decode(&mut buffer.as_sequence().cursor())?.value().unwrap(), "a line");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "their names say it")]
pub struct Codec<D, E> {
    pub decoder: D,
    pub encoder: E,
}

/// The encoder of every value that knows its form: whatever implements [`Encode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plain;

/// A decoder whose items are changed by a function: see [`Decoder::map`].
///
/// What it decodes with may be an encoder, too; then so is this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mapped<D, F> {
    codec: D,
    change: F,
}

impl<D, F> Mapped<D, F> {
    pub(crate) fn new(codec: D, change: F) -> Self {
        Self { codec, change }
    }

    /// What the items come from.
    pub fn get_ref(&self) -> &D {
        &self.codec
    }

    /// What the items come from.
    pub fn get_mut(&mut self) -> &mut D {
        &mut self.codec
    }
}

impl<D: Decoder, E> Decoder for Codec<D, E> {
    type Item<'a> = D::Item<'a>;
    type Error = D::Error;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<D::Item<'a>>, D::Error> {
        self.decoder.decode(cursor)
    }

    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<D::Item<'a>>, FinishError<D::Error>> {
        self.decoder.finish(cursor)
    }

    fn is_inside(&self) -> bool {
        self.decoder.is_inside()
    }

    fn reset(&mut self) {
        self.decoder.reset();
    }
}

impl<D, E: Encoder<I>, I> Encoder<I> for Codec<D, E> {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: I, out: &mut W) -> Result<(), EncodeError> {
        self.encoder.encode(item, out)
    }
}

impl<T: Encode> Encoder<T> for Plain {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: T, out: &mut W) -> Result<(), EncodeError> {
        item.encode(out)
    }
}

impl<D, F, O> Decoder for Mapped<D, F>
where
    D: Decoder,
    F: for<'a> FnMut(D::Item<'a>) -> O,
{
    type Item<'a> = O;
    type Error = D::Error;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<O>, D::Error> {
        Ok(self.codec.decode(cursor)?.map(&mut self.change))
    }

    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<O>, FinishError<D::Error>> {
        Ok(self.codec.finish(cursor)?.map(&mut self.change))
    }

    fn is_inside(&self) -> bool {
        self.codec.is_inside()
    }

    fn reset(&mut self) {
        self.codec.reset();
    }
}

impl<D: Encoder<I>, F, I> Encoder<I> for Mapped<D, F> {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: I, out: &mut W) -> Result<(), EncodeError> {
        self.codec.encode(item, out)
    }
}
