//! All that a reading end still gives.

use headpond_pipe::{PipeRead, PipeReadExt, ReadError};

/// Everything up to the end, and what ended it.
pub(crate) async fn drain(reader: &mut impl PipeRead) -> (Vec<u8>, Option<ReadError>) {
    let mut bytes = Vec::new();
    loop {
        match reader.read().await {
            Ok(view) => {
                bytes.extend(view.buffer().to_vec());
                let finished = view.is_finished();
                view.advance_all();
                if finished {
                    return (bytes, None);
                }
            }
            Err(error) => return (bytes, Some(error)),
        }
    }
}
