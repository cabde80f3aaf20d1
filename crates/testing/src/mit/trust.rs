//! Realms that trust each other.

use super::{Realm, RealmError, builder, write};

impl Realm {
    /// Has both realms share a key for each direction, and their clients know where the other's KDC is.
    ///
    /// # Errors
    ///
    /// When a database or a file can't be written.
    pub fn trust(&mut self, other: &mut Self) -> Result<(), RealmError> {
        let queries =
            [(self.name(), other.name()), (other.name(), self.name())].map(|(one, two)| {
                let principal = builder::quoted(&format!("krbtgt/{one}@{two}"));
                format!("addprinc -pw shared {principal}")
            });
        self.kadmin(&queries)?;
        other.kadmin(&queries)?;
        self.add_neighbour(other.name(), other.config.port)?;
        other.add_neighbour(self.name(), self.config.port)
    }

    /// Has this realm's clients know where the KDC of another realm is.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn know(&mut self, other: &Self) -> Result<(), RealmError> {
        self.add_neighbour(other.name(), other.config.port)
    }

    fn add_neighbour(&mut self, name: &str, port: u16) -> Result<(), RealmError> {
        self.config.neighbours.insert(name.to_owned(), port);
        write(&self.krb5_conf_path(), &self.config.krb5_conf(&[]))
    }
}
