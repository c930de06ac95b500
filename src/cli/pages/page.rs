//! A manual page or a completion script.

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub name: String,
    pub content: Vec<u8>,
}

impl Page {
    /// The section of a manual page: the end of its name.
    pub fn section(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}
