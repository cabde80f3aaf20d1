//! What the Python package `gssapi` documents, and what it is here.
//!
//! `tests/documented.rs` has a test for each row.
//!
//! # Constants
//!
//! | documented | here |
//! |---|---|
//! | `C_DELEG_FLAG` .. `C_DELEG_POLICY_FLAG` | [`ContextFlags`](crate::ContextFlags) |
//! | `C_BOTH`, `C_INITIATE`, `C_ACCEPT` | [`CredentialUsage`](crate::CredentialUsage) |
//! | `C_INDEFINITE` | [`Lifetime::Indefinite`](crate::Lifetime::Indefinite) |
//! | `C_NT_*` | [`NameType`](crate::NameType) |
//! | `C_AF_*` | [`AddressFamily`](crate::AddressFamily) |
//! | `S_*` | [`MajorStatus`](crate::MajorStatus), of a [`CallingError`](crate::CallingError), a [`RoutineError`](crate::RoutineError) and [`Supplementary`](crate::Supplementary) information |
//!
//! # creds
//!
//! | documented | here |
//! |---|---|
//! | `Credential(desired_name, lifetime, desired_mechs, usage, password)` | [`Credential::acquire`](crate::Credential::acquire) and what its [builder](crate::CredentialBuilder) is told |
//! | `cred_store` | [`CredentialBuilder::cred_store`](crate::CredentialBuilder::cred_store), or a method for each key |
//! | `export`, `imprt` | [`Credential::export`](crate::Credential::export), [`Credential::import`](crate::Credential::import) |
//! | `lifetime`, `mechs`, `name`, `usage` | [`lifetime`](crate::Credential::lifetime), [`mechs`](crate::Credential::mechs), [`name`](crate::Credential::name), [`usage`](crate::Credential::usage) |
//! | `store` | [`Credential::store`](crate::Credential::store) |
//!
//! # chanbind
//!
//! | documented | here |
//! |---|---|
//! | `ChannelBindings(..)` and its attributes | [`ChannelBindings`](crate::ChannelBindings), whose fields are public; its default has the documented address types (255) |
//! | application data alone | [`application_data`](crate::ChannelBindings::application_data), with the address types that other implementations expect (0) |
//! | for IPv4 and IPv6 addresses | [`ipv4`](crate::ChannelBindings::ipv4), [`ipv6`](crate::ChannelBindings::ipv6), [`addresses`](crate::ChannelBindings::addresses), [`addresses_from_text`](crate::ChannelBindings::addresses_from_text) |
//! | - | [`tls_exporter`](crate::ChannelBindings::tls_exporter), [`tls_server_end_point`](crate::ChannelBindings::tls_server_end_point), [`tls_unique`](crate::ChannelBindings::tls_unique) |
//!
//! # ctx
//!
//! A context that is not established is an [`InitContext`](crate::InitContext) or an
//! [`AcceptContext`](crate::AcceptContext); one that is, a [`SecurityContext`](crate::SecurityContext). So calls that
//! need an established one can't be made too early.
//!
//! | documented | here |
//! |---|---|
//! | `InitContext(peer_name, cred, mech_type, req_flags, time_req, input_chan_bindings)` | [`InitContext::builder`](crate::InitContext::builder) |
//! | `AcceptContext(cred, input_chan_bindings)` | [`AcceptContext::builder`](crate::AcceptContext::builder) |
//! | `step` | [`InitContext::step`](crate::InitContext::step), [`AcceptContext::step`](crate::AcceptContext::step) |
//! | `established` | [`Step::Done`](crate::Step::Done); [`established`](crate::InitContext::established) |
//! | `mech_type`, `flags`, `lifetime` | [`mech_type`](crate::SecurityContext::mech_type), [`flags`](crate::SecurityContext::flags), [`lifetime`](crate::SecurityContext::lifetime), [`context_time`](crate::SecurityContext::context_time) |
//! | `initiator_is_anonymous`, `is_transferable` | [`initiator_is_anonymous`](crate::SecurityContext::initiator_is_anonymous), [`is_transferable`](crate::SecurityContext::is_transferable) |
//! | `confidentiality_negotiated`, `integrity_negotiated`, `mutual_auth_negotiated`, `replay_detection_negotiated`, `sequence_detection_negotiated` | methods of the [same names](crate::SecurityContext::confidentiality_negotiated) |
//! | `peer_name`, `delegated_cred` | [`peer_name`](crate::SecurityContext::peer_name), [`delegated_cred`](crate::SecurityContext::delegated_cred) |
//! | `get_mic`, `verify_mic` | [`get_mic`](crate::SecurityContext::get_mic), [`get_mic_with_qop`](crate::SecurityContext::get_mic_with_qop), [`verify_mic`](crate::SecurityContext::verify_mic) |
//! | `wrap`, `unwrap` | [`wrap`](crate::SecurityContext::wrap), [`unwrap`](crate::SecurityContext::unwrap); `conf_req` and `qop_req` are a [`Protection`](crate::Protection) |
//! | `get_wrap_size_limit` | [`wrap_size_limit`](crate::SecurityContext::wrap_size_limit) |
//! | `delete` | [`delete`](crate::SecurityContext::delete) |
//! | `process_context_token` | [`process_context_token`](crate::SecurityContext::process_context_token) |
//! | `export`, `imprt` | [`export`](crate::SecurityContext::export), [`import`](crate::SecurityContext::import) |
//!
//! # error
//!
//! | documented | here |
//! |---|---|
//! | the exceptions | [`ErrorKind`](crate::ErrorKind), of [`Error::kind`](crate::Error::kind); what `Failure` lumps together has kinds of its own |
//! | - | [`Error::is_retryable`](crate::Error::is_retryable) |
//! | `status_list` | [`display_status`](crate::display_status) |
//! | the output token of a failed step | [`Error::token`](crate::Error::token) |
//!
//! # names
//!
//! | documented | here |
//! |---|---|
//! | `Name(name, name_type)`, `type` | [`Name::new`](crate::Name::new), [`name_type`](crate::Name::name_type) |
//! | `Name(service@host, C_NT_HOSTBASED_SERVICE)` | [`Name::hostbased_service`](crate::Name::hostbased_service), [`Name::service`](crate::Name::service) |
//! | `canonicalize(mech)` | [`Name::canonicalize`](crate::Name::canonicalize) |
//! | comparison | [`Name::is_same_entity`](crate::Name::is_same_entity); `==` of [`MechName`](crate::MechName)s |
//! | `MechName.export` | [`MechName::export`](crate::MechName::export), [`MechName::import`](crate::MechName::import) |
//! | `localname`, `authorize_localname` | [`MechName::localname`](crate::MechName::localname), [`MechName::authorize_localname`](crate::MechName::authorize_localname) |
//!
//! # oids
//!
//! | documented | here |
//! |---|---|
//! | `OID` | [`Oid`](crate::Oid), [`Oid::new`](crate::Oid::new) |
//! | `OID.mech_from_string` | [`Oid::mech_from_string`](crate::Oid::mech_from_string) |
//! | `OIDSet`, `MutableOIDSet`, `singleton_set`, `add` | [`OidSet`](crate::OidSet), `OidSet::from`, [`insert`](crate::OidSet::insert) |
//! | `get_all_mechs` | [`mechanisms`](crate::mechanisms) |
//! | `inquire_names_for_mech`, `inquire_mechs_for_name` | [the same](crate::inquire_names_for_mech), [the same](crate::inquire_mechs_for_name) |
//! | name attributes (RFC 6680) | [`MechName::attributes`](crate::MechName::attributes), [`MechName::attribute`](crate::MechName::attribute) |
//! | mechanism attributes (RFC 5587) | [`MechAttribute`](crate::MechAttribute), [`inquire_attrs_for_mech`](crate::inquire_attrs_for_mech), [`indicate_mechs_by_attrs`](crate::indicate_mechs_by_attrs) |
