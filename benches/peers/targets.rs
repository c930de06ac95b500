//! The performance targets, compared with the results of this run: ratios between programs that took turns, and a few times
//! that users notice.

use std::fmt::{self, Write as _};

use crate::{
    measure::{CaseResult, Score},
    report::time,
};

const SOFTHSM: &str = "kmsctl, SoftHSM2";
const EMBEDDED: &str = "kmsctl, embedded";
const TOOL: &str = "pkcs11-tool, SoftHSM2";
const BARE: &str = "bare calls, SoftHSM2";

/// One target. A measure is the name of a program and the title of a case.
struct Target {
    what: &'static str,
    measure: (&'static str, &'static str),
    limit: Limit,
}

enum Limit {
    /// At most this factor of the other measure.
    Times(f64, (&'static str, &'static str)),
    /// At most this many seconds.
    Seconds(f64),
    /// At most this much memory, in KiB.
    Memory(u64),
}

#[rustfmt::skip]
const TARGETS: &[Target] = &[
    Target { what: "`--help` starts and ends", measure: ("kmsctl --help", HELP), limit: Limit::Seconds(0.005) },
    Target { what: "sign on SoftHSM2", measure: (SOFTHSM, SIGN), limit: Limit::Times(0.8, (TOOL, SIGN)) },
    Target { what: "sign on the embedded token", measure: (EMBEDDED, SIGN), limit: Limit::Times(0.3, (TOOL, SIGN)) },
    Target { what: "peak memory of a signature", measure: (SOFTHSM, SIGN), limit: Limit::Memory(32 << 10) },
    Target { what: "sign, 1 ms more for each call", measure: ("kmsctl", SLOW_SIGN), limit: Limit::Seconds(0.030) },
    Target { what: "list of 1,000", measure: (SOFTHSM, LIST_1000), limit: Limit::Times(0.3, (TOOL, LIST_1000)) },
    Target { what: "list of 1,000, 1 ms more for each call", measure: ("kmsctl", SLOW_LIST), limit: Limit::Seconds(0.6) },
    Target { what: "list of 10,000 against 1,000, embedded", measure: (EMBEDDED, LIST_10000), limit: Limit::Times(12.0, (EMBEDDED, LIST_1000)) },
    Target { what: "list of 10,000, embedded", measure: (EMBEDDED, LIST_10000), limit: Limit::Seconds(5.0) },
    Target { what: "peak memory of that list", measure: (EMBEDDED, LIST_10000), limit: Limit::Memory(64 << 10) },
    Target { what: "show among 10,000 against 10, embedded", measure: (EMBEDDED, SHOW_10000), limit: Limit::Times(3.0, (EMBEDDED, SHOW_10)) },
    Target { what: "show among 10,000 against 10, SoftHSM2", measure: (SOFTHSM, SHOW_10000), limit: Limit::Times(3.0, (SOFTHSM, SHOW_10)) },
    Target { what: "batch of ES256, against the bare calls in one session", measure: (SOFTHSM, BATCH_ES256), limit: Limit::Times(1.0 / 0.95, (BARE, BATCH_ES256)) },
    Target { what: "batch of RS256, against the bare calls in one session", measure: (SOFTHSM, BATCH_RS256), limit: Limit::Times(1.0 / 0.95, (BARE, BATCH_RS256)) },
    Target { what: "each signature of a batch, against a run of pkcs11-tool", measure: (SOFTHSM, BATCH_ES256), limit: Limit::Times(0.05, (TOOL, SIGN)) },
    Target { what: "import RSA-4096, embedded", measure: (EMBEDDED, IMPORT), limit: Limit::Seconds(0.1) },
    Target { what: "encrypt 1 GiB", measure: (EMBEDDED, SEAL), limit: Limit::Times(1.25, ("rage", SEAL)) },
    Target { what: "decrypt 1 GiB", measure: (EMBEDDED, OPEN), limit: Limit::Times(1.25, ("rage", OPEN)) },
    Target { what: "peak memory of encryption", measure: (EMBEDDED, SEAL), limit: Limit::Memory(24 << 10) },
    Target { what: "peak memory of decryption", measure: (EMBEDDED, OPEN), limit: Limit::Memory(24 << 10) },
];

const HELP: &str = "Start and end: the help text";
const SIGN: &str = "One signature, P-256";
const SLOW_SIGN: &str = "One signature, P-256, 1 ms more for each call";
const LIST_1000: &str = "List of 1000 keys";
const SLOW_LIST: &str = "List of 1000 keys, 1 ms more for each call";
const LIST_10000: &str = "List of 10000 keys";
const SHOW_10: &str = "Show one key by label among 10";
const SHOW_10000: &str = "Show one key by label among 10000";
const BATCH_ES256: &str = "Batch of 10000 ES256, sessions: as needed; each";
const BATCH_RS256: &str = "Batch of 1000 RS256, sessions: as needed; each";
const IMPORT: &str = "Import RSA-4096";
const SEAL: &str = "Encrypt 1 GiB";
const OPEN: &str = "Decrypt 1 GiB";

/// Appends a table of the targets whose cases were measured in this run.
pub(crate) fn write(text: &mut String, results: &[CaseResult]) -> fmt::Result {
    writeln!(text, "\n| target | at most | found | |\n|---|--:|--:|---|")?;
    let find = |(program, title): (&str, &str)| -> Option<&Score> {
        let case = results.iter().find(|case| case.title == title)?;
        case.scores.iter().find(|score| score.name == program)
    };
    for target in TARGETS {
        let Some(score) = find(target.measure) else { continue };
        let (bound, found, met) = match target.limit {
            Limit::Times(most, other) => {
                let Some(other) = find(other) else { continue };
                let ratio = score.seconds() / other.seconds();
                (format!("{most:.2} ×"), format!("{ratio:.2} ×"), ratio <= most)
            }
            Limit::Seconds(most) => (time(most), time(score.seconds()), score.seconds() <= most),
            Limit::Memory(most) => {
                let mebibytes = |kibibytes: u64| format!("{} MiB", kibibytes.div_ceil(1 << 10));
                (mebibytes(most), mebibytes(score.memory), score.memory <= most)
            }
        };
        writeln!(
            text,
            "| {} | {bound} | {found} | {} |",
            target.what,
            if met { "met" } else { "**missed**" }
        )?;
    }
    Ok(())
}
