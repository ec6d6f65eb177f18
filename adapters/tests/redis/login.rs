//! A server that asks for a password, beside the real one.

use crate::{peer::Peer, replies::until_closed, served::Served};

#[test]
fn logging_in_is_the_same() {
    let Some(peer) = Peer::with(&["--requirepass", "secret"]) else { return };
    let served = Served::with_password(Some("secret"));
    let many = b"*12\r\n$4\r\nMGET\r\n".iter().chain(b"$1\r\nk\r\n".repeat(11).iter()).copied().collect::<Vec<_>>();
    let long = [b"*2\r\n$4\r\nECHO\r\n$16385\r\n", &vec![b'x'; 16385][..], b"\r\n"].concat();
    let login = b"AUTH secret\r\n";
    for bytes in [
        &b"PING\r\nGET k\r\nGET\r\nNONSENSE\r\nCLIENT NONSENSE\r\nCLIENT GETNAME more\r\nSET k v\r\nQUIT\r\n"[..],
        b"MULTI\r\nEXEC\r\nEXEC more\r\nDISCARD\r\nWATCH k\r\nSELECT 1\r\nECHO x\r\nINFO\r\nCOMMAND\r\n",
        b"AUTH wrong\r\nAUTH secre\r\nAUTH secrets\r\nAUTH \"\"\r\nAUTH default wrong\r\nAUTH nobody secret\r\nAUTH a b c\r\nPING\r\n",
        b"AUTH secret\r\nPING\r\nAUTH wrong\r\nPING\r\nRESET\r\nPING\r\nAUTH default secret\r\nPING\r\n",
        b"HELLO\r\nHELLO 2\r\nHELLO 3\r\nHELLO 4\r\nHELLO x\r\nHELLO 3 SETNAME a\r\nHELLO 3 BOGUS\r\nPING\r\n",
        b"HELLO 3 AUTH default wrong\r\nHELLO 3 AUTH nobody secret\r\nHELLO 3 AUTH default\r\nPING\r\nGET k\r\n",
        b"AUTH secret\r\nMULTI\r\nAUTH wrong\r\nAUTH secret\r\nSET k v\r\nGET k\r\nEXEC\r\nDEL k\r\n",
        b"AUTH secret\r\nMULTI\r\nSET k v\r\nRESET\r\nEXEC\r\nAUTH secret\r\nEXISTS k\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        // Longer than what is taken from whoever has not logged in.
        &[&login[..], &many].concat(),
        &[&login[..], &long].concat(),
        &[&login[..], b"RESET\r\n*11\r\n"].concat(),
        &[&login[..], b"RESET\r\n*1\r\n$16385\r\n"].concat(),
        b"*11\r\n",
        b"*1\r\n$16385\r\n",
    ] {
        let ours = until_closed(&mut served.connect(), bytes).escape_ascii().to_string();
        let theirs = until_closed(&mut peer.connect(), bytes).escape_ascii().to_string();
        assert_eq!(ours, theirs, "{}", bytes.escape_ascii());
    }
    let greeting = until_closed(&mut served.connect(), b"HELLO 3 AUTH default secret SETNAME me\r\nCLIENT GETNAME\r\n");
    assert!(greeting.starts_with(b"%7\r\n") && greeting.ends_with(b"$2\r\nme\r\n"), "{}", greeting.escape_ascii());
}
