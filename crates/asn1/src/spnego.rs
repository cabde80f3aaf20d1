//! SPNEGO, which negotiates a GSS-API mechanism: RFC 4178, and MS-SPNG where servers speak first.
//!
//! The first token of a negotiation is framed as
//! [`gss::InitialContextToken`](crate::gss::InitialContextToken), the others stand alone.

use alloc::vec::Vec;

use rasn::types::{Class, Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

pub use crate::fields::ContextFlags;
use crate::fields::{Contents, primitive};
use crate::{DecodeErrorKind, KerberosString, ObjectIdentifier, Octets, Raw};

/// A token of a negotiation, RFC 4178 section 4.2.
///
/// ```text
/// NegotiationToken ::= CHOICE {
///         negTokenInit    [0] NegTokenInit,
///         negTokenResp    [1] NegTokenResp
/// }
/// ```
///
/// ```
/// use orthros_asn1::spnego::{NegState, NegTokenResp, NegotiationToken};
/// use orthros_asn1::Message;
///
/// let rejection = NegTokenResp {
///     neg_state: Some(NegState::Reject),
///     ..NegTokenResp::default()
/// };
/// let octets = NegotiationToken::Resp(rejection).encode()?;
/// assert_eq!(octets, [0xA1, 7, 0x30, 5, 0xA0, 3, 0x0A, 1, 2]);
/// # Ok::<(), orthros_asn1::EncodeError>(())
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(choice)]
pub enum NegotiationToken {
    /// The first token of the initiator; from an acceptor, its hints.
    #[rasn(tag(explicit(0)), identifier = "neg_token_init")]
    Init(NegTokenInit),
    /// Every other token.
    #[rasn(tag(explicit(1)), identifier = "neg_token_resp")]
    Resp(NegTokenResp),
}

/// The mechanisms that a peer offers, the best first; RFC 4178 section 4.1.
///
/// A MIC over its encoding, as it was sent, shows that the list was not changed on the way: the messages here keep a
/// [`Raw`] one.
///
/// ```text
/// MechTypeList ::= SEQUENCE OF MechType
/// MechType ::= OBJECT IDENTIFIER
/// ```
pub type MechTypeList = Vec<ObjectIdentifier>;

/// An initiator's list of mechanisms, RFC 4178 section 4.2.1; or that of an acceptor that speaks first, with hints,
/// MS-SPNG section 2.2.1.
///
/// ```text
/// NegTokenInit ::= SEQUENCE {
///         mechTypes       [0] MechTypeList,
///         reqFlags        [1] ContextFlags OPTIONAL,
///         mechToken       [2] OCTET STRING OPTIONAL,
///         mechListMIC     [3] OCTET STRING OPTIONAL,
///         ...
/// }
///
/// NegTokenInit2 ::= SEQUENCE {
///         mechTypes       [0] MechTypeList OPTIONAL,
///         reqFlags        [1] ContextFlags OPTIONAL,
///         mechToken       [2] OCTET STRING OPTIONAL,
///         negHints        [3] NegHints OPTIONAL,
///         mechListMIC     [4] OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
///
/// The second form is the one with hints. What is under `[4]` in the first one is of a later version. The list of
/// mechanisms is mandatory in both: no peer sends a token without it.
#[derive(AsnType, Clone, Debug, PartialEq, Eq)]
pub struct NegTokenInit {
    /// The mechanisms, in the octets that a MIC covers.
    #[rasn(tag(explicit(0)))]
    pub mech_types: Raw<MechTypeList>,
    /// What the initiator would ask of a context. RFC 4178: not to be sent, and not to be trusted.
    #[rasn(tag(explicit(1)))]
    pub req_flags: Option<ContextFlags>,
    /// The first token of the first mechanism.
    #[rasn(tag(explicit(2)))]
    pub mech_token: Option<Octets>,
    /// What an acceptor that speaks first says of itself.
    #[rasn(tag(explicit(3)))]
    pub neg_hints: Option<NegHints>,
    /// A MIC over the octets of `mech_types`: behind hints at `[4]`, else at `[3]`.
    #[rasn(tag(explicit(4)))]
    pub mech_list_mic: Option<Octets>,
}

/// What an acceptor that speaks first says of itself, MS-SPNG section 2.2.1. There is nothing in
/// it that a client could use.
///
/// ```text
/// NegHints ::= SEQUENCE {
///         hintName        [0] GeneralString OPTIONAL,
///         hintAddress     [1] OCTET STRING OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NegHints {
    /// Always `not_defined_in_RFC4178@please_ignore`.
    #[rasn(tag(explicit(0)))]
    pub hint_name: Option<KerberosString>,
    /// Never there.
    #[rasn(tag(explicit(1)))]
    pub hint_address: Option<Octets>,
}

