//! What callers rely on without saying so.

use core::error::Error as StdError;

use orthros::{
    AcceptContext, ChannelBindings, Credential, CredentialBuilder, Environment, Error, InitContext,
    MechName, Name, Receiver, SecurityContext, Sender, Step,
};

#[test]
fn everything_can_go_to_another_thread() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    sent::<InitContext>();
    sent::<AcceptContext>();
    sent::<SecurityContext>();
    sent::<Sender>();
    sent::<Receiver>();
    sent::<Step>();
    shared::<Credential>();
    shared::<CredentialBuilder>();
    shared::<Environment>();
    shared::<Name>();
    shared::<MechName>();
    shared::<ChannelBindings>();
}

#[test]
fn errors_travel_in_boxes() {
    fn boxed<T: StdError + Send + Sync + 'static>() {}
    boxed::<Error>();
}

#[test]
fn an_environment_without_files_has_no_credentials_and_says_so() {
    let environment = Environment::builder().build();
    let initiating = Credential::acquire()
        .usage(orthros::CredentialUsage::Initiate)
        .environment(&environment)
        .build();
    let error = initiating.unwrap_err();
    assert_eq!(error.kind(), orthros::ErrorKind::NoCredential);
    assert_eq!(
        error.to_string(),
        "no usable credential: no credential cache is named, and there is no default one"
    );
    let accepting = AcceptContext::builder().environment(&environment).build();
    assert_eq!(
        accepting.unwrap_err().to_string(),
        "no usable credential: no keytab is named, and there is no default one"
    );
}

#[test]
fn the_front_pages_sample_is_the_one_that_is_compiled() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let root = std::fs::read_to_string(root).unwrap();
    let sample = include_str!("../README.md").split("```").nth(1).unwrap();
    assert!(
        root.contains(sample),
        "README.md and crates/gssapi/README.md differ"
    );
}
