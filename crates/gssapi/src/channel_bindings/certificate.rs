//! Which hash binds to a certificate (RFC 5929 section 4.1), and that hash.

use orthros_asn1::DerValue;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::Oid;

/// Why a certificate has no `tls-server-end-point` bindings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is not an X.509 certificate in DER.
    #[error("not an X.509 certificate in DER")]
    Malformed,
    /// The signature algorithm has no hash function of its own, or an unknown one; RFC 5929 does not say what to do.
    #[error("no channel bindings are defined for signature algorithm {0}")]
    NoHash(Oid),
}

/// The hash of the whole certificate, with the hash function of its signature.
pub(super) fn end_point_hash(certificate: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let hash = match signature_hash(certificate)? {
        Hash::Sha224 => Sha224::digest(certificate).to_vec(),
        Hash::Sha256 => Sha256::digest(certificate).to_vec(),
        Hash::Sha384 => Sha384::digest(certificate).to_vec(),
        Hash::Sha512 => Sha512::digest(certificate).to_vec(),
    };
    Ok(hash)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Reads `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }` (RFC 5280 section 4.1)
/// as far as the algorithm.
fn signature_hash(certificate: &[u8]) -> Result<Hash, CertificateError> {
    let fields = whole(certificate, SEQUENCE)?;
    let (_to_be_signed, fields) = element(fields, SEQUENCE)?;
    let (algorithm, fields) = element(fields, SEQUENCE)?;
    whole(fields, BIT_STRING)?;
    let (algorithm, parameters) = identifier(algorithm)?;
    if algorithm == RSASSA_PSS {
        return pss_hash(parameters);
    }
    require_one_value_at_most(parameters)?;
    known_hash(SIGNATURES, algorithm)
}

/// Reads `RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] DEFAULT sha1, .. }` (RFC 4055 section 3.1).
fn pss_hash(parameters: &[u8]) -> Result<Hash, CertificateError> {
    let fields = whole(parameters, SEQUENCE)?;
    if fields.first() != Some(&EXPLICIT_0) {
        return Ok(Hash::Sha256);
    }
    let (algorithm, _mask_and_salt) = element(fields, EXPLICIT_0)?;
    let (algorithm, parameters) = identifier(whole(algorithm, SEQUENCE)?)?;
    require_one_value_at_most(parameters)?;
    known_hash(HASHES, algorithm)
}

fn known_hash(table: &[(Oid, Hash)], algorithm: Oid) -> Result<Hash, CertificateError> {
    table
        .iter()
        .find(|(oid, _)| *oid == algorithm)
        .map(|(_, hash)| *hash)
        .ok_or(CertificateError::NoHash(algorithm))
}

fn identifier(octets: &[u8]) -> Result<(Oid, &[u8]), CertificateError> {
    let (oid, rest) = element(octets, OBJECT_IDENTIFIER)?;
    let oid = Oid::from_octets(oid).map_err(|_| CertificateError::Malformed)?;
    Ok((oid, rest))
}

/// The parameters of an algorithm are one value of any type, or left out.
fn require_one_value_at_most(parameters: &[u8]) -> Result<(), CertificateError> {
    match DerValue::first(parameters) {
        _ if parameters.is_empty() => Ok(()),
        Ok(value) if value.rest.is_empty() => Ok(()),
        _ => Err(CertificateError::Malformed),
    }
}

/// The content of the DER element that is all of `octets`, which must have this tag.
fn whole(octets: &[u8], tag: u8) -> Result<&[u8], CertificateError> {
    match element(octets, tag)? {
        (content, []) => Ok(content),
        _ => Err(CertificateError::Malformed),
    }
}

/// The content of the DER element that `octets` begin with, which must have this tag, and what follows it.
fn element(octets: &[u8], tag: u8) -> Result<(&[u8], &[u8]), CertificateError> {
    match DerValue::first(octets) {
        Ok(value) if value.identifier == tag => Ok((value.contents, value.rest)),
        _ => Err(CertificateError::Malformed),
    }
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const EXPLICIT_0: u8 = 0xA0;

const RSASSA_PSS: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 10]);

/// Signature algorithms and what binds to them; MD5 and SHA-1 are replaced by SHA-256 (RFC 5929 section 4.1).
const SIGNATURES: &[(Oid, Hash)] = &[
    // RSA PKCS #1 v1.5: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 (RFC 8017)
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 4]), Hash::Sha256),
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 5]), Hash::Sha256),
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 14]), Hash::Sha224),
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]), Hash::Sha256),
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 12]), Hash::Sha384),
    (Oid::new(&[1, 2, 840, 113_549, 1, 1, 13]), Hash::Sha512),
    // ECDSA: SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 (RFC 5758)
    (Oid::new(&[1, 2, 840, 10045, 4, 1]), Hash::Sha256),
    (Oid::new(&[1, 2, 840, 10045, 4, 3, 1]), Hash::Sha224),
    (Oid::new(&[1, 2, 840, 10045, 4, 3, 2]), Hash::Sha256),
    (Oid::new(&[1, 2, 840, 10045, 4, 3, 3]), Hash::Sha384),
    (Oid::new(&[1, 2, 840, 10045, 4, 3, 4]), Hash::Sha512),
    // DSA: SHA-1, SHA-224, SHA-256 (RFC 5758)
    (Oid::new(&[1, 2, 840, 10040, 4, 3]), Hash::Sha256),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 3, 1]), Hash::Sha224),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 3, 2]), Hash::Sha256),
];

