//! Sessions between pipes over TCP, against openssl's programs in either role and either version.

use std::{
    env, fs,
    future::Future,
    io::{self, BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, LazyLock},
    thread,
};

use headpond_adapters::{
    rustls::{TlsAcceptor, TlsConnection, TlsConnector, TlsError},
    tokio::{SinkWriter, SourceReader},
};
use headpond_pipe::PipeOptions;
use rustls::{ProtocolVersion, SupportedProtocolVersion};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Builder,
    task::JoinHandle,
};

use crate::{
    certificates::{Configs, NAME, OWN, name},
    tls_peer::{pool, read},
};

/// How much is echoed.
const ECHOED: usize = 4 << 20;

/// The versions, and what the programs call them.
const VERSIONS: [(&SupportedProtocolVersion, &str); 2] =
    [(&rustls::version::TLS12, "-tls1_2"), (&rustls::version::TLS13, "-tls1_3")];

/// Our own certificate and its key, in files.
static FILES: LazyLock<(PathBuf, PathBuf)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openssl");
    fs::create_dir_all(&folder).unwrap();
    let (certificate, key) = (folder.join("certificate.der"), folder.join("key.der"));
    fs::write(&certificate, OWN.cert.der()).unwrap();
    fs::write(&key, OWN.signing_key.serialize_der()).unwrap();
    (certificate, key)
});

/// A program that does not outlive the test.
struct Program(Child);

