//! What Kerberos needs of a host: clock, randomness, configuration, caches, keytabs, sockets.
#![forbid(unsafe_code)]
