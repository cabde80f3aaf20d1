//! Finding preauthentication data.

use orthros_asn1::{PaData, PaDataType};

/// The value of the first element of this type.
pub(crate) fn find(padata: &[PaData], wanted: PaDataType) -> Option<&[u8]> {
    padata
        .iter()
        .find(|element| element.padata_type == wanted)
        .map(|element| element.padata_value.as_ref())
}
