//! `kmsctl bench`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::{
    command::Run,
    context::{Context, Need},
};
use crate::{
    cli::{answers, examples},
    model::Counted,
    operation, render,
    ui::{self, Measure},
};

/// Measure the speed of the token
///
/// Prints the operations per second and the time of one operation (median p50, and p99) for each mechanism that kmsctl
/// uses, with one or more sessions. It uses its own session keys, which the token deletes at the end.
#[derive(Debug, Args)]
#[command(add = answers![render::BenchReport])]
#[command(after_help = examples![
    "All mechanisms" => "kmsctl bench",
    "A quick look, one session" => "kmsctl bench --seconds 0.2 --sessions 1",
    "Figures for a program" => "kmsctl bench --seconds 5 --sessions 1,16,64 --json",
])]
pub struct Bench {
    /// Seconds for each measurement, 0.01 to 3600
    #[arg(long, value_name = "S", default_value = "1", value_parser = seconds)]
    seconds: f64,

    /// Number of parallel sessions; several numbers are separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    sessions: Vec<u16>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=3600.0).contains(&seconds) { Ok(seconds) } else { Err("not between 0.01 and 3600".to_owned()) }
}

impl Run for Bench {
    fn run(&self, context: &Context) -> Result<()> {
        // Session keys are invisible to other programs, so no lock is held while measuring.
        let keystore = context.open(Need::Read)?.without_lock();
        let session = keystore.session();
        let time = Duration::from_secs_f64(self.seconds);
        self.announce(context, time);
        let progress = context.ui.progress("measuring", Measure::Steps { total: None });
        let report = operation::bench(session, time, &self.sessions, |done, all, workload, sessions| {
            progress.at(
                done as u64,
                all as u64,
                format_args!("{workload}, {}", Counted(sessions.into(), "session")),
            );
        });
        drop(progress);
        context.print(&render::bench(&report?, session.token(), self.seconds))
    }

    /// A restart would count earlier measurements twice.
    fn may_start_again(&self) -> bool {
        false
    }
}

impl Bench {
    /// Announces the expected duration.
    fn announce(&self, context: &Context, time: Duration) {
        let count = operation::Workload::all().len() * self.sessions.len();
        // The 999 ms round up to whole seconds.
        let all = time * u32::try_from(count).unwrap_or(u32::MAX) + Duration::from_millis(999);
        context.ui.status(format!(
            "{} of {} s each: about {}",
            Counted(count, "measurement"),
            self.seconds,
            ui::duration(all)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn seconds_are_within_the_range() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "3601", "nan", "inf", "soon", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
