//! A client and a KDC that preauthenticate by SPAKE, and the messages between them changed on their way: a ticket is
//! there only where both saw the same ones.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{AsReq, KrbError, Message, MethodData, PaDataType, PaSpake};
use orthros_crypto::spake::Group;
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::realm::{KDC, SOURCE, client_key};
use orthros_fuzz::tickets::{Client, REALM, at};
use orthros_kdc::{Kdc, RealmPolicy};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    is_optimistic: bool,
    /// What happens to the elements of SPAKE, in the order in which they are sent.
    damages: [Vec<Damage>; 4],
}

fuzz_target!(|input: Input| {
    let random = &mut SeededRandom::new(21);
    let mut policy = RealmPolicy::new(REALM);
    policy.spake_challenge = input.is_optimistic.then_some(Group::Edwards25519);
    let kdc = Kdc::new(policy, KDC.store().clone());
    let mut options = AsRequestOptions::new(Client::Alice.principal());
    options.encrypted_timestamp = false;
    let secret = ClientSecret::Keys(vec![client_key()]);
    let mut exchange = AsExchange::new(options, secret).expect("the options are good");
    let mut damages = input.damages.iter();
    let mut is_changed = false;
    let mut damage = |element: &mut Vec<u8>| {
        let genuine = element.clone();
        // A client that can make nothing of an early challenge says what it supports: all begins anew.
        if let Ok(PaSpake::Support(_)) = PaSpake::decode(&genuine) {
            is_changed = false;
        }
        if let Some(damages) = damages.next() {
            damage::apply(damages, element);
        }
        is_changed |= !is_same(&genuine, element);
    };
    let mut step = exchange.step(AsInput::Begin, at(0), random);
    loop {
        let request = match step {
            Ok(AsStep::Send(request)) => on_its_way::<AsReq>(&request.message, &mut damage),
            Ok(AsStep::Done(_)) => return assert!(!is_changed, "a ticket for {input:?}"),
            Ok(AsStep::NeedPassword { .. }) => panic!("there is a key"),
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        let answer = kdc.handle(&request, &SOURCE, at(0), random);
        let reply = answer.reply.expect("a request is answered");
        let reply = on_its_way::<KrbError>(&reply, &mut damage);
        step = exchange.step(AsInput::Reply(&reply), at(0), random);
    }
});

/// Whether two elements say the same. Of a response the rest is not covered: both read the same key and factor in it.
fn is_same(left: &[u8], right: &[u8]) -> bool {
    let read = |element| match PaSpake::decode(element) {
        Ok(PaSpake::Response(response)) => Some((response.pubkey, response.factor.cipher)),
        _ => None,
    };
    left == right || read(left).is_some_and(|left| Some(left) == read(right))
}

/// What has elements of preauthentication in it.
trait HasPadata: Message {
    fn padata(&self) -> Option<MethodData>;
    fn set_padata(&mut self, padata: MethodData);
}

impl HasPadata for AsReq {
    fn padata(&self) -> Option<MethodData> {
        self.0.padata.clone()
    }

    fn set_padata(&mut self, padata: MethodData) {
        self.0.padata = Some(padata);
    }
}

impl HasPadata for KrbError {
    fn padata(&self) -> Option<MethodData> {
        MethodData::decode(self.e_data.as_deref()?).ok()
    }

    fn set_padata(&mut self, padata: MethodData) {
        self.e_data = padata.encode().ok().map(Into::into);
    }
}

/// The message with its element of SPAKE changed; as it is where it has none.
fn on_its_way<T: HasPadata>(octets: &[u8], damage: &mut impl FnMut(&mut Vec<u8>)) -> Vec<u8> {
    let mut changed = || {
        let mut message = T::decode(octets).ok()?;
        let mut padata = message.padata()?;
        let spake = |element: &&mut orthros_asn1::PaData| element.padata_type == PaDataType::SPAKE;
        let element = padata.iter_mut().find(spake)?;
        let mut value = element.padata_value.to_vec();
        damage(&mut value);
        element.padata_value = value.into();
        message.set_padata(padata);
        message.encode().ok()
    };
    changed().unwrap_or_else(|| octets.to_vec())
}
