//! A file of the manual or of completions.

/// A file by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub name: String,
    pub content: Vec<u8>,
}

impl Page {
    /// The section of the manual that a page's name ends with.
    pub fn section(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}
