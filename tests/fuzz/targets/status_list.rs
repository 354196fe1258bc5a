//! Status lists and their tokens, a foreign format: never more memory than stated, and our own writing reads back the same.
#![no_main]

use credential::cbor::{Reader, Writer};
use credential::status_list::{StatusIndex, StatusList};
use credential::status_token::StatusToken;

const LIMIT: usize = 4096;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = Reader::whole(bytes, |reader| StatusList::read(reader, LIMIT)) {
        assert!(list.packed().len() <= LIMIT);
        let end = u32::try_from(list.capacity()).unwrap();
        assert_eq!(list.get(StatusIndex::new(end)), None);
        assert!(end == 0 || list.get(StatusIndex::new(end - 1)).is_some());
        let written = list.write(Writer::new()).finish();
        assert!(Reader::whole(&written, |reader| StatusList::read(reader, LIMIT)) == Ok(list));
    }
    if let Ok(token) = StatusToken::decode(bytes, LIMIT) {
        assert!(token.list.packed().len() <= LIMIT);
        assert!(StatusToken::decode(&token.encode(), LIMIT) == Ok(token));
    }
});
