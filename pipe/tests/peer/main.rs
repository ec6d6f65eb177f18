//! What the test suite of System.IO.Pipelines asserts, held against this pipe: one module a section, one test a line. `README.md`
//! beside this file tables them.

mod backpressure_tests;
mod copy_to_async_tests;
mod flush_async_cancellation_tests;
mod flush_async_completion_tests;
mod flush_async_tests;
mod harness;
mod pipe_length_tests;
mod pipe_options_tests;
mod pipe_pool_tests;
mod pipe_pool_tests_nonnetstandard;
mod pipe_reader_writer_facts;
mod pipe_reader_writer_facts_nonnetstandard;
mod pipe_reset_tests;
mod pipe_writer_tests;
mod read_async_cancellation_tests;
mod read_async_completion_tests;
mod read_at_least_async_tests;
mod unflushed_bytes_tests;
