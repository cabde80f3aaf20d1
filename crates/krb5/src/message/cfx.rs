//! The tokens of RFC 4121 section 4.2, in the words of their Internet-Drafts "CFX".
//!
//! A Wrap token is `header | confounder | message | filler | header copy | tag` where it is sealed, of which all but
//! header and tag is encrypted, and `header | message | tag` where it is not. What follows the header may be rotated
//! to the right.
//!
//! What we send, like MIT krb5's `gss_wrap`: an extra count of zero in sealed tokens (these
//! enctypes need no filler) and a right rotation count of zero in all. What we take: any counts.
//!
//! In several buffers, where there is no trailer buffer, the trailer stands in the header's buffer, between the 16
//! bytes that RFC 4121 calls header and the confounder: that is a token rotated by the trailer's length, so that only
//! the data has to be sent elsewhere. DCE RPC needs this. In DCE style (\[MS-KILE\] section 3.4.5.4.1) a sealed token
//! has an extra count of one cipher block, and is rotated by extra count and right rotation count together, as
//! Windows has it. Unsealed ones are as ever.

mod header;
mod layout;
mod open;
mod seal;

use orthros_crypto::{Decryptor, Encryptor, Key, KeyUsage, Mac};

use super::direction::{Direction, Services};
use super::parts::{IovLengths, WrapLengths};
use super::prepared::prepared;
use header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use layout::Layout;

/// One direction of a context whose tokens are those of RFC 4121, and its keys. `C` is an [`Encryptor`] or a
/// [`Decryptor`].
#[derive(Debug)]
pub(super) struct Cfx<C> {
    key: Key,
    services: Services,
    /// Those of an unsealed token in this direction (section 4.2.2).
    flags: TokenFlags,
    dce_style: bool,
    cipher: Option<C>,
    /// The checksum that was used last. Hardly a protocol has MIC tokens and unsealed Wrap tokens in turn, and every
    /// context would have room for both.
    mac: Option<Mac>,
    mac_of: TokenKind,
}

impl<C> Cfx<C> {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            flags: TokenFlags::of(direction.sent_by, direction.acceptor_subkey),
            key: direction.key,
            services: direction.services,
            dce_style: direction.dce_style,
            cipher: None,
            mac: None,
            mac_of: TokenKind::Mic,
        }
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }

    pub(super) const fn services(&self) -> Services {
        self.services
    }

    pub(super) const fn has_acceptor_subkey(&self) -> bool {
        self.flags.contains(TokenFlags::ACCEPTOR_SUBKEY)
    }

    /// Section 4.2.6.1.
    pub(super) const fn mic_len(&self) -> usize {
        HEADER_LEN + self.tag_len()
    }

    /// The same for messages of all lengths.
    pub(super) fn wrap_lengths(&self, _message_len: usize, confidential: bool) -> WrapLengths {
        let layout = self.layout(confidential, 0);
        WrapLengths {
            header: layout.before(),
            trailer: layout.behind(),
        }
    }

    pub(super) fn longest_message(&self, token_len: usize, confidential: bool) -> Option<usize> {
        token_len.checked_sub(self.layout(confidential, 0).overhead())
    }

    /// What is around a message in one buffer with associated data elsewhere: made as scattered tokens are.
    pub(super) fn aead_lengths(&self, confidential: bool) -> WrapLengths {
        let layout = self.layout(confidential, self.iov_extra_count());
        WrapLengths {
            header: layout.before(),
            trailer: layout.behind(),
        }
    }

    /// The same for messages of all lengths.
    pub(super) fn iov_lengths(
        &self,
        _message_len: usize,
        confidential: bool,
        with_trailer: bool,
    ) -> IovLengths {
        let layout = self.layout(confidential, self.iov_extra_count());
        let (header, trailer) = if with_trailer {
            (layout.before(), layout.behind())
        } else {
            (layout.overhead(), 0)
        };
        IovLengths {
            header,
            padding: 0,
            trailer,
        }
    }

    /// How long the parts of a Wrap token with this extra count are; one that is not sealed has none.
    const fn layout(&self, sealed: bool, extra_count: usize) -> Layout {
        if sealed {
            Layout {
                confounder: self.key.enctype().confounder_len(),
                filler: extra_count,
                header_copy: HEADER_LEN,
                tag: self.tag_len(),
            }
        } else {
            Layout {
                confounder: 0,
                filler: 0,
                header_copy: 0,
                tag: self.tag_len(),
            }
        }
    }

    /// The extra count of sealed scattered tokens: one cipher block in DCE style, as MIT krb5 and Windows have it. A
    /// confounder is one block.
    const fn iov_extra_count(&self) -> usize {
        if self.dce_style {
            self.key.enctype().confounder_len()
        } else {
            0
        }
    }

    /// By how much the payload of a whole token is rotated.
    fn rotation(&self, header: Header) -> usize {
        let rotation = usize::from(header.right_rotation_count);
        if self.dce_style && header.is_sealed() && rotation != 0 {
            rotation + usize::from(header.extra_count)
        } else {
            rotation
        }
    }

    const fn tag_len(&self) -> usize {
        self.key.enctype().tag_len()
    }

    /// The checksum of unsealed Wrap tokens.
    fn wrap_mac(&mut self) -> &Mac {
        self.mac(TokenKind::Wrap)
    }

    /// The checksum of MIC tokens.
    fn mic(&mut self) -> &Mac {
        self.mac(TokenKind::Mic)
    }

    fn mac(&mut self, of: TokenKind) -> &Mac {
        if self.mac_of != of {
            self.mac = None;
            self.mac_of = of;
        }
        let usage = match of {
            TokenKind::Wrap => self.seal_usage(),
            TokenKind::Mic if self.is_of_acceptor() => KeyUsage::ACCEPTOR_SIGN,
            TokenKind::Mic => KeyUsage::INITIATOR_SIGN,
        };
        prepared(&mut self.mac, || self.key.mac(usage))
    }

    /// Section 2: Wrap tokens use the seal usages whether sealed or not.
    const fn seal_usage(&self) -> KeyUsage {
        if self.is_of_acceptor() {
            KeyUsage::ACCEPTOR_SEAL
        } else {
            KeyUsage::INITIATOR_SEAL
        }
    }

    const fn is_of_acceptor(&self) -> bool {
        self.flags.contains(TokenFlags::SENT_BY_ACCEPTOR)
    }
}

impl Cfx<Encryptor> {
    /// Encrypts sealed Wrap tokens.
    fn encryptor(&mut self) -> &Encryptor {
        let usage = self.seal_usage();
        prepared(&mut self.cipher, || self.key.encryptor(usage))
    }
}

impl Cfx<Decryptor> {
    /// Decrypts sealed Wrap tokens.
    fn decryptor(&mut self) -> &Decryptor {
        let usage = self.seal_usage();
        prepared(&mut self.cipher, || self.key.decryptor(usage))
    }
}

#[cfg(test)]
pub(super) mod tests;
