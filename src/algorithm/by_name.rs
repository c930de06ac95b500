//! Comparison of the types that refer to a row of a table.

/// Two are equal if their rows have the same name, which is unique; `Debug` shows it.
macro_rules! by_name {
    ($($of_row:ident),*) => {$(
        impl PartialEq for $of_row {
            fn eq(&self, other: &Self) -> bool {
                self.0.name == other.0.name
            }
        }

        impl Eq for $of_row {}

        impl std::hash::Hash for $of_row {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.0.name.hash(state);
            }
        }

        impl std::fmt::Debug for $of_row {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0.name)
            }
        }
    )*};
}
pub(super) use by_name;
