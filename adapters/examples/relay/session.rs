//! The server's conversation with one client: the loop that this example is about.

use headpond_codec::{
    Decoder,
    line::{LineDecoder, LineEnding},
    number::write_integer,
};
use headpond_pipe::{PipeRead, PipeReadExt, PipeWrite, PipeWriteExt};

use super::{AnyError, tally::Tally};

/// How long a line may be, in bytes.
const MAX_LINE: usize = 1 << 20;

/// Answers every line with its length, until the input ends.
///
/// The lines are counted where they were received, and the answers encoded where they will be sent from: there is no
/// `String`, no `Vec` and no copy, and after the first blocks are rented nothing is allocated. A client that does not read
/// its answers holds back the flush, and so itself.
pub(crate) async fn converse(
    input: &mut impl PipeRead,
    output: &mut impl PipeWrite,
    tally: &mut Tally,
) -> Result<(), AnyError> {
    let mut lines = LineDecoder::new().ending(LineEnding::Lf).max_len(MAX_LINE);
    loop {
        let view = input.read().await?;
        let (buffer, finished) = (view.buffer(), view.is_finished());
        let mut items = lines.items(buffer, finished);
        for line in &mut items {
            tally.add_line();
            write_integer(output, line?.len())?;
            output.write(b"\n")?;
        }
        let consumed = items.consumed();
        tally.add_text(buffer.slice(..consumed));
        view.need_more(consumed);
        output.flush_release().await?;
        if finished {
            return Ok(());
        }
    }
}