/// An answer, RFC 4178 section 4.2.2.
///
/// ```text
/// NegTokenResp ::= SEQUENCE {
///         negState        [0] ENUMERATED {
///             accept-completed    (0),
///             accept-incomplete   (1),
///             reject              (2),
///             request-mic         (3)
///         } OPTIONAL,
///         supportedMech   [1] MechType OPTIONAL,
///         responseToken   [2] OCTET STRING OPTIONAL,
///         mechListMIC     [3] OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NegTokenResp {
    /// How far the negotiation is. An acceptor's first answer must have it.
    #[rasn(tag(explicit(0)))]
    pub neg_state: Option<NegState>,
    /// The mechanism that the acceptor chose, in its first answer.
    #[rasn(tag(explicit(1)))]
    pub supported_mech: Option<ObjectIdentifier>,
    /// The next token of the mechanism.
    #[rasn(tag(explicit(2)))]
    pub response_token: Option<Octets>,
    /// A MIC over the list of mechanisms as the initiator sent it.
    #[rasn(tag(explicit(3)))]
    pub mech_list_mic: Option<Octets>,
}

/// How far a negotiation is, RFC 4178 section 4.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NegState {
    /// The sender is done.
    AcceptCompleted,
    /// At least one more token is needed.
    AcceptIncomplete,
    /// The sender ends the negotiation: no mechanism will do, or the one chosen has failed.
    Reject,
    /// The acceptor chose another mechanism than the first, so that both must send a MIC.
    RequestMic,
}

/// What stands at `[3]` of a [`NegTokenInit`].
enum HintsOrMic {
    Hints(NegHints),
    Mic(Octets),
}

impl AsnType for HintsOrMic {
    const TAG: Tag = Tag::EOC;
}

impl Decode for HintsOrMic {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        _: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        match decoder.decode_optional()? {
            Some(hints) => Ok(Self::Hints(hints)),
            None => Octets::decode(decoder).map(Self::Mic),
        }
    }
}

impl Decode for NegTokenInit {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_sequence(tag, None::<fn() -> Self>, |fields| {
            let mech_types = fields.decode_explicit_prefix(context(0))?;
            let req_flags = fields.decode_optional_with_explicit_prefix(context(1))?;
            let mech_token = fields.decode_optional_with_explicit_prefix(context(2))?;
            let (neg_hints, mech_list_mic) =
                match fields.decode_optional_with_explicit_prefix(context(3))? {
                    None => (None, None),
                    Some(HintsOrMic::Mic(mic)) => (None, Some(mic)),
                    Some(HintsOrMic::Hints(hints)) => (
                        Some(hints),
                        fields.decode_optional_with_explicit_prefix(context(4))?,
                    ),
                };
            Ok(Self {
                mech_types,
                req_flags,
                mech_token,
                neg_hints,
                mech_list_mic,
            })
        })
    }
}

impl Encode for NegTokenInit {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        let mic = context(if self.neg_hints.is_some() { 4 } else { 3 });
        encoder.encode_sequence::<5, 0, Self, _>(
            tag,
            |fields| {
                encode_field(fields, context(0), Some(&self.mech_types))?;
                encode_field(fields, context(1), self.req_flags.as_ref())?;
                encode_field(fields, context(2), self.mech_token.as_ref())?;
                encode_field(fields, context(3), self.neg_hints.as_ref())?;
                encode_field(fields, mic, self.mech_list_mic.as_ref())
            },
            identifier,
        )?;
        Ok(())
    }
}

fn encode_field<'b, E: Encoder<'b>>(
    fields: &mut E,
    tag: Tag,
    value: Option<&impl Encode>,
) -> Result<(), E::Error> {
    if let Some(value) = value {
        fields.encode_explicit_prefix(tag, value, Identifier::EMPTY)?;
    }
    Ok(())
}

const fn context(number: u32) -> Tag {
    Tag::new(Class::Context, number)
}

impl Contents for NegState {
    const TAG: Tag = Tag::ENUMERATED;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        match contents {
            [0] => Ok(Self::AcceptCompleted),
            [1] => Ok(Self::AcceptIncomplete),
            [2] => Ok(Self::Reject),
            [3] => Ok(Self::RequestMic),
            [] => Err(DecodeErrorKind::EmptyInteger),
            _ => Err(DecodeErrorKind::IntegerOutOfRange),
        }
    }

    fn write(&self) -> impl AsRef<[u8]> {
        [match self {
            Self::AcceptCompleted => 0,
            Self::AcceptIncomplete => 1,
            Self::Reject => 2,
            Self::RequestMic => 3,
        }]
    }
}

primitive!(NegState);
