//! What a token can do: operations a second and how long each takes, on session keys that go with the session.

mod task;
mod workload;

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use hdrhistogram::Histogram;

pub use workload::Workload;

use task::{Keys, Task};

use crate::token::{self, Session};

/// How one workload went over a number of sessions.
#[derive(Debug, Clone)]
pub struct Measurement {
    pub workload: Workload,
    pub sessions: u16,
    pub operations: u64,
    /// From the first operation's start to the last one's end.
    pub elapsed: Duration,
    /// How long each operation took, in nanoseconds.
    pub latencies: Histogram<u64>,
}

impl Measurement {
    pub fn per_second(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "no count of operations comes near 2^52")]
        let operations = self.operations as f64;
        operations / self.elapsed.as_secs_f64()
    }

    /// The time that this share of the operations took at most.
    pub fn quantile(&self, share: f64) -> Duration {
        Duration::from_nanos(self.latencies.value_at_quantile(share))
    }

    pub fn slowest(&self) -> Duration {
        Duration::from_nanos(self.latencies.max())
    }
}

/// A workload, or a number of sessions for it, that the token does not do.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub workload: Workload,
    /// `None`: not even over one.
    pub sessions: Option<u16>,
    pub error: token::Error,
}

/// All that was measured.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub measurements: Vec<Measurement>,
    pub refusals: Vec<Refusal>,
}

/// Measures every workload over each number of sessions, for `time` each. `watch` hears what comes next, and how many
/// measurements of all are behind it.
pub fn bench(
    session: &Session,
    time: Duration,
    sessions: &[u16],
    mut watch: impl FnMut(usize, usize, Workload, u16),
) -> Result<Report> {
    let mut report = Report::default();
    let mut keys = Keys::new(session);
    let workloads = Workload::all();
    let all = workloads.len() * sessions.len();
    for (index, workload) in workloads.into_iter().enumerate() {
        watch(index * sessions.len(), all, workload, 1);
        let task = match keys.task(workload) {
            Ok(task) => task,
            Err(error) => {
                let error = error.downcast::<token::Error>()?;
                report.refusals.push(Refusal { workload, sessions: None, error });
                continue;
            }
        };
        for (step, count) in sessions.iter().enumerate() {
            watch(index * sessions.len() + step, all, workload, *count);
            match measure(session, &task, *count, time) {
                Ok((operations, elapsed, latencies)) => report.measurements.push(Measurement {
                    workload,
                    sessions: *count,
                    operations,
                    elapsed,
                    latencies,
                }),
                Err(error) => report.refusals.push(Refusal { workload, sessions: Some(*count), error }),
            }
        }
    }
    Ok(report)
}

/// Runs the task over so many sessions until the time is over; every session does it at least once.
fn measure(
    session: &Session,
    task: &Task,
    count: u16,
    time: Duration,
) -> token::Result<(u64, Duration, Histogram<u64>)> {
    let sessions = (0..count).map(|_| session.sibling()).collect::<token::Result<Vec<_>>>()?;
    let start_together = Barrier::new(sessions.len());
    let begin = Instant::now();
    let results = thread::scope(|scope| {
        let work = |session: Session| {
            let start_together = &start_together;
            scope.spawn(move || {
                start_together.wait();
                repeat(&session, task, time)
            })
        };
        let workers: Vec<_> = sessions.into_iter().map(work).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().map(join).collect::<token::Result<Vec<_>>>()
    })?;
    let elapsed = begin.elapsed();
    let mut all = histogram();
    for times in &results {
        // All have the same bounds.
        let _ = all.add(times);
    }
    Ok((all.len(), elapsed, all))
}

fn repeat(session: &Session, task: &Task, time: Duration) -> token::Result<Histogram<u64>> {
    let mut times = histogram();
    let begin = Instant::now();
    let mut before = begin;
    loop {
        task.run(session)?;
        let now = Instant::now();
        times.saturating_record(u64::try_from((now - before).as_nanos()).unwrap_or(u64::MAX));
        before = now;
        if now - begin >= time {
            return Ok(times);
        }
    }
}

/// Nanoseconds up to an hour, three digits.
fn histogram() -> Histogram<u64> {
    const HOUR: u64 = 3_600_000_000_000;
    #[allow(clippy::expect_used, reason = "the bounds are constants that the crate accepts")]
    Histogram::new_with_bounds(1, HOUR, 3).expect("bounds and digits that the crate accepts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_measurement() {
        let mut latencies = histogram();
        for micros in 1..=100 {
            latencies.saturating_record(micros * 1000);
        }
        let measurement = Measurement {
            workload: Workload::Random,
            sessions: 1,
            operations: 100,
            elapsed: Duration::from_millis(50),
            latencies,
        };
        assert!((measurement.per_second() - 2000.0).abs() < 1e-9);
        let near = |time: Duration, micros: f64| (time.as_secs_f64() * 1e6 / micros - 1.0).abs() < 0.01;
        assert!(near(measurement.quantile(0.5), 50.0));
        assert!(near(measurement.quantile(0.99), 99.0));
        assert!(near(measurement.slowest(), 100.0));
    }
}
