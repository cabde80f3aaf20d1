//! The manual: one page a task, and a table of what is documented elsewhere under other names.
//!
//! # Pages
//!
//! | page | for |
//! |---|---|
//! | [`quickstart`] | all, first |
//! | [`initiator`] | programs that connect |
//! | [`acceptor`] | programs that are connected to |
//! | [`active_directory`] | services of a domain: users and groups by their SIDs |
//! | [`spnego`] | protocols that negotiate: HTTP, SMB, LDAP |
//! | [`protocols`] | authors of LDAP, Kafka, HTTP, SSH .. |
//! | [`delegation`] | services that act for their users |
//! | [`user_to_user`] | programs of two users |
//! | [`identities`] | one process with many identities |
//! | [`another_process`] | servers of several processes |
//! | [`testing`] | tests without a realm, or with a clock of their own |
//! | [`tracing`] | what happens behind a call, line by line |
//! | [`errors`] | what went wrong, and what a program does about it |
//! | [`threat_model`] | what is checked where, and what is left to the application |
//! | [`documented_items`] | users of the Python package `gssapi` |
//!
//! # Examples
//!
//! Most bring the realm that they run in along, so that `cargo run -p orthros --example quickstart` needs nothing
//! else.
//!
//! | in `examples/` | shows |
//! |---|---|
//! | `quickstart.rs` | both sides in one program, over a TCP connection |
//! | `initiator.rs`, `acceptor.rs` | each side by itself, in a realm that is there |
//! | `spnego.rs` | the negotiation over a stream |
//! | `delegation.rs` | a service that connects to another one in its user's name |
//! | `user_to_user.rs` | two users' programs that connect |
//! | `identities.rs` | three users of two realms at once |
//! | `hand_over.rs`, `take_over.rs` | a context that another process goes on with, and gives back |
//! | `sasl.rs` | SASL's security layer, as LDAP and Kafka have it |

pub mod acceptor;
pub mod active_directory;
pub mod another_process;
pub mod delegation;
pub mod documented_items;
pub mod errors;
pub mod identities;
pub mod initiator;
pub mod protocols;
pub mod quickstart;
pub mod spnego;
pub mod testing;
pub mod threat_model;
pub mod tracing;
pub mod user_to_user;
