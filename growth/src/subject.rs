//! What is looked at: for each subject, a table of operations.

mod adapter_blocking;
mod adapter_codec;
mod adapter_pieces;
mod adapter_sessions;
mod adapter_streams;
mod codec_frames;
mod codec_text;
mod codec_values;
mod codec_websocket;
mod cursor;
mod extract;
mod pipe_ending;
mod pipe_reading;
mod pipe_writing;
mod pool;
mod search;
mod slice;
mod waiting;

use crate::operation::Operation;

/// Every operation there is.
pub(crate) fn operations() -> Vec<Operation> {
    let tables = [
        pool::OPERATIONS,
        waiting::OPERATIONS,
        slice::OPERATIONS,
        extract::OPERATIONS,
        search::OPERATIONS,
        cursor::OPERATIONS,
        pipe_writing::OPERATIONS,
        pipe_reading::OPERATIONS,
        pipe_ending::OPERATIONS,
        adapter_blocking::OPERATIONS,
        adapter_streams::OPERATIONS,
        adapter_pieces::OPERATIONS,
        adapter_codec::OPERATIONS,
        adapter_sessions::OPERATIONS,
        codec_text::DECODING,
        codec_text::OPERATIONS,
        codec_frames::DECODING,
        codec_frames::OPERATIONS,
        codec_values::DECODING,
        codec_values::OPERATIONS,
        codec_websocket::DECODING,
        codec_websocket::OPERATIONS,
    ];
    tables.concat()
}
