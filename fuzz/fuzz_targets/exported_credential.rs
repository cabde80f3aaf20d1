//! Exported credentials, under a checksum that is right: what is imported and exported is the same from then on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::{Credential, Error};
use orthros_fuzz::{ENVIRONMENT, exported};

fuzz_target!(|contents: &[u8]| {
    match moved(&exported::credential(contents)) {
        Ok(token) => {
            let again = moved(&token).expect("what was exported can be imported");
            assert_eq!(again, token);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

/// To another process, and from there.
fn moved(token: &[u8]) -> Result<Vec<u8>, Error> {
    // The cache in memory that a token names need not be there.
    let token = Credential::import_in(token, &ENVIRONMENT)?.export()?;
    Ok(token.to_vec())
}
