//! The parts of `kmsctl --help` and kmsctl(1) that belong to no single command.

pub const EXAMPLES: &str = super::examples![
    "A token and a key, from nothing" => "kmsctl token init --label prod --generate-pin pin",
    "(the commands below read the PIN from there)" => "export KMSCTL_PIN_FILE=$PWD/pin",
    "A key pair inside the token" => "kmsctl key create --label web --algorithm rsa-4096",
    "Sign, and let OpenSSL be the judge" => "kmsctl sign --label web --in README.md --encoding binary --out sig",
    "The public key" => "kmsctl key show --label web --pem > web.pem",
    "The signature is valid" => "openssl dgst -sha256 -verify web.pem -signature sig README.md",
];

/// Sections for `--help` and the man page; each heading stands alone on a line and ends with a colon.
pub const REFERENCE: &str = "\
Exit status:
  0    done; the answer is yes
  1    failed for another reason
  2    usage: options, request body, malformed input
  3    the answer is no: not valid, not authentic, something is due
  4    no such key, or several
  5    PIN: missing, wrong, locked, or its final try was refused
  6    the token or module cannot be reached or cannot do what is asked
  7    the key's state or usage forbids it
  8    exists already
  127  ephemeral: the command cannot be started
  130  interrupted

Environment:
  KMSCTL_STORE           directory of the embedded token
  KMSCTL_MODULE          PKCS#11 module, in place of the embedded token
  KMSCTL_MODULE_ARGS     argument string for the module's C_Initialize
  KMSCTL_TOKEN           token by its label, serial number or PKCS#11 URI
  KMSCTL_RECORDS         directory for the keys' records
  KMSCTL_CONFIG          configuration file
  KMSCTL_PROFILE         profile of the configuration file
  KMSCTL_PIN             user PIN
  KMSCTL_PIN_FILE        file that holds the user PIN
  KMSCTL_SO_PIN          security officer's PIN
  KMSCTL_SO_PIN_FILE     file that holds the security officer's PIN
  CREDENTIALS_DIRECTORY  systemd's credentials: kmsctl-pin is the user PIN
  XDG_DATA_HOME          parent of the embedded token's default directory
  XDG_CONFIG_HOME        parent of the configuration's default directory
  VISUAL, EDITOR         editor of config edit
  NO_COLOR               no colour, if set
  CLICOLOR_FORCE         colour also where there is no terminal, if set

  Strongest first: an option, the profile that --profile names, the
  environment, the profile that KMSCTL_PROFILE or default-profile names, the
  default. `kmsctl config show` prints what each setting overrides.

PIN sources:
  The first that is given: --pin-file, --pin-fd, --pin-command, the profile
  that --profile names, KMSCTL_PIN, KMSCTL_PIN_FILE, another profile, the
  systemd credential, the terminal; pin-source in a PKCS#11 URI is as strong
  as what has the URI. There is no option for the PIN itself: other users
  could read it.

Files:
  ~/.local/share/kmsctl         the embedded token
  ~/.config/kmsctl/config.toml  the configuration: default-profile = \"NAME\",
                                and tables [profile.NAME] with module,
                                module-args, token, slot, store, records,
                                shared-group, mode, pin-file, pin-command,
                                lock-timeout, color, output (table or json),
                                sort; see kmsctl-config(5)";
