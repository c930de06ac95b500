//! Settings whose value is one of a few names.

/// A type whose values have names, for options, profiles and `config show`.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each value, its name, and its meaning if the name needs an explanation.
    const ALL: &'static [(Self, &'static str, &'static str)];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(value, _, _)| *value)
    }

    /// The names and their meanings.
    fn names() -> Vec<(&'static str, &'static str)> {
        Self::ALL.iter().map(|(_, name, meaning)| (*name, *meaning)).collect()
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

impl Choice for ColorWhen {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Auto, "auto", "On a terminal, unless NO_COLOR is set"),
        (Self::Always, "always", ""),
        (Self::Never, "never", ""),
    ];
}

/// What a profile's token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Manage,
    Use,
}

impl Choice for Mode {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Manage, "manage", "All commands"),
        (Self::Use, "use", "Only commands that do not change the token"),
    ];
}

/// The order of a list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortField {
    #[default]
    Label,
    Algorithm,
    Id,
    Created,
    Status,
    NextRotation,
}

impl Choice for SortField {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Label, "label", ""),
        (Self::Algorithm, "algorithm", ""),
        (Self::Id, "id", ""),
        (Self::Created, "created", "Oldest first"),
        (Self::Status, "status", ""),
        (Self::NextRotation, "next-rotation", "Soonest first"),
    ];
}
