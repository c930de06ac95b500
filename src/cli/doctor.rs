//! `kmsctl doctor`.

use clap::Args;

/// Examine the token and everything on it
///
/// Looks at the token's flags and PIN counters, tries each mechanism on session keys, and checks the store's files, the
/// clock, every record against its objects, names, protection, states and schedules. Each finding has a level, says what
/// it means, and names the command that mends it. Errors and warnings end with exit code 3; what is merely worth knowing
/// does not. Changes nothing without --repair.
///
/// After a crash, --repair and the interrupted command once more lead to where that command was going. A key that was
/// made and not recorded (UNFINISHED) is finished by the same `key create`, `key import` or `key unwrap` within a day; it
/// works, and may have been used, so nothing but `key delete` ever destroys it.
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
