//! Passing a context on to another process.
//!
//! A server that accepts in one process and serves in another exports the context in between. It is used up there: two
//! processes that numbered their messages alike would be taken for a replay.
//!
//! ```no_run
//! use orthros::SecurityContext;
//! # fn send(_: &[u8]) -> std::io::Result<()> { Ok(()) }
//! # fn receive() -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
//!
//! # fn hand_over(context: SecurityContext) -> Result<(), Box<dyn std::error::Error>> {
//! send(&context.export()?)?;
//! # Ok(())
//! # }
//! # fn take_over() -> Result<(), Box<dyn std::error::Error>> {
//! // and in the other process:
//! let mut context = SecurityContext::import(&receive()?)?;
//! # Ok(())
//! # }
//! ```
//!
//! Keys, sequence numbers and windows, names, flags and lifetime go with it. A credential that was delegated does not:
//! fetch [it](crate::SecurityContext::delegated_cred) before, and pass it on [by itself](crate::Credential::export).
//!
//! Such tokens are secrets, and not protected: a process that can read one can read the messages, and one that can
//! change it can be any peer. Pass them through a pipe or a socket of which both ends are yours.
