//! Copies to an `AsyncWrite`, from an `AsyncRead`, and between both.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_io::{AsyncRead, AsyncWrite};
use headpond_pipe::{CopyError, PipeOptions, PipeRead, PipeWrite};

use super::stream::FuturesStream;
use crate::copy::{Copy, between, from::CopyIn, streams::impl_copies};

impl_copies!(
    FuturesStream,
    AsyncRead,
    AsyncWrite,
    "FuturesReadExt::copy_to_futures_io",
    "FuturesWriteExt::copy_from_futures_io"
);
