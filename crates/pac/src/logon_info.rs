//! `KERB_VALIDATION_INFO`.

use alloc::string::String;
use alloc::vec::Vec;

use bitflags::bitflags;

use crate::ndr::{NdrReader, NdrWriter, StringHeader};
use crate::{FileTime, GroupMembership, PacBufferError, PacBufferProblem, Sid, SidAndAttributes};

/// The user and its groups, as its domain controller knows them (`KERB_VALIDATION_INFO`, \[MS-PAC\] section 2.5).
///
/// [`user_sid`](Self::user_sid) and [`group_sids`](Self::group_sids) make SIDs of what stands in it in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogonInfo {
    /// When the user logged on last.
    pub logon_time: FileTime,
    /// When the session is to end.
    pub logoff_time: FileTime,
    /// When the user is to be thrown out.
    pub kick_off_time: FileTime,
    /// When the password was set.
    pub password_last_set: FileTime,
    /// From when on the password may be changed.
    pub password_can_change: FileTime,
    /// When the password expires.
    pub password_must_change: FileTime,
    /// The name of the account (`sAMAccountName`).
    pub effective_name: String,
    /// The name of the person.
    pub full_name: String,
    /// The path of the logon script.
    pub logon_script: String,
    /// The path of the profile.
    pub profile_path: String,
    /// The path of the home directory.
    pub home_directory: String,
    /// The drive that it is mounted as.
    pub home_directory_drive: String,
    /// How many times the user has logged on.
    pub logon_count: u16,
    /// How many wrong passwords were tried since.
    pub bad_password_count: u16,
    /// The relative identifier of the user in the logon domain; 0 where the user is the first of `extra_sids`.
    pub user_id: u32,
    /// The relative identifier of the user's primary group in the logon domain.
    pub primary_group_id: u32,
    /// The groups of the logon domain that the user is in.
    pub group_ids: Vec<GroupMembership>,
    /// What of the rest counts.
    pub user_flags: UserFlags,
    /// The domain controller's name in NTLM.
    pub logon_server: String,
    /// The domain's name in NTLM, as `EXAMPLE`.
    pub logon_domain_name: String,
    /// The domain of the user.
    pub logon_domain_id: Option<Sid>,
    /// What kind of account it is (\[MS-SAMR\] section 2.2.1.12).
    pub user_account_control: u32,
    /// A status of the authentication package that checked the password.
    pub sub_auth_status: u32,
    /// When the user logged on interactively.
    pub last_successful_interactive_logon: FileTime,
    /// When it failed to.
    pub last_failed_interactive_logon: FileTime,
    /// How many times it failed to since.
    pub failed_interactive_logon_count: u32,
    /// Groups of other domains, and SIDs that say how the client was authenticated.
    pub extra_sids: Vec<SidAndAttributes>,
    /// The domain of the service, whose domain-local groups `resource_group_ids` are.
    pub resource_group_domain_id: Option<Sid>,
    /// Domain-local groups of the service's domain that the user is in.
    pub resource_group_ids: Vec<GroupMembership>,
}

bitflags! {
    /// `UserFlags` of `KERB_VALIDATION_INFO` (\[MS-PAC\] section 2.5). Unknown flags survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct UserFlags: u32 {
        /// The logon was a guest's.
        const GUEST = 0x1;
        /// There are extra SIDs.
        const EXTRA_SIDS = 0x20;
        /// There are resource groups.
        const RESOURCE_GROUPS = 0x200;
    }
}

