//! What is looked at: for each subject, a table of operations.

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
    ];
    tables.concat()
}
