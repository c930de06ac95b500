//! `kmsctl bench`.

use std::time::Duration;

use anyhow::Result;

use super::context::{Context, Need};
use crate::{cli, operation, render, ui::Measure};

pub(super) fn bench(context: &Context, arguments: &cli::bench::Bench) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let session = opened.keystore.session();
    let time = Duration::from_secs_f64(arguments.seconds);
    let progress = context.ui.progress("measuring", Measure::Steps { total: None });
    let report = operation::bench(session, time, &arguments.sessions, |done, all, workload, sessions| {
        progress.at(done as u64, all as u64, format_args!("{workload}, {sessions} sessions"));
    });
    drop(progress);
    context.print(&render::bench(&report?, session.token(), arguments.seconds))
}