impl LogonInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let reader = &mut NdrReader::open(buffer)?;
        let mut info = Self::default();
        for (time, field) in info.times() {
            *time = reader.file_time(field)?;
        }
        let names = string_headers(reader, info.names())?;
        info.logon_count = reader.u16("LogonCount")?;
        info.bad_password_count = reader.u16("BadPasswordCount")?;
        info.user_id = reader.u32("UserId")?;
        info.primary_group_id = reader.u32("PrimaryGroupId")?;
        let group_count = reader.u32("GroupCount")?;
        let group_ids = reader.pointer("GroupIds")?;
        info.user_flags = UserFlags::from_bits_retain(reader.u32("UserFlags")?);
        // Zero in Kerberos.
        reader.take(USER_SESSION_KEY_LEN, "UserSessionKey")?;
        let domain_names = string_headers(reader, info.domain_names())?;
        let logon_domain_id = reader.pointer("LogonDomainId")?;
        reader.take(8, "Reserved1")?;
        info.user_account_control = reader.u32("UserAccountControl")?;
        info.sub_auth_status = reader.u32("SubAuthStatus")?;
        info.last_successful_interactive_logon = reader.file_time("LastSuccessfulILogon")?;
        info.last_failed_interactive_logon = reader.file_time("LastFailedILogon")?;
        info.failed_interactive_logon_count = reader.u32("FailedILogonCount")?;
        reader.take(4, "Reserved3")?;
        let sid_count = reader.u32("SidCount")?;
        let extra_sids = reader.pointer("ExtraSids")?;
        let resource_group_domain_id = reader.pointer("ResourceGroupDomainSid")?;
        let resource_group_count = reader.u32("ResourceGroupCount")?;
        let resource_group_ids = reader.pointer("ResourceGroupIds")?;

        // What the pointers point to, in their order.
        for ((text, field), header) in info.names().into_iter().zip(names) {
            *text = reader.string(header, field)?;
        }
        info.group_ids = reader.group_memberships(group_ids, group_count, "GroupIds")?;
        for ((text, field), header) in info.domain_names().into_iter().zip(domain_names) {
            *text = reader.string(header, field)?;
        }
        info.logon_domain_id = reader.optional_sid(logon_domain_id, "LogonDomainId")?;
        info.extra_sids = reader.sids(extra_sids, sid_count, "ExtraSids")?;
        info.resource_group_domain_id =
            reader.optional_sid(resource_group_domain_id, "ResourceGroupDomainSid")?;
        info.resource_group_ids = reader.group_memberships(
            resource_group_ids,
            resource_group_count,
            "ResourceGroupIds",
        )?;
        info.check_domains()?;
        Ok(info)
    }

    /// The buffer that [`decode`](Self::decode) reads.
    ///
    /// # Errors
    ///
    /// A text of more than 65535 bytes in UTF-16, groups without the domain that they are of.
    pub fn encode(&self) -> Result<Vec<u8>, PacBufferError> {
        self.check_domains()?;
        // By what `decode` walks over.
        let mut this = self.clone();
        let mut writer = NdrWriter::new();
        for (time, _) in this.times() {
            writer.file_time(*time);
        }
        for (text, field) in this.names() {
            writer.string_header(text, field)?;
        }
        self.write_fixed(&mut writer)?;
        for (text, field) in this.names() {
            writer.string(text, field)?;
        }
        writer.group_memberships(&self.group_ids, "GroupIds")?;
        for (text, field) in this.domain_names() {
            writer.string(text, field)?;
        }
        writer.sid(self.logon_domain_id.as_ref(), "LogonDomainId")?;
        writer.sids(&self.extra_sids, "ExtraSids")?;
        writer.sid(
            self.resource_group_domain_id.as_ref(),
            "ResourceGroupDomainSid",
        )?;
        writer.group_memberships(&self.resource_group_ids, "ResourceGroupIds")?;
        writer.finish()
    }

    /// What stands between the pointers to the names and what these point to.
    fn write_fixed(&self, writer: &mut NdrWriter) -> Result<(), PacBufferError> {
        writer.u16(self.logon_count);
        writer.u16(self.bad_password_count);
        writer.u32(self.user_id);
        writer.u32(self.primary_group_id);
        writer.count(self.group_ids.len(), "GroupCount")?;
        writer.pointer(!self.group_ids.is_empty());
        writer.u32(self.user_flags.bits());
        for _ in 0..USER_SESSION_KEY_LEN / 4 {
            writer.u32(0);
        }
        writer.string_header(&self.logon_server, "LogonServer")?;
        writer.string_header(&self.logon_domain_name, "LogonDomainName")?;
        writer.pointer(self.logon_domain_id.is_some());
        writer.u32(0);
        writer.u32(0);
        writer.u32(self.user_account_control);
        writer.u32(self.sub_auth_status);
        writer.file_time(self.last_successful_interactive_logon);
        writer.file_time(self.last_failed_interactive_logon);
        writer.u32(self.failed_interactive_logon_count);
        writer.u32(0);
        writer.count(self.extra_sids.len(), "SidCount")?;
        writer.pointer(!self.extra_sids.is_empty());
        writer.pointer(self.resource_group_domain_id.is_some());
        writer.count(self.resource_group_ids.len(), "ResourceGroupCount")?;
        writer.pointer(!self.resource_group_ids.is_empty());
        Ok(())
    }

    /// The user's SID; none where the KDC did not say it.
    #[must_use]
    pub fn user_sid(&self) -> Option<Sid> {
        match self.user_id {
            0 => self.extra_sids.first().map(|first| first.sid),
            user_id => self.logon_domain_id?.with_rid(user_id),
        }
    }

    /// The SID of the user's primary group; none where the KDC did not say its domain.
    #[must_use]
    pub fn primary_group_sid(&self) -> Option<Sid> {
        self.logon_domain_id?.with_rid(self.primary_group_id)
    }

    /// The SIDs of the user's groups: those of its domain, the extra ones, those of the service's domain. A membership
    /// that only denies ([`GroupAttributes::USE_FOR_DENY_ONLY`](crate::GroupAttributes::USE_FOR_DENY_ONLY)) is among
    /// them.
    pub fn group_sids(&self) -> impl Iterator<Item = SidAndAttributes> + '_ {
        let of_domain = in_domain(self.logon_domain_id, &self.group_ids);
        // The first one is the user, where it has no number.
        let extra = self.extra_sids.iter().skip(usize::from(self.user_id == 0));
        let of_resource = in_domain(self.resource_group_domain_id, self.resource_groups());
        of_domain.chain(extra.copied()).chain(of_resource)
    }

    /// The resource groups, if the KDC says that there are any: without the flag they don't count, as in Samba.
    fn resource_groups(&self) -> &[GroupMembership] {
        if self.user_flags.contains(UserFlags::RESOURCE_GROUPS) {
            &self.resource_group_ids
        } else {
            &[]
        }
    }

    /// Groups are of a domain, whose SID has room for their identifiers: so none of them is without a SID.
    fn check_domains(&self) -> Result<(), PacBufferError> {
        let domains = [
            (&self.group_ids, self.logon_domain_id, "LogonDomainId"),
            (
                &self.resource_group_ids,
                self.resource_group_domain_id,
                "ResourceGroupDomainSid",
            ),
        ];
        for (groups, domain, field) in domains {
            let has_room = domain.is_some_and(|domain| domain.with_rid(0).is_some());
            if !groups.is_empty() && !has_room {
                return Err(PacBufferError::at(0, field, PacBufferProblem::NullPointer));
            }
        }
        Ok(())
    }

    fn times(&mut self) -> [(&mut FileTime, &'static str); 6] {
        [
            (&mut self.logon_time, "LogonTime"),
            (&mut self.logoff_time, "LogoffTime"),
            (&mut self.kick_off_time, "KickOffTime"),
            (&mut self.password_last_set, "PasswordLastSet"),
            (&mut self.password_can_change, "PasswordCanChange"),
            (&mut self.password_must_change, "PasswordMustChange"),
        ]
    }

    fn names(&mut self) -> [(&mut String, &'static str); 6] {
        [
            (&mut self.effective_name, "EffectiveName"),
            (&mut self.full_name, "FullName"),
            (&mut self.logon_script, "LogonScript"),
            (&mut self.profile_path, "ProfilePath"),
            (&mut self.home_directory, "HomeDirectory"),
            (&mut self.home_directory_drive, "HomeDirectoryDrive"),
        ]
    }

    fn domain_names(&mut self) -> [(&mut String, &'static str); 2] {
        [
            (&mut self.logon_server, "LogonServer"),
            (&mut self.logon_domain_name, "LogonDomainName"),
        ]
    }
}

/// The SIDs of groups in their domain.
fn in_domain(
    domain: Option<Sid>,
    groups: &[GroupMembership],
) -> impl Iterator<Item = SidAndAttributes> + '_ {
    groups.iter().filter_map(move |group| {
        Some(SidAndAttributes {
            sid: domain?.with_rid(group.relative_id)?,
            attributes: group.attributes,
        })
    })
}

fn string_headers<const N: usize>(
    reader: &mut NdrReader<'_>,
    texts: [(&mut String, &'static str); N],
) -> Result<Vec<StringHeader>, PacBufferError> {
    let mut texts = texts.into_iter();
    texts.try_fold(Vec::with_capacity(N), |mut headers, (_, field)| {
        headers.push(reader.string_header(field)?);
        Ok(headers)
    })
}

const USER_SESSION_KEY_LEN: usize = 16;
