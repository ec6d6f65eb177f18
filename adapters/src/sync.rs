//! The one place that names a source of synchronisation.

pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
