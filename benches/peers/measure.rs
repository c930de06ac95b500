//! Runs the contestants of a case in turns.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::case::{Case, Contestant};

/// The times of one contestant.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    sorted: Vec<Duration>,
}

impl Times {
    /// The given quartile of the times. There are at least three.
    fn quartile(&self, quarters: usize) -> Duration {
        self.sorted[(self.sorted.len() - 1) * quarters / 4]
    }

    pub(crate) fn median(&self) -> Duration {
        self.quartile(2)
    }

    /// The first and the third quartile.
    pub(crate) fn quartiles(&self) -> (Duration, Duration) {
        (self.quartile(1), self.quartile(3))
    }
}

pub(crate) struct Score {
    pub(crate) name: String,
    pub(crate) times: Times,
    /// Number of PKCS#11 calls in one run; `None` without a token.
    pub(crate) calls: Option<usize>,
    /// Peak resident memory of one run, in KiB.
    pub(crate) memory: u64,
    /// Number of operations in one run, by which the times are divided.
    pub(crate) operations: u32,
}

impl Score {
    /// Seconds for one operation.
    pub(crate) fn seconds(&self) -> f64 {
        self.times.median().as_secs_f64() / f64::from(self.operations)
    }
}

pub(crate) struct CaseResult {
    pub(crate) title: String,
    pub(crate) note: Option<String>,
    pub(crate) rounds: usize,
    pub(crate) scores: Vec<Score>,
    /// Index of the score that ratios refer to.
    pub(crate) reference: usize,
}

pub(crate) fn measure(case: &Case, effort: f64) -> Result<CaseResult> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let rounds = ((f64::from(case.rounds) * effort).round() as usize).max(3);
    // Warms the caches, and fails early if a contestant does not work.
    for contestant in &case.contestants {
        once(contestant)?;
    }
    let mut times = vec![Vec::with_capacity(rounds); case.contestants.len()];
    for _ in 0..rounds {
        for (contestant, times) in case.contestants.iter().zip(&mut times) {
            times.push(once(contestant)?);
        }
    }
    let mut scores = Vec::new();
    for (contestant, mut sorted) in case.contestants.iter().zip(times) {
        sorted.sort_unstable();
        scores.push(Score {
            name: contestant.name.clone(),
            times: Times { sorted },
            calls: count_calls(contestant)?,
            memory: peak_memory(contestant)?,
            operations: contestant.operations,
        });
    }
    Ok(CaseResult {
        title: case.title.clone(),
        note: case.note.clone(),
        rounds,
        scores,
        reference: case.reference,
    })
}

/// The time from before the start of the process until it has ended, or the time that the program measured itself.
fn once(contestant: &Contestant) -> Result<Duration> {
    (contestant.prepare)()?;
    let mut command = (contestant.command)(None);
    if contestant.times_itself {
        let output = run(&mut command, Stdio::piped())?;
        let text = String::from_utf8_lossy(&output);
        let seconds: f64 = text.trim().parse().with_context(|| format!("{command:?} printed {text:?}"))?;
        return Ok(Duration::from_secs_f64(seconds));
    }
    let start = Instant::now();
    run(&mut command, Stdio::null())?;
    Ok(start.elapsed())
}

fn run(command: &mut Command, stdout: Stdio) -> Result<Vec<u8>> {
    let child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn();
    let output = child.with_context(|| format!("{command:?}"))?.wait_with_output()?;
    if !output.status.success() {
        bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// In KiB, measured by GNU time.
fn peak_memory(contestant: &Contestant) -> Result<u64> {
    (contestant.prepare)()?;
    let report = tempfile::NamedTempFile::new()?;
    let plain = (contestant.command)(None);
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o"]).arg(report.path()).arg(plain.get_program()).args(plain.get_args());
    timed.envs(plain.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    run(&mut timed, Stdio::null())?;
    let text = fs::read_to_string(report.path())?;
    text.trim().parse().with_context(|| format!("/usr/bin/time wrote {text:?}"))
}

fn count_calls(contestant: &Contestant) -> Result<Option<usize>> {
    if !contestant.uses_token {
        return Ok(None);
    }
    (contestant.prepare)()?;
    let log = tempfile::NamedTempFile::new()?;
    run(&mut (contestant.command)(Some(log.path())), Stdio::null())?;
    Ok(Some(fs::read_to_string(log.path())?.lines().count()))
}
