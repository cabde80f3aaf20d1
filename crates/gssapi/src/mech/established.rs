//! What an exchange of tokens ends in. Each mechanism that is here ends in Kerberos' context, with Kerberos' tokens
//! for messages.

pub(crate) use orthros_krb5::SequenceStatus;
use orthros_krb5::ap;
pub(crate) use orthros_krb5::ap::{ApCheckError, ContextInfo, EstablishedContext, pseudo_random};
pub(crate) use orthros_krb5::message::{Iov, IovLengths, Receiver, Role, Sender};

use super::ConcreteMechanism;

/// The mechanism of a context: Kerberos, by whichever identifier it was begun.
pub(crate) const fn mechanism_of(info: &ContextInfo) -> ConcreteMechanism {
    match info.mechanism {
        ap::Mechanism::UserToUser => ConcreteMechanism::UserToUser,
        ap::Mechanism::Krb5 | ap::Mechanism::Microsoft | ap::Mechanism::BeforeRfc1964 => {
            ConcreteMechanism::Krb5
        }
    }
}
