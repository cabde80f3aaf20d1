//! What happens behind a call, for an administrator who wants to know why it takes long or fails.
//!
//! # For any program
//!
//! With `KRB5_TRACE` set to a file, a program that uses the process' own [`Environment`](crate::Environment) appends
//! a line to it for each step, in the form and, where there is such a line, in the words of MIT krb5:
//!
//! ```text
//! $ KRB5_TRACE=/dev/stderr orthros kinit alice
//! [4711] 1795435200.101207: Getting initial credentials for alice@EXAMPLE.TEST
//! [4711] 1795435200.101301: Sending unauthenticated request
//! [4711] 1795435200.101388: Sending request (182 bytes) to EXAMPLE.TEST
//! [4711] 1795435200.101402: Resolving hostname kdc.example.test
//! [4711] 1795435200.102013: Sending initial UDP request to dgram 192.0.2.1:88
//! [4711] 1795435200.103620: Received answer (312 bytes) from dgram 192.0.2.1:88
//! [4711] 1795435200.103702: Received error from KDC: -1765328359/..
//! [4711] 1795435200.103761: Processing preauth types: PA-FX-FAST (136), PA-ETYPE-INFO2 (19), PA-SPAKE (151), ..
//! [4711] 1795435200.103805: Preauthenticating with PA-SPAKE (151)
//! ```
//!
//! The file is made for its owner alone, if it is not there. One that can't be opened is passed over. A program that
//! runs with more rights than its caller does not heed the variable.
//!
//! # For one's own program
//!
//! An [`Observer`](crate::environment::Observer) is part of an environment. It is told of each
//! [`Event`](crate::environment::Event) by the thread that does the work, which waits for it.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use orthros::Environment;
//! use orthros::environment::{Event, Observer};
//!
//! let asked = Arc::new(Mutex::new(0));
//! let count = asked.clone();
//! let observer = move |event: &Event<'_>| {
//!     if let Event::Sending { .. } = event {
//!         *count.lock().unwrap() += 1;
//!     }
//! };
//! let environment = Environment::builder()
//!     .observer(Observer::new(Arc::new(observer)))
//!     .build();
//! # assert!(environment.observer().is_present());
//! # assert_eq!(*asked.lock().unwrap(), 0);
//! ```
//!
//! [`TraceFile`](crate::environment::TraceFile) is the observer of `KRB5_TRACE`. With the feature `tracing` there is
//! `TracingObserver`, which hands events on to the crate of that name.
//!
//! # What is told, and what is not
//!
//! Names, addresses, enctypes, the types of preauthentication data, error codes and texts are told; never a key, a
//! password, or the plaintext of a message. What a peer has sent can be in a text: a [`TraceFile`] escapes control
//! characters, and so must an observer that writes to a terminal or to lines.
//!
//! Where there is no observer an event costs one comparison. With one, a context that is set up from cached tickets
//! tells of two: the look-up in the cache, and the AP-REQ. Messages that are wrapped or signed are no events.
//!
//! [`TraceFile`]: crate::environment::TraceFile
