//! Section PipeOptionsTests.

use headpond_pipe::{OptionsError, PipeOptions};
use headpond_pool::{Pool, PoolOptions, PoolOptionsError};

use crate::harness::CountingPool;

// The pool is always given; the options say the rest.
#[test]
fn default_expected_values() {
    let pool = Pool::new();
    let plain = PipeOptions::new(&pool);
    let built = PipeOptions::builder(&pool).build().expect("the defaults");
    for options in [plain.clone(), plain, built] {
        assert_eq!(options.pause_threshold(), 65536);
        assert_eq!(options.resume_threshold(), 32768);
        assert_eq!(options.source().block_size(), 4096);
    }
}

// A negative threshold cannot be written.
#[test]
fn invalid_args_throws() {
    let build = |pause, resume| {
        PipeOptions::builder(&CountingPool::new(1)).pause_threshold(pause).resume_threshold(resume).build()
    };
    for (pause, resume) in [(1, 2), (64, 65), (64, 0), (65535, 65536)] {
        let error = build(pause, resume).expect_err("out of order");
        assert_eq!(error, OptionsError::ResumeThreshold { resume, pause });
    }
    assert!(build(64, 64).is_ok());
    assert!(build(0, 64).is_ok());
}

// The block size is the pool's: 0 is refused there, and by the options for any other source; a negative one cannot be written.
#[test]
fn invalid_args_no_throw() {
    assert_eq!(PoolOptions::new().block_size(0).build().expect_err("no bytes"), PoolOptionsError::BlockSize);
    let error = PipeOptions::builder(&CountingPool::new(0)).build().expect_err("no bytes");
    assert_eq!(error, OptionsError::BlockSize);
    assert!(PoolOptions::new().block_size(1).build().is_ok());
    assert!(PipeOptions::builder(&CountingPool::new(1)).build().is_ok());
}
