//! What went wrong, and what a program does about it.
//!
//! [`Error::kind`](crate::Error::kind) is what a program matches on. The message is for the administrator: it names
//! the file, principal, encryption type, key version or KDC, and where several things were tried it begins with the
//! one that was meant to be used. It says all that its [`source`](core::error::Error::source)s say, so that printing
//! the chain of causes repeats nothing.
//!
//! | kind | what to do |
//! |---|---|
//! | `NoCredential`, `CredentialsExpired` of an initiator | have the user run `kinit`, or configure a client keytab |
//! | `NoCredential` of an acceptor | the keytab is missing, or has no key of the name that was asked for |
//! | `WrongPassword`, `ClientUnknown` | ask for name and password again |
//! | `PasswordExpired` | have the password changed (`kpasswd`) |
//! | `ClientRevoked` | only the KDC's administrator can unlock the account |
//! | `KdcUnreachable` | try again later if [`is_retryable`](crate::Error::is_retryable) says so; else the configuration names no KDC of the realm |
//! | `RealmUnreachable` | the realms don't trust each other, or `[capaths]` is wrong |
//! | `ServiceUnknown` | the service's name or its host is wrong: the message has all names that were tried |
//! | `ClockSkew` | set the clock; the message says by how much it differs |
//! | `NoKey` | extract the service's current key into the keytab; of an initiator: the server's administrator has to |
//! | `EnctypeNotSupported` | give the principal keys of AES; DES and triple DES are not supported here |
//! | `Configuration` | mend the line of krb5.conf that the message names |
//! | `BadMechanism` of an acceptor | the client sent NTLM, or offered it alone: it has no ticket, or no name of the service that has one |
//! | `BadBindings` | the two sides are not on the same TLS channel, or one of them has a proxy in front |
//! | `DuplicateToken` of a step | a replayed request: refuse it. An initiator that is told so may begin anew |
//! | `DefectiveToken`, `BadSignature` | the peer does not speak Kerberos, or the token was changed on the way |
//! | `BadName`, `BadNameType` | a mistake in the program or its configuration: `HTTP/www.example.org` is a principal, `HTTP@www.example.org` a host-based service |
//!
//! ```
//! use orthros::{Error, ErrorKind};
//!
//! fn advice(error: &Error) -> &'static str {
//!     match error.kind() {
//!         ErrorKind::NoCredential | ErrorKind::CredentialsExpired => "run kinit",
//!         ErrorKind::WrongPassword | ErrorKind::ClientUnknown => "try another name or password",
//!         _ if error.is_retryable() => "try again in a moment",
//!         _ => "tell the administrator",
//!     }
//! }
//! # let error = orthros::Name::hostbased_service("HTTP/www").unwrap_err();
//! # assert_eq!(advice(&error), "tell the administrator");
//! ```
//!
//! The kinds from `ClientRevoked` to `WrongPassword` in [`ErrorKind`](crate::ErrorKind)'s list have the major status
//! `FAILURE` in RFC 2744, which has no finer ones. What a KDC or a peer says in a KRB-ERROR is not authenticated
//! unless it came under armor.
