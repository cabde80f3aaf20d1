//! TGS requests of a client that has all that it needs at hand.

use orthros_crypto::Enctype;
use orthros_host::Environment;
use orthros_krb5::{TgsExchange, TgsRequestOptions, TgsStep};
use orthros_types::{Credential, Principal};

/// Of all keys.
pub(crate) const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const SERVICE: &str = "host/localhost";

/// The user with a ticket-granting ticket.
pub(crate) struct Client {
    environment: Environment,
    tgt: Credential,
    service: Principal,
}

impl Client {
    /// Logs in.
    pub(crate) fn new(environment: &Environment) -> Self {
        let realm = environment.config().default_realm().map(str::as_bytes);
        let parse = |name| Principal::parse(name, realm).expect("name is one");
        let options = environment.initial_options(parse(USER));
        let options = options.expect("configuration is good");
        let ticket = environment.acquire_with_password(options, PASSWORD.as_bytes().into());
        Self {
            environment: environment.clone(),
            tgt: ticket.expect("KDC gives a ticket").credential,
            service: parse(SERVICE),
        }
    }

    /// A TGS-REQ for the service, for a session key of [`ENCTYPE`]; no two are alike.
    pub(crate) fn tgs_request(&self) -> Vec<u8> {
        let options = TgsRequestOptions {
            enctypes: vec![ENCTYPE],
            ..TgsRequestOptions::default()
        };
        let mut exchange = TgsExchange::new(&self.tgt, self.service.clone(), options)
            .expect("ticket is a ticket-granting one");
        let now = self.environment.now();
        match exchange.step(None, now, &mut self.environment.random()) {
            Ok(TgsStep::Send(request)) => request.message,
            other => unreachable!("the exchange begins: {other:?}"),
        }
    }
}
