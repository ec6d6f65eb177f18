//! Copies to an `AsyncWrite`, from an `AsyncRead`, and between both.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use headpond_pipe::{CopyError, PipeOptions, PipeRead, PipeWrite};
use tokio::io::{AsyncRead, AsyncWrite};

use super::stream::TokioStream;
use crate::copy::{Copy, between, from::CopyIn, streams::impl_copies};

impl_copies!(TokioStream, AsyncRead, AsyncWrite, "TokioReadExt::copy_to_tokio", "TokioWriteExt::copy_from_tokio");
