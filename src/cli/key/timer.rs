//! `kmsctl key timer`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Print a systemd timer and a crontab line that rotate due keys
///
/// They find the token of this run by themselves: what the options, the environment or a profile say about the token and
/// its PIN is written into them, with the variables that its module reads and the user that runs this command. Nothing is
/// installed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For the token of a profile, with its PIN as a systemd credential" =>
        "kmsctl key timer --profile prod --pin-file /etc/kmsctl/pin",
    "Also destroy revoked keys whose time has come" => "kmsctl key timer --purge",
    "To files" => "kmsctl key timer --pin-file /etc/kmsctl/pin --out-dir units",
])]
pub struct Timer {
    /// When to run, as systemd's OnCalendar has it
    #[arg(long, value_name = "WHEN", default_value = "daily", value_parser = ["hourly", "daily", "weekly"])]
    pub calendar: String,

    /// Also destroy revoked keys whose time has come
    #[arg(long)]
    pub purge: bool,

    /// Directory to write the files to: kmsctl-rotate.service, kmsctl-rotate.timer and kmsctl-rotate.crontab
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out_dir: Option<PathBuf>,
}
