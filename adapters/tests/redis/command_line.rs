//! What the program says and exits with.

use std::process::{Command, Output};

use crate::redis_server::exit_code;

/// Makes this process the program for a test below, which starts it: its arguments, one a line.
const ARGUMENTS: &str = "HEADPOND_TEST_ARGUMENTS";

/// Is the program if this process is to be.
fn is_the_program() {
    if let Ok(arguments) = std::env::var(ARGUMENTS) {
        std::process::exit(exit_code(arguments.lines().map(Into::into)).into());
    }
}

/// What the program exits with, and says on its standard error.
fn outcome(arguments: &[&str]) -> (i32, String) {
    let test = "command_line::what_is_missing_is_said_and_is_no_success";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(ARGUMENTS, arguments.join("\n"));
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn what_is_missing_is_said_and_is_no_success() {
    is_the_program();
    let usage = "usage: redis_server --listen ADDRESS [--requirepass PASSWORD]";
    for (arguments, what) in [
        (&[][..], "--listen is missing"),
        (&["--requirepass", "x"], "--listen is missing"),
        (&["--listen"], "--listen needs an address, such as 127.0.0.1:6379"),
        (&["--listen", "--requirepass", "x"], "--listen needs an address, such as 127.0.0.1:6379"),
        (&["--listen", "127.0.0.1:0", "--requirepass"], "--requirepass needs a password"),
        (&["--listen", "127.0.0.1:0", "more"], "nothing is done with \"more\""),
        (&["127.0.0.1:0"], "nothing is done with \"127.0.0.1:0\""),
        (&["--lisen", "127.0.0.1:0"], "there is no option --lisen"),
        (&["-p", "6379"], "there is no option -p"),
    ] {
        assert_eq!(outcome(arguments), (2, format!("redis_server: {what}; {usage}\n")), "{arguments:?}");
    }
    assert_eq!(outcome(&["--help"]), (0, String::new()));
    let (code, error) = outcome(&["--listen", "256.0.0.1:1"]);
    assert!(code == 1 && error.starts_with("redis_server: cannot listen on 256.0.0.1:1: "), "{code} {error}");
}
