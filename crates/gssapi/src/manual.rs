//! The manual: one page a task, and a table of what is documented elsewhere under other names.
//!
//! | page | for |
//! |---|---|
//! | [`initiator`] | programs that connect |
//! | [`acceptor`] | programs that are connected to |
//! | [`spnego`] | protocols that negotiate: HTTP, SMB, LDAP |
//! | [`delegation`] | services that act for their users |
//! | [`user_to_user`] | users who connect to users |
//! | [`identities`] | one process with many identities |
//! | [`another_process`] | servers of several processes |
//! | [`testing`] | tests without a realm, or with a clock of their own |
//! | [`threat_model`] | what is checked where, and what is left to the application |
//! | [`documented_items`] | those who know the Python package `gssapi` |
//!
//! `examples/quickstart.rs` has both sides in one program that runs over a TCP connection, `examples/spnego.rs` and
//! `examples/delegation.rs` the same for these tasks.

pub mod acceptor;
pub mod another_process;
pub mod delegation;
pub mod documented_items;
pub mod identities;
pub mod initiator;
pub mod spnego;
pub mod testing;
pub mod threat_model;
pub mod user_to_user;