/// Hash functions, as RSASSA-PSS names them (RFC 4055 section 2.1).
const HASHES: &[(Oid, Hash)] = &[
    (Oid::new(&[1, 3, 14, 3, 2, 26]), Hash::Sha256),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 4]), Hash::Sha224),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 1]), Hash::Sha256),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 2]), Hash::Sha384),
    (Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 3]), Hash::Sha512),
];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256, Sha384};

    use super::{CertificateError, end_point_hash};
    use crate::Oid;

    /// `SEQUENCE { SEQUENCE {}, SEQUENCE { algorithm, parameters }, BIT STRING }`: as much of a certificate as is
    /// read.
    fn certificate(algorithm: Oid, parameters: &[u8]) -> Vec<u8> {
        let algorithm = sequence(&[&algorithm.to_der(), parameters].concat());
        sequence(&[&[0x30, 0x00], &algorithm[..], &[0x03, 0x02, 0x00, 0xFF]].concat())
    }

    fn sequence(content: &[u8]) -> Vec<u8> {
        let mut element = vec![0x30, u8::try_from(content.len()).expect("short")];
        element.extend_from_slice(content);
        element
    }

    #[test]
    fn sha_1_signatures_bind_by_sha_256() {
        let certificate = certificate(Oid::new(&[1, 2, 840, 113_549, 1, 1, 5]), &[0x05, 0x00]);
        assert_eq!(
            end_point_hash(&certificate),
            Ok(Sha256::digest(&certificate).to_vec())
        );
    }

    #[test]
    fn other_signatures_bind_by_their_own_hash() {
        let certificate = certificate(Oid::new(&[1, 2, 840, 10045, 4, 3, 3]), &[]);
        assert_eq!(
            end_point_hash(&certificate),
            Ok(Sha384::digest(&certificate).to_vec())
        );
    }

    #[test]
    fn pss_binds_by_the_hash_in_its_parameters() {
        let hash = sequence(&Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 2]).to_der());
        let mut tagged = vec![0xA0, u8::try_from(hash.len()).expect("short")];
        tagged.extend(hash);
        let certificate = certificate(super::RSASSA_PSS, &sequence(&tagged));
        assert_eq!(
            end_point_hash(&certificate),
            Ok(Sha384::digest(&certificate).to_vec())
        );
    }

    #[test]
    fn ed25519_has_no_hash_to_bind_by() {
        let ed25519 = Oid::new(&[1, 3, 101, 112]);
        assert_eq!(
            end_point_hash(&certificate(ed25519, &[])),
            Err(CertificateError::NoHash(ed25519))
        );
    }

    #[test]
    fn a_length_that_is_not_der_is_no_certificates() {
        let certificate = certificate(Oid::new(&[1, 2, 840, 10045, 4, 3, 2]), &[]);
        let [identifier, length, contents @ ..] = &certificate[..] else {
            unreachable!("a certificate is a SEQUENCE");
        };
        for header in [
            &[*identifier, 0x81, *length][..],
            &[*identifier, 0x82, 0, *length],
            &[*identifier, 0x80],
            &[*identifier, 0xFF],
        ] {
            let malformed = [header, contents].concat();
            assert_eq!(end_point_hash(&malformed), Err(CertificateError::Malformed));
        }
    }

    #[test]
    fn what_follows_the_parameters_of_an_algorithm_is_no_certificates() {
        let rsa = Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]);
        for parameters in [&[0x05, 0x00, 0x05, 0x00][..], &[0x05], &[0x05, 0x01]] {
            let certificate = certificate(rsa, parameters);
            assert_eq!(
                end_point_hash(&certificate),
                Err(CertificateError::Malformed)
            );
        }
        let behind = [&sequence(&[])[..], &[0x05, 0x00]].concat();
        assert_eq!(
            end_point_hash(&certificate(super::RSASSA_PSS, &behind)),
            Err(CertificateError::Malformed)
        );
    }

    #[test]
    fn every_cut_certificate_is_refused() {
        let certificate = certificate(Oid::new(&[1, 2, 840, 10045, 4, 3, 2]), &[]);
        for end in 0..certificate.len() {
            assert_eq!(
                end_point_hash(&certificate[..end]),
                Err(CertificateError::Malformed),
                "cut at {end}"
            );
        }
    }
}
