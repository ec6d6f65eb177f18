//! Every codec: over every split of its bytes, against a reference on the same bytes, by the vectors its standard prints.

#[cfg(all(
    feature = "data-encoding",
    feature = "encoding_rs",
    feature = "httpdate",
    feature = "jiff",
    feature = "percent-encoding",
    feature = "prost",
    feature = "serde_json",
    feature = "zerocopy"
))]
mod allocation;
mod ascii;
#[cfg(feature = "data-encoding")]
mod base;
mod binary;
#[cfg(all(
    feature = "data-encoding",
    feature = "encoding_rs",
    feature = "httpdate",
    feature = "jiff",
    feature = "percent-encoding",
    feature = "prost",
    feature = "serde_json",
    feature = "zerocopy"
))]
mod broken_writers;
mod chunked;
mod cobs;
#[path = "../../../pool/tests/sequence/cuts.rs"]
#[allow(dead_code, reason = "these tests need a part of it")]
mod cuts;
#[cfg(all(feature = "httpdate", feature = "jiff"))]
mod dates;
mod delimited;
#[cfg(feature = "encoding_rs")]
mod encoding;
#[cfg(all(
    feature = "data-encoding",
    feature = "encoding_rs",
    feature = "percent-encoding",
    feature = "prost",
    feature = "serde_json"
))]
mod errors;
mod fail_fast;
mod items;
#[cfg(feature = "serde_json")]
mod json;
mod length_delimited;
mod limits;
mod line;
mod messagepack;
mod nesting;
mod netstring;
mod number;
#[cfg(feature = "percent-encoding")]
mod percent;
mod prefix;
#[cfg(feature = "prost")]
mod protobuf;
#[cfg(feature = "zerocopy")]
mod record;
mod resp;
mod resp_command;
mod resuming;
mod small_blocks;
mod splits;
mod text;
mod utf8;
mod varint;
#[cfg(feature = "serde_json")]
mod warm_pipe;
mod websocket;
mod websocket_message;
mod whole;