impl Program {
    /// Starts one of openssl's; `None` where there is no openssl, which a gate does not let pass.
    fn start(arguments: &[&str], more: impl FnOnce(&mut Command) -> &mut Command) -> Option<Self> {
        let mut command = Command::new("openssl");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        match more(&mut command).spawn() {
            Ok(child) => Some(Self(child)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                assert!(!env::var("CI").is_ok_and(|value| value == "true"), "there is no openssl");
                eprintln!("skipped: there is no openssl");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn client(address: SocketAddr, arguments: &[&str]) -> Option<Self> {
        Self::start(&["s_client", "-servername", NAME, "-verify_return_error"], |command| {
            command
                .stderr(Stdio::piped())
                .args(arguments)
                .arg("-CAstore")
                .arg(&FILES.0)
                .arg("-connect")
                .arg(address.to_string())
        })
    }

    fn stderr(&mut self) -> impl BufRead + use<> {
        BufReader::new(self.0.stderr.take().unwrap())
    }

    fn stdin(&mut self) -> ChildStdin {
        self.0.stdin.take().unwrap()
    }

    fn stdout(&mut self) -> impl BufRead + use<> {
        BufReader::new(self.0.stdout.take().unwrap())
    }

    fn succeeds(mut self) {
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Whether it has ended by itself is of no concern any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Digits: a client takes letters at the beginning of a line for commands.
fn digits(len: usize) -> Vec<u8> {
    (0..len).map(|i| b'0' + (i * 7 + i / 10 + i / 1000) as u8 % 10).collect()
}

type Session = (TlsConnection, JoinHandle<Result<(), TlsError>>);

/// Accepts one client, and serves it in a thread with a runtime of its own.
fn serve<T: Send + 'static, F: Future<Output = T> + Send>(
    version: &'static SupportedProtocolVersion,
    handler: impl FnOnce(Session) -> F + Send + 'static,
) -> (SocketAddr, thread::JoinHandle<T>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async move {
        let (socket, _) = TcpListener::from_std(listener).unwrap().accept().await.unwrap();
        let (source, sink) = socket.into_split();
        let options = PipeOptions::new(pool());
        let (reader, writer) = (SourceReader::new(source, &options), SinkWriter::new(sink, &options));
        let acceptor = TlsAcceptor::new(Configs::new(&[version]).server, &options);
        let (connection, pump) = acceptor.accept(reader, writer).await.unwrap();
        assert_eq!(connection.session.server_name(), Some(NAME));
        assert_eq!(connection.session.version(), Some(number(version)));
        handler((connection, tokio::spawn(pump))).await
    };
    let server = thread::spawn(|| Builder::new_current_thread().enable_io().build().unwrap().block_on(serving));
    (address, server)
}

fn number(version: &SupportedProtocolVersion) -> ProtocolVersion {
    if *version == rustls::version::TLS12 { ProtocolVersion::TLSv1_2 } else { ProtocolVersion::TLSv1_3 }
}

#[test]
fn its_client_is_served() {
    for (version, flag) in VERSIONS {
        // The server has the last word: it ends once it has sent everything back.
        let (address, server) = serve(version, |(mut connection, pump)| async move {
            let mut left = ECHOED;
            while left > 0 {
                let bytes = connection.reader.read().await.unwrap().buffer().len().min(left);
                left -= connection.reader.transfer(&mut connection.writer, bytes).unwrap();
                connection.writer.flush().await.unwrap();
            }
            connection.writer.finish().unwrap();
            pump.await.unwrap()
        });
        let Some(mut client) = Program::client(address, &["-quiet", flag]) else { return };
        let (mut stdin, mut stdout) = (client.stdin(), client.stdout());
        let sending = thread::spawn(move || {
            stdin.write_all(&digits(ECHOED)).unwrap();
            // It is not to end by itself.
            stdin
        });
        let mut echoed = Vec::new();
        stdout.read_to_end(&mut echoed).unwrap();
        assert!(echoed == digits(ECHOED), "{flag}: the echo of {} bytes", echoed.len());
        drop(sending.join().unwrap());
        client.succeeds();
        server.join().unwrap().unwrap();
    }
}

#[test]
fn its_client_may_end_first() {
    for (version, flag) in VERSIONS {
        let (address, server) = serve(version, |(mut connection, pump)| async move {
            let mut received = Vec::new();
            loop {
                let view = connection.reader.read().await.unwrap();
                received.extend(view.buffer().to_vec());
                let (ended, end) = (view.is_finished(), view.buffer().end());
                view.advance(end);
                if ended {
                    break;
                }
            }
            // Nobody may be left to hear of it.
            let _ = connection.writer.finish();
            drop(pump);
            received
        });
        let Some(mut client) = Program::client(address, &["-quiet", "-no_ign_eof", flag]) else { return };
        client.stdin().write_all(&digits(ECHOED)).unwrap();
        client.succeeds();
        assert!(server.join().unwrap() == digits(ECHOED), "{flag}");
    }
}

#[test]
fn its_client_may_change_the_keys() {
    let (address, server) = serve(&rustls::version::TLS13, |(mut connection, pump)| async move {
        for len in [10, 100_000] {
            connection.writer.write(&read(&mut connection.reader, len).await).unwrap();
            connection.writer.flush().await.unwrap();
        }
        connection.writer.finish().unwrap();
        pump.await.unwrap()
    });
    let Some(mut client) = Program::client(address, &["-tls1_3"]) else { return };
    let (mut stdin, mut stdout) = (client.stdin(), client.stdout());
    stdin.write_all(&digits(10)).unwrap();
    wait_for(&mut stdout, &digits(10));
    // A line of one letter, which is read alone, is a command: new keys, of both.
    stdin.write_all(b"K\n").unwrap();
    wait_for(&mut client.stderr(), b"KEYUPDATE");
    let sending = thread::spawn(move || {
        stdin.write_all(&digits(100_000)).unwrap();
        stdin
    });
    wait_for(&mut stdout, &digits(100_000));
    server.join().unwrap().unwrap();
    drop(sending.join().unwrap());
}

/// Reads up to these bytes.
fn wait_for(output: &mut impl BufRead, bytes: &[u8]) {
    let mut seen = Vec::new();
    while !seen.ends_with(bytes) {
        let mut one = [0];
        output.read_exact(&mut one).unwrap();
        seen.push(one[0]);
    }
}

/// Lines of all lengths up to 1000.
fn lines() -> impl Iterator<Item = Vec<u8>> {
    (0..ECHOED / 500).map(|i| digits(1 + i * 37 % 1000))
}

#[test]
fn its_server_is_spoken_to() {
    for (version, flag) in VERSIONS {
        // It sends every line back, reversed.
        let arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1", "-certform", "DER", "-keyform", "DER"];
        let server = Program::start(&arguments, |command| {
            command.arg(flag).arg("-cert").arg(&FILES.0).arg("-key").arg(&FILES.1)
        });
        let Some(mut server) = server else { return };
        let mut stdout = server.stdout();
        let address = loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it does not listen");
            if let Some(address) = line.trim_end().strip_prefix("ACCEPT ") {
                break address.parse::<SocketAddr>().unwrap();
            }
        };
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let (source, sink) = TcpStream::connect(address).await.unwrap().into_split();
            let options = PipeOptions::new(pool());
            let (reader, writer) = (SourceReader::new(source, &options), SinkWriter::new(sink, &options));
            let connector = TlsConnector::new(Arc::clone(&Configs::new(&[version]).client), &options);
            let (mut connection, pump) = connector.connect(name(), reader, writer).await.unwrap();
            assert_eq!(connection.session.version(), Some(number(version)));
            let pump = tokio::spawn(pump);
            let mut writer = connection.writer;
            let speaking = tokio::spawn(async move {
                for line in lines() {
                    writer.write(&line).unwrap();
                    writer.write(b"\n").unwrap();
                    writer.flush().await.unwrap();
                }
                writer
            });
            for mut line in lines() {
                line.reverse();
                line.push(b'\n');
                assert!(read(&mut connection.reader, line.len()).await == line, "{flag}");
            }
            // It ends when it is told to, and says so itself.
            speaking.await.unwrap().finish().unwrap();
            assert!(connection.reader.read().await.unwrap().is_finished());
            pump.await.unwrap().unwrap();
        });
        stdout.read_to_string(&mut String::new()).unwrap();
        server.succeeds();
    }
}
