//! `kmsctl doctor`.

use clap::Args;

/// Examine the token and everything on it
///
/// Looks at the token's flags and PIN counters, tries each mechanism on session keys, and checks the store's files, the
/// clock, every record against its objects, names, protection, states and schedules. Each finding has a level, says what
/// it means, and names the command that mends it. Errors and warnings end with exit code 3; what is merely worth knowing
/// does not. Changes nothing without --repair.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "Is all well?" => "kmsctl doctor",
    "For monitoring: level and code of each finding" =>
        "kmsctl doctor --json | jq -r '.findings[] | [.level, .code, .subject] | @tsv'",
    "After a crash or a power failure" => "kmsctl doctor --repair",
])]
pub struct Doctor {
    /// Mend what cannot cost a key: usage attributes as the record says, records that a newer one made void, modes and
    /// index of the store. Keys are never destroyed. Says what it did; what is left is reported as without it
    #[arg(long)]
    pub repair: bool,
}
