//! `kmsctl key timer`.

use clap::Args;

/// Print a systemd service and timer, and a crontab line, that rotate what is due
///
/// They carry the token, profile and PIN file that this command is given. Nothing is installed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "For the token of a profile, with its PIN as a systemd credential" =>
        "kmsctl key timer --profile prod --pin-file /etc/kmsctl/pin",
    "That also destroys revoked keys whose time has come" => "kmsctl key timer --purge",
])]
pub struct Timer {
    /// When to run, as systemd's OnCalendar has it
    #[arg(long, value_name = "WHEN", default_value = "daily", value_parser = ["hourly", "daily", "weekly"])]
    pub calendar: String,

    /// Also destroy revoked keys whose time has come
    #[arg(long)]
    pub purge: bool,
}
