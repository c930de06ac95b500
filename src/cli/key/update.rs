//! `kmsctl key update`.

use clap::{ArgAction, ArgGroup, Args};

use crate::{
    algorithm::SignatureAlgorithm,
    cli::{
        select::{self, Selection},
        values,
    },
    model::Label,
};

/// Change a key's label, memo, schedule or signature algorithm
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(group = ArgGroup::new("change")
    .args(["rename", "memo", "auto_rotate", "rotation_period", "signature_algorithm"])
    .required(true)
    .multiple(true))]
#[command(after_help = examples![
    "A new label for all versions" => "kmsctl key update --label web --rename web-2025",
    "RSA-PSS for its JWTs" => "kmsctl key update --label web --signature-algorithm PS256",
    "A new version every 30 days" => "kmsctl key update --label web --auto-rotate on --rotation-period 30",
])]
pub struct Update {
    #[command(flatten)]
    pub key: Selection,

    /// New label
    #[arg(long, value_name = "LABEL")]
    pub rename: Option<Label>,

    /// New note, up to 100 characters
    #[arg(long, value_name = "TEXT", value_parser = values::memo)]
    pub memo: Option<String>,

    /// What the key signs JWTs by from now on (RSA); publish it by `jwks` first
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub signature_algorithm: Option<SignatureAlgorithm>,

    /// Switch the schedule on or off
    #[arg(long, value_name = "on|off", action = ArgAction::Set, value_parser = values::on_off())]
    pub auto_rotate: Option<bool>,

    /// Days between scheduled versions, 1 to 730
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub rotation_period: Option<u32>,
}
