//! What all machines of a client have in common.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use orthros_crypto::{Key, RandomSource, SecretVec};
use orthros_types::{Principal, Timestamp};

use super::error::ClientError;
use super::host_names::HostQuery;
use super::update::CacheUpdate;
use crate::dns::{DnsAnswer, DnsError, DnsQuestion};
use crate::{ExchangeError, ExchangeMisuseError, KdcReply, KdcRequest, KdcSelection};

/// One of the machines of this module: what a client does to get one thing.
pub trait ClientMachine {
    /// What it gives.
    type Output;

    /// Takes the answer to what was needed last, [`Answer::Begin`] at first, and says what is needed next, or what
    /// came of it.
    ///
    /// `now` is this machine's clock, uncorrected. After [`Progress::Done`] a further step is
    /// [`ExchangeMisuseError::Ended`].
    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Self::Output>;
}

/// Where a machine is.
#[derive(Debug)]
pub enum Progress<T> {
    /// It can't go on without this.
    Need(Need),
    /// It has come to its end.
    Done(Done<T>),
}

/// What came of a machine.
#[derive(Debug)]
pub struct Done<T> {
    /// What it was asked for.
    pub result: Result<T, ClientError>,
    /// What the cache of its snapshot has to learn, also where there is no result.
    pub update: CacheUpdate,
}

/// What a machine can't do by itself.
#[derive(Debug)]
pub enum Need {
    /// A KDC's reply to this request: [`Answer::Kdc`] or [`Answer::NoKdc`].
    Kdc {
        /// What to send, to which realm.
        request: KdcRequest,
        /// To which servers of the realm.
        kdcs: KdcSelection,
    },
    /// The name that the resolver has for a host: [`Answer::HostName`].
    HostName(HostQuery),
    /// What DNS has, of a host whose realm is to be guessed: [`Answer::Dns`].
    Dns(DnsQuestion),
    /// The client's password: [`Answer::Password`] or [`Answer::NoPassword`]. Asked for at most once.
    Password {
        /// The client.
        client: Principal,
    },
    /// The client's newest keys: [`Answer::Keys`] or [`Answer::NoKeys`].
    Keys {
        /// The client.
        client: Principal,
    },
}

/// What a machine is told.
pub enum Answer {
    /// Nothing: it begins.
    Begin,
    /// What a KDC replied.
    Kdc(KdcReply),
    /// No KDC could be found or reached. Why, is told by the driver's own error in place of [`ClientError::NoReply`].
    NoKdc,
    /// The host's name in the resolver, or that it has none.
    HostName(Option<String>),
    /// What DNS has, or why it does not answer.
    Dns(Result<DnsAnswer, DnsError>),
    /// The password.
    Password(SecretVec),
    /// There is no password to be had. Why, is told by the driver's own error in place of [`ClientError::NoPassword`].
    NoPassword,
    /// The keys, of any number of encryption types.
    Keys(Vec<Key>),
    /// There are no keys to be had. Why, is told by the driver's own error in place of [`ClientError::NoKeys`].
    NoKeys,
}

impl<T> Progress<T> {
    /// The end, with nothing to be stored.
    pub(super) fn done(result: Result<T, ClientError>) -> Self {
        Self::Done(Done {
            result,
            update: CacheUpdate::Nothing,
        })
    }

    /// The end of a machine that was told something that it did not need.
    pub(super) fn misused(misuse: ExchangeMisuseError) -> Self {
        Self::done(Err(ExchangeError::from(misuse).into()))
    }

    /// A request for a KDC.
    pub(super) fn kdc(request: KdcRequest, kdcs: KdcSelection) -> Self {
        Self::Need(Need::Kdc { request, kdcs })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => f.write_str("Begin"),
            Self::Kdc(reply) => f.debug_tuple("Kdc").field(reply).finish(),
            Self::NoKdc => f.write_str("NoKdc"),
            Self::HostName(name) => f.debug_tuple("HostName").field(name).finish(),
            Self::Dns(answer) => f.debug_tuple("Dns").field(answer).finish(),
            Self::Password(_) => f.write_str("Password(..)"),
            Self::NoPassword => f.write_str("NoPassword"),
            Self::Keys(keys) => f.debug_tuple("Keys").field(keys).finish(),
            Self::NoKeys => f.write_str("NoKeys"),
        }
    }
}
