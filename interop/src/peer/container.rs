//! MIT's KDC and kadmind in a container.

use std::net::SocketAddr;
use std::path::Path;

use orthros_testing::docker::Container;

use crate::{Server, StartError};

pub(super) fn start(realm: &'static str, keytab: &Path) -> Result<impl Server + use<>, StartError> {
    let container = Container::builder(realm).start()?;
    container.copy_keytab(keytab)?;
    Ok(container)
}

impl Server for Container {
    fn kdc(&self) -> SocketAddr {
        self.kdc_address()
    }

    fn passwords(&self) -> SocketAddr {
        self.password_address()
    }

    fn log(&self) -> String {
        Self::log(self)
    }
}
