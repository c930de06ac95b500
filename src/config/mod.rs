//! Settings from options, the environment and the configuration file, strongest first. Only this module reads the
//! environment.

mod clock;
mod edit;
mod environment;
mod error;
mod file;
mod layer;
mod pin_source;
mod resolve;
mod settings;
mod stack;

pub use edit::{NewProfile, TEMPLATE, check, with_key, with_profile};
pub use environment::{Environment, completion_shell};
pub use error::ConfigError;
pub use file::{config_path, profile_names, read_config};
pub use settings::{
    Origin, Overridden, ProfileInUse, Reported, Reserved, Settings, Target, UseOnly, use_color,
};
