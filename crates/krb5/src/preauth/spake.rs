//! PA-SPAKE: a password-authenticated key exchange (RFC 9588), so that a password can't be guessed from what was seen.
//!
//! The client says which groups it has, the KDC challenges it in one of these, and the client responds. A KDC may also
//! begin with a challenge, in its METHOD-DATA. What it sends is authenticated by the reply alone, which is in K'\[0\]:
//! a key that it knows only if it has the client's.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{
    Message as _, MethodData, PaData, PaDataType, PaSpake, SpakeChallenge, SpakeGroup,
    SpakeResponse, SpakeSecondFactor, SpakeSecondFactorType, SpakeSupport,
};
use orthros_crypto::spake::{Group, Keys, Party, PrivateScalar, Transcript};
use orthros_crypto::{Key, KeyUsage, RandomSource};

use super::{ClientKeyOfReply, Mechanism, MechanismRow, Round};
use crate::exchange::error::{ExchangeError, malformed};
use crate::exchange::padata::find;
use crate::exchange::reply_error::ReplyError;
use crate::wire;

pub(super) const ROW: MechanismRow = MechanismRow {
    padata_type: PaDataType::SPAKE,
    runs_without_armor: true,
    runs_under_armor: true,
    is_allowed: |options| !options.spake_groups.is_empty(),
    start: || Box::new(Spake::Unsent),
};

/// What has been sent.
enum Spake {
    Unsent,
    /// The groups, in this message.
    Support(Vec<u8>),
    /// The response, which makes this the reply key.
    Response(Key),
}

impl Mechanism for Spake {
    fn respond(
        &mut self,
        round: &Round<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError> {
        let message = find(round.method_data, PaDataType::SPAKE).unwrap_or_default();
        let support = match self {
            Self::Unsent if message.is_empty() => return self.send_support(round),
            Self::Unsent => None,
            Self::Support(support) => Some(support),
            Self::Response(_) => return Err(ReplyError::SpakeOutOfTurn.into()),
        };
        let PaSpake::Challenge(challenge) =
            PaSpake::decode(message).map_err(malformed("PA-SPAKE"))?
        else {
            return Err(ReplyError::SpakeOutOfTurn.into());
        };
        let group = Group::from_number(challenge.group.0)
            .filter(|group| round.options.spake_groups.contains(group));
        match (group, support) {
            (Some(group), support) => {
                let support = support.map_or(&[][..], |support| support);
                let mut transcript = Transcript::new(group);
                transcript.update(&[support, message]);
                let (response, reply_key) = respond(round, &challenge, group, transcript, random)?;
                *self = Self::Response(reply_key);
                element(response.encode()?)
            }
            // A challenge that was not asked for, in a group that the client does not have.
            (None, None) => self.send_support(round),
            (None, Some(_)) => Err(ReplyError::SpakeGroup(challenge.group).into()),
        }
    }

    fn has_further_round(&self) -> bool {
        matches!(self, Self::Unsent | Self::Support(_))
    }

    /// Only the response has something of the client's key in it.
    fn may_fall_back(&self) -> bool {
        matches!(self, Self::Unsent | Self::Support(_))
    }

    fn reply_key(&self, client_key: &mut ClientKeyOfReply<'_>) -> Result<Key, ExchangeError> {
        match self {
            Self::Response(reply_key) => Ok(reply_key.clone()),
            // The KDC does without preauthentication.
            Self::Unsent | Self::Support(_) => client_key(),
        }
    }
}

impl Spake {
    fn send_support(&mut self, round: &Round<'_>) -> Result<MethodData, ExchangeError> {
        let groups = round.options.spake_groups.iter();
        let support = PaSpake::Support(SpakeSupport {
            groups: groups.map(|group| SpakeGroup(group.number())).collect(),
        });
        let support = support.encode()?;
        *self = Self::Support(support.clone());
        element(support)
    }
}

/// The response to a challenge, and the reply key K'\[0\].
fn respond(
    round: &Round<'_>,
    challenge: &SpakeChallenge,
    group: Group,
    mut transcript: Transcript,
    random: &mut dyn RandomSource,
) -> Result<(PaSpake, Key), ExchangeError> {
    let none = SpakeSecondFactorType::SF_NONE;
    if !challenge
        .factors
        .iter()
        .any(|factor| factor.factor_type == none)
    {
        return Err(ReplyError::SpakeSecondFactor.into());
    }
    let private = PrivateScalar::draw(group, Party::Client, random)?;
    let public = private
        .public_key(round.client_key)
        .map_err(ReplyError::SpakePublicKey)?;
    transcript.update(&[&public]);
    let keys = Keys::agree(&private, round.client_key, &challenge.pubkey, transcript)
        .map_err(ReplyError::SpakePublicKey)?;
    let body = round.body.octets();
    let factor = SpakeSecondFactor {
        factor_type: none,
        data: None,
    };
    let key = keys.derive(1, body);
    let response = PaSpake::Response(SpakeResponse {
        pubkey: public.into(),
        factor: wire::encrypt(&key, KeyUsage::SPAKE, &factor.encode()?, random)?,
    });
    Ok((response, keys.derive(0, body)))
}

fn element(value: Vec<u8>) -> Result<MethodData, ExchangeError> {
    Ok([PaData {
        padata_type: PaDataType::SPAKE,
        padata_value: value.into(),
    }]
    .into())
}
