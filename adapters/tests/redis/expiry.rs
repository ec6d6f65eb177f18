//! Keys that expire, by a clock of the test's own.

use headpond_pool::Slice;

use crate::redis_server::{store::Store, text::Text};

fn text(store: &mut Store, key: &[u8]) -> Option<String> {
    let value = store.at(0).read::<Text>(key).ok().flatten()?;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

#[test]
fn a_key_is_gone_at_its_time_and_removed_when_it_is_asked_for() {
    let mut store = Store::new();
    store.set_now(1000);
    store.at(0).put(b"stays", Slice::from("s").into(), None);
    for key in [b"a", b"b", b"c"] {
        store.at(0).put(key, Slice::from("v").into(), Some(2000));
    }
    store.set_now(1999);
    assert_eq!(text(&mut store, b"a").as_deref(), Some("v"));
    assert_eq!(store.at(0).expiry(b"a"), Some(Some(2000)));
    store.set_now(2000);
    assert_eq!((store.at(0).len(), store.at(0).keys().count()), (4, 1));
    assert_eq!(text(&mut store, b"a"), None);
    assert!(store.at(0).remove(b"b").is_none());
    assert_eq!(store.at(0).expiry(b"c"), None);
    assert_eq!(store.at(0).len(), 1);
    store.set_now(i64::MAX);
    assert_eq!(text(&mut store, b"stays").as_deref(), Some("s"));
}

#[test]
fn a_key_that_is_set_again_begins_anew() {
    let mut store = Store::new();
    store.set_now(10);
    store.at(0).put(b"k", Slice::from("old").into(), Some(20));
    store.set_now(20);
    assert!(store.at(0).obtain::<Text>(b"k").unwrap().is_empty());
    assert_eq!(store.at(0).expiry(b"k"), Some(None));
    store.at(0).expire(b"k", Some(20));
    assert_eq!(store.at(0).len(), 0);
}
