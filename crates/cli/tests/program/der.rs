//! Messages as octets, written without the codec that is under test: lists in them can be of any length.

/// An element of this tag with these contents.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut octets = vec![tag];
    if length < 0x80 {
        octets.push(u8::try_from(length).unwrap());
    } else {
        let digits = length.to_be_bytes();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        octets.push(0x80 | u8::try_from(digits.len() - zeros).unwrap());
        octets.extend(&digits[zeros..]);
    }
    octets.extend(contents);
    octets
}

/// `[number] contents`.
pub(crate) fn field(number: u8, contents: impl AsRef<[u8]>) -> Vec<u8> {
    element(0xA0 | number, contents.as_ref())
}

/// `[APPLICATION number] SEQUENCE` of these fields.
pub(crate) fn message(number: u8, fields: &[Vec<u8>]) -> Vec<u8> {
    element(0x60 | number, &sequence(fields))
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

pub(crate) fn integer(number: i64) -> Vec<u8> {
    let digits = number.to_be_bytes();
    let redundant = |pair: &[u8]| matches!((pair[0], pair[1]), (0, 0..0x80) | (0xFF, 0x80..));
    let skipped = digits.windows(2).take_while(|pair| redundant(pair)).count();
    element(2, &digits[skipped..])
}

pub(crate) fn octets(contents: &[u8]) -> Vec<u8> {
    element(4, contents)
}

pub(crate) fn string(contents: impl AsRef<[u8]>) -> Vec<u8> {
    element(0x1B, contents.as_ref())
}

/// 32 flags, as a BIT STRING.
pub(crate) fn flags(flags: u32) -> Vec<u8> {
    element(3, &[&[0], flags.to_be_bytes().as_slice()].concat())
}

/// A `KerberosTime`, of seconds since the epoch.
pub(crate) fn time(seconds: i64) -> Vec<u8> {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    element(0x18, time.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

/// A `PrincipalName` of these components.
pub(crate) fn name(components: &[Vec<u8>]) -> Vec<u8> {
    let strings: Vec<Vec<u8>> = components.iter().map(string).collect();
    sequence(&[field(0, integer(1)), field(1, sequence(&strings))])
}

/// A type and octets, in the fields from `first` on: PA-DATA, `HostAddress`, `EncryptionKey`, Checksum and their like.
pub(crate) fn typed(first: u8, number: i64, contents: &[u8]) -> Vec<u8> {
    let number = field(first, integer(number));
    sequence(&[number, field(first + 1, octets(contents))])
}

/// `EncryptedData`.
pub(crate) fn encrypted(etype: i64, kvno: Option<u32>, cipher: &[u8]) -> Vec<u8> {
    let kvno = kvno.map(|kvno| field(1, integer(kvno.into())));
    let etype = field(0, integer(etype));
    sequence(&[etype, kvno.unwrap_or_default(), field(2, octets(cipher))])
}
