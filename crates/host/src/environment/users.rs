//! The system's users.

use nix::unistd::{Uid, User, getuid};

use super::Environment;

impl Environment {
    /// The name of the user of this number on this system, where there is one and its name is text.
    #[must_use]
    pub fn user_name(&self, uid: u32) -> Option<String> {
        User::from_uid(Uid::from_raw(uid))
            .ok()
            .flatten()
            .map(|user| user.name)
    }

    /// The name of the user whose process this is, where it has one.
    #[must_use]
    pub fn local_user_name(&self) -> Option<String> {
        self.user_name(getuid().as_raw())
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn number_0_is_root_and_most_numbers_are_nobody() {
        let environment = Environment::builder().build();
        assert_eq!(environment.user_name(0).as_deref(), Some("root"));
        assert_eq!(environment.user_name(0xFFFF_FFF0), None);
    }
}
