//! `kmsctl key update`.

use anyhow::Result;
use clap::{ArgGroup, Args};

use super::{change::change, new_key::check_schedule};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{
        Selection, answers, examples, select,
        values::{self, Keep},
    },
    commands::{command::Run, context::Context},
    keystore::{self, Change},
    model::Label,
    render,
};

/// Change a key's label, memo, schedule, retention or algorithm
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(group = select::required())]
#[command(group = ArgGroup::new("change")
    .args(["rename", "memo", "auto_rotate", "rotation_period", "reset_schedule", "stage_days", "keep", "signature_algorithm"])
    .required(true)
    .multiple(true))]
#[command(after_help = examples![
    "A new label for all versions" => "kmsctl key update --label web --rename web-2025",
    "Sign JWTs with RSA-PSS" => "kmsctl key update --label web --signature-algorithm PS256",
    "After a rotation by a machine whose clock was ahead" => "kmsctl key update --label web --reset-schedule",
    "A new version every 30 days" => "kmsctl key update --label web --auto-rotate on --rotation-period 30",
    "Published 2 days before it signs" => "kmsctl key update --label web --stage-days 2",
    "Four versions in the JWK Set at most" => "kmsctl key update --label web --keep 4",
])]
pub struct Update {
    #[command(flatten)]
    key: Selection,

    /// New label
    #[arg(long, value_name = "LABEL")]
    rename: Option<Label>,

    /// New note, up to 100 characters
    #[arg(long, value_name = "TEXT", value_parser = values::memo)]
    memo: Option<String>,

    /// Algorithm that an RSA key signs JWTs with from now on; publish it with `kmsctl jwks` first
    #[arg(long, value_name = "ALG", value_parser = values::key_signature_algorithm())]
    signature_algorithm: Option<SignatureAlgorithm>,

    /// Rotate the key on a schedule, by `kmsctl key rotate --due`, or no longer
    #[arg(long, value_name = "on|off", num_args = 0..=1, default_missing_value = "on", value_parser = values::on_off())]
    auto_rotate: Option<bool>,

    /// Days between scheduled rotations, 1 to 730
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=730))]
    rotation_period: Option<u32>,

    /// Start the rotation period now, such as after a run with a wrong clock
    #[arg(long)]
    reset_schedule: bool,

    /// Days between the publication of a scheduled version and its first use, fewer than the rotation period; 0 for none
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=729))]
    stage_days: Option<u32>,

    /// Versions that a rotation leaves in use, the new one included: 1 to 1000, or all. Older ones that only sign are revoked; those
    /// that decrypt still do, but no longer encrypt, and leave the JWK Set
    #[arg(long, value_name = "N|all", value_parser = values::keep)]
    keep: Option<Keep>,
}

impl Run for Update {
    fn run(&self, context: &Context) -> Result<()> {
        check_schedule(self.auto_rotate, self.rotation_period)?;
        let update = keystore::Update {
            label: self.rename.clone(),
            memo: self.memo.clone(),
            signature_algorithm: self.signature_algorithm,
            auto_rotation: self.auto_rotate,
            rotation_period: self.rotation_period,
            reset_schedule: self.reset_schedule,
            stage_days: self.stage_days,
            keep: self.keep.map(|keep| keep.0),
        };
        let done = change(context, &self.key, &Change::Update(update))?;
        done.report(context, done.line("updated", None), None, None)
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}
