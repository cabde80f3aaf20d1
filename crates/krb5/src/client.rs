//! What a client does around its exchanges with KDCs, without I/O.
//!
//! The exchanges of this crate ([`AsExchange`](crate::AsExchange), [`TgsExchange`](crate::TgsExchange)) are what RFC
//! 4120 has of a client. What is between them is policy: which ticket of a cache is used and which one is asked for,
//! under which name, whether a refusal is asked of a primary KDC again, what is tried when a service is not known,
//! what goes into the cache. All of that is in here, in machines that do no I/O either:
//!
//! | machine | gives | RFC |
//! |---|---|---|
//! | [`InitialTicketRequest`] | a ticket with a password or with keys | 4120 section 3.1, 6113, 6806 |
//! | [`ServiceTicketRequest`] | a ticket for a service, out of the cache or from a KDC | 4120 section 3.3, 6806 |
//! | [`ArmorRequest`] | a ticket to be the armor of initial tickets | 6113 |
//! | [`DerivedTicketRequest`] | a ticket that is forwarded, renewed, or in another client's name | 4120 section 2, MS-SFU |
//! | [`PasswordKeysRequest`] | how the password becomes keys | 4120 section 5.2.7.5 |
//! | [`PasswordChange`] | what became of a new password | 3244 |
//!
//! A machine is stepped ([`ClientMachine::step`]) with an [`Answer`], the time and randomness. It says what it needs
//! next ([`Need`]) or what came of it ([`Done`]), with what is to be stored in the cache ([`CacheUpdate`]). Its driver
//! owns the sockets, the resolver, the terminal and the cache, and decides nothing:
//!
//! ```text
//! let mut answer = Answer::Begin;
//! loop {
//!     answer = match machine.step(answer, now(), random) {
//!         Progress::Need(Need::Kdc { request, kdcs }) => send(request, kdcs),
//!         Progress::Need(Need::HostName(query)) => look_up(query),
//!         Progress::Need(Need::Dns(question)) => ask_dns(question),
//!         Progress::Need(Need::Password { client }) => ask(client),
//!         Progress::Need(Need::Keys { client }) => keytab(client),
//!         Progress::Done(done) => { store(done.update); break done.result }
//!     }
//! }
//! ```
//!
//! A machine begins with a [`ClientSnapshot`]: what the cache and the configuration say at one moment. It never looks
//! again.

mod armor;
mod armoring_realms;
mod derived;
mod error;
mod host_names;
mod initial;
mod machine;
mod password;
mod password_keys;
mod path;
mod proxy;
mod service;
mod snapshot;
mod update;

pub use armor::ArmorRequest;
pub use derived::DerivedTicketRequest;
pub use error::ClientError;
pub use host_names::{FallbackServices, HostQuery, HostnameError, HostnameRules};
pub use initial::{InitialTicketRequest, SecretSource};
pub use machine::{Answer, ClientMachine, Done, Need, Progress};
pub use password::PasswordChange;
pub use password_keys::PasswordKeysRequest;
pub use service::{ServiceTicketOptions, ServiceTicketRequest};
pub use snapshot::ClientSnapshot;
pub use update::CacheUpdate;
