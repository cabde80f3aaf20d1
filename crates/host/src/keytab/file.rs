//! Keytabs in files.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use orthros_types::keytab::{self, Keytab, KeytabEntry, KeytabRecord, KeytabRecords};

use super::error::Problem;
use super::snapshot::Snapshot;
use super::{KeytabBackend, KeytabError, KeytabName, KeytabType};
use crate::file_version::FileVersion;
use crate::secret_file::SecretFile;
use crate::typed_name::require_path;

pub(super) const TYPE: KeytabType = KeytabType {
    name: "FILE",
    // MIT's older name for a keytab that is written to.
    alias: Some("WRFILE"),
    check: require_path,
    open: |path, _| {
        let path = Path::new(path);
        Arc::new(FileKeytab::new(path))
    },
};

/// A file, and what was read of it last.
pub(super) struct FileKeytab {
    file: SecretFile,
    snapshot: Snapshot,
}

impl KeytabBackend for FileKeytab {
    fn read(&self, name: &KeytabName) -> Result<Keytab, KeytabError> {
        let bytes = self
            .file
            .read()
            .map_err(|error| KeytabError::of_file(name, error))?;
        Keytab::decode(&bytes).map_err(|error| KeytabError::of_format(name, error))
    }

    fn snapshot(&self, name: &KeytabName) -> Result<Arc<Keytab>, KeytabError> {
        self.snapshot_at(name, SystemTime::now())
    }

    fn add(&self, name: &KeytabName, entry: &KeytabEntry) -> Result<(), KeytabError> {
        self.file
            .create_if_absent()
            .map_err(|error| KeytabError::of_file(name, error))?;
        let add = |bytes: &[u8]| Ok::<_, Problem>((keytab::add(bytes, entry)?, ()));
        let added = self.file.edit_with_keys(add);
        added.map_err(|problem| problem.of(name))
    }

    fn remove(
        &self,
        name: &KeytabName,
        unwanted: &dyn Fn(&KeytabEntry) -> bool,
    ) -> Result<usize, KeytabError> {
        let remove = |bytes: &[u8]| {
            let mut writes = Vec::new();
            let mut count = 0;
            let records = KeytabRecords::new(bytes)?;
            let format = records.format();
            for record in records {
                // What can't be read stays as it is, so that it can be mended.
                if let Ok(KeytabRecord::Entry {
                    offset,
                    length,
                    entry,
                }) = record
                    && unwanted(&entry)
                {
                    writes.extend(keytab::remove(format, offset, length));
                    count += 1;
                }
            }
            Ok::<_, Problem>((writes, count))
        };
        self.file.edit(remove).map_err(|problem| problem.of(name))
    }
}

impl FileKeytab {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            file: SecretFile::new(path),
            snapshot: Snapshot::default(),
        }
    }

    pub(super) fn snapshot_at(
        &self,
        name: &KeytabName,
        now: SystemTime,
    ) -> Result<Arc<Keytab>, KeytabError> {
        let version = || FileVersion::of(self.file.path()).ok();
        let before = version();
        if let Some(keytab) = before.and_then(|version| self.snapshot.current(version)) {
            return Ok(keytab);
        }
        let keytab = Arc::new(self.read(name)?);
        if let Some(before) = before.filter(|before| before.is_settled(now))
            && version().is_some_and(|after| after == before)
        {
            self.snapshot.keep(before, keytab.clone());
        }
        Ok(keytab)
    }
}
