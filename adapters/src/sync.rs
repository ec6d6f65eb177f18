//! The one place that names a source of synchronisation.

#[cfg(feature = "transport")]
pub(crate) use mutex::Mutex;
#[cfg(feature = "rustls")]
pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[cfg(feature = "transport")]
mod mutex {
    use std::sync::{MutexGuard, PoisonError};

    /// A mutex for a few instructions at a time. What a panic leaves behind is as good as what it found: nobody panics halfway.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
