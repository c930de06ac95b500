//! A PKCS#11 module between kmsctl and a real module, for tests.
//!
//! Every call of the standard's 68 functions (v2.40) is forwarded. Environment variables change what happens:
//! - `KMSCTL_FAULT_MODULE`: the real module's file, or `kryoptic` for the token that is also linked into kmsctl;
//! - `KMSCTL_FAULT_LOG`: a file that gets one line per call: the function, its return value, and the microseconds it took;
//! - `KMSCTL_FAULT_DELAY_US`: each call takes this much longer, as on a network HSM;
//! - `KMSCTL_FAULT`: one [`Fault`], such as `17 fail-before 0x30`, `C_SignInit:2 fail-after 0x5`,
//!   `C_CreateObject:1 kill-after`, `C_Initialize:1 ignores 17`, `C_Initialize:1 defaults 13`,
//!   `C_Sign:3+ fail-before 0x32` (the third call and all later ones), `C_FindObjects:1 signal-before 15`,
//!   `C_Finalize:1 scan HEX`, `C_Sign:3 lose 0x32` (every call fails from then on, until the next `C_Initialize`);
//! - `KMSCTL_FAULT_PORTION`: `C_FindObjects` returns at most this many objects per call, however many were requested;
//! - `KMSCTL_FAULT_ENTRY`: `interface` returns the functions from `C_GetInterface` only, `none` from neither entry point;
//! - `KMSCTL_FAULT_RSA_AES`: keys can be unwrapped only with `CKM_RSA_AES_KEY_WRAP`, which no real module here has;
//! - `KMSCTL_FAULT_UNREADABLE`: with `HEX 0x13`, every read of an object with this label returns this value;
//! - `KMSCTL_FAULT_RULES`: rules of a token that allows less, or names of sets of them: see [`rules::Rule`];
//! - `KMSCTL_FAULT_LIES`: [`Lie`]s, separated by spaces, such as `0x3=1b5b324a 0x120#0 C_FindObjects#99999 C_Sign=00`.

mod forward;
mod lie;
mod portion;
mod rsa_aes;
mod rules;
mod scan;
mod unreadable;

use std::{
    env, fmt, fs,
    io::Write,
    process,
    str::FromStr,
    sync::{LazyLock, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use cryptoki_sys::{CK_RV, CK_ULONG, CKR_FUNCTION_NOT_SUPPORTED};

use lie::Lie;
use rules::{Call, Rules};
use unreadable::Unreadable;

pub use forward::{C_GetFunctionList, C_GetInterface};

static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::from_environment);

/// How often each function was called in this process.
static CALLS: Mutex<[u64; forward::COUNT]> = Mutex::new([0; forward::COUNT]);

/// What every call returns once the token is lost.
static LOST: Mutex<Option<CK_RV>> = Mutex::new(None);

struct Settings {
    log: Option<fs::File>,
    delay: Duration,
    fault: Option<Fault>,
    lies: Vec<Lie>,
    portion: Option<CK_ULONG>,
    rsa_aes: bool,
    rules: Option<Rules>,
    unreadable: Option<Unreadable>,
}

/// What happens at one call.
struct Fault {
    /// Counts only the calls of this function, or all calls if `None`. The first is 1, like the first line of the log.
    function: Option<&'static str>,
    number: u64,
    /// Whether the fault strikes all later calls, too.
    and_later: bool,
    action: Action,
    /// Whether the real module is called first.
    after: bool,
}

enum Action {
    Fail(CK_RV),
    /// Sends a signal to this process. After `SIGKILL`, which the system sends if it is out of memory, no destructor runs.
    Signal(i32),
    /// Changes how this process handles a signal, as some modules do.
    Dispose(i32, libc::sighandler_t),
    /// The token is lost: every call fails until the module is finalized and initialized again.
    Lose(CK_RV),
    /// Counts how often bytes occur in this process's memory, and writes a line `scan 0xCOUNT 0` to the log. The bytes are
    /// given with every bit inverted.
    Scan(Vec<u8>),
}

impl Settings {
    fn from_environment() -> Self {
        let log = env::var_os("KMSCTL_FAULT_LOG").map(|path| {
            fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(&path)
                .unwrap_or_else(|error| refuse(&path, error))
        });
        Self {
            log,
            delay: Duration::from_micros(setting("KMSCTL_FAULT_DELAY_US").unwrap_or(0)),
            fault: setting("KMSCTL_FAULT"),
            lies: setting::<String>("KMSCTL_FAULT_LIES")
                .iter()
                .flat_map(|text| text.split_whitespace())
                .map(|text| text.parse().unwrap_or_else(|()| refuse("KMSCTL_FAULT_LIES", text)))
                .collect(),
            portion: setting("KMSCTL_FAULT_PORTION"),
            rsa_aes: env::var_os("KMSCTL_FAULT_RSA_AES").is_some(),
            rules: setting("KMSCTL_FAULT_RULES"),
            unreadable: setting("KMSCTL_FAULT_UNREADABLE"),
        }
    }
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| refuse(name, text)))
}

/// Aborts, so that a test with an invalid setting does not pass.
fn refuse(what: impl fmt::Debug, why: impl fmt::Display) -> ! {
    eprintln!("fault module: {what:?}: {why}");
    process::abort()
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let words: Vec<_> = text.split_whitespace().collect();
        let (place, what) = words.split_first().ok_or(())?;
        let (action, after) = match what {
            ["fail-before", rv] => (Action::Fail(lie::hexadecimal(rv)?), false),
            ["fail-after", rv] => (Action::Fail(lie::hexadecimal(rv)?), true),
            ["kill-before"] => (Action::Signal(libc::SIGKILL), false),
            ["kill-after"] => (Action::Signal(libc::SIGKILL), true),
            ["signal-before", number] => (Action::Signal(number.parse().map_err(|_| ())?), false),
            ["signal-after", number] => (Action::Signal(number.parse().map_err(|_| ())?), true),
            ["ignores", number] => (Action::Dispose(number.parse().map_err(|_| ())?, libc::SIG_IGN), true),
            ["defaults", number] => (Action::Dispose(number.parse().map_err(|_| ())?, libc::SIG_DFL), true),
            ["lose", rv] => (Action::Lose(lie::hexadecimal(rv)?), false),
            ["scan", inverted] => (Action::Scan(lie::bytes(inverted)?), false),
            _ => return Err(()),
        };
        let (function, number) = match place.split_once(':') {
            Some((function, number)) => {
                (Some(*forward::NAMES.iter().find(|name| **name == function).ok_or(())?), number)
            }
            None => (None, *place),
        };
        let (number, and_later) = number.strip_suffix('+').map_or((number, false), |number| (number, true));
        Ok(Self { function, number: number.parse().map_err(|_| ())?, and_later, action, after })
    }
}

impl Fault {
    /// The first call has number 1.
    fn strikes(&self, name: &str, of_all: u64, of_function: u64) -> bool {
        let number = self.function.map_or(of_all, |function| if function == name { of_function } else { 0 });
        self.number == number || self.and_later && self.number < number
    }

    /// `None`: the call continues as if there were no fault.
    fn strike(&self, name: &str) -> Option<CK_RV> {
        match &self.action {
            Action::Fail(rv) => return Some(*rv),
            Action::Lose(rv) => {
                *LOST.lock().unwrap_or_else(PoisonError::into_inner) = Some(*rv);
                return Some(*rv);
            }
            Action::Signal(signal) => {
                log(name, None, Duration::ZERO);
                // SAFETY: raise has no preconditions.
                unsafe { libc::raise(*signal) };
            }
            Action::Dispose(signal, disposition) => {
                // SAFETY: `SIG_IGN` and `SIG_DFL` are not functions.
                unsafe { libc::signal(*signal, *disposition) };
            }
            Action::Scan(inverted) => log("scan", Some(scan::count(inverted)), Duration::ZERO),
        }
        None
    }
}

/// Handles one call. `arguments` are machine words; `call` forwards it, and is `None` if the real module lacks the function.
fn intercept(index: usize, arguments: &[usize], call: Option<&dyn Fn() -> CK_RV>) -> CK_RV {
    let name = forward::NAMES[index];
    let (of_all, of_function) = {
        let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
        calls[index] += 1;
        (calls.iter().sum(), calls[index])
    };
    let fault = SETTINGS.fault.as_ref().filter(|fault| fault.strikes(name, of_all, of_function));
    let start = Instant::now();
    thread::sleep(SETTINGS.delay);
    let lost = lost(name);
    let before = lost.or_else(|| fault.filter(|fault| !fault.after).and_then(|fault| fault.strike(name)));
    let rv = before.unwrap_or_else(|| {
        lie::with_lies(&SETTINGS.lies, name, arguments, &|| {
            let real = || call.map_or(CKR_FUNCTION_NOT_SUPPORTED, |call| call());
            if let Some(rules) = &SETTINGS.rules {
                return rules.instead(Call { function: name, arguments }, &real);
            }
            if let Some(unreadable) = &SETTINGS.unreadable {
                return unreadable.instead(name, arguments, real);
            }
            match (SETTINGS.portion, SETTINGS.rsa_aes) {
                (Some(most), _) => portion::instead(name, arguments, most, real),
                (None, true) => rsa_aes::instead(name, arguments, real),
                (None, false) => real(),
            }
        })
    });
    let rv = fault.filter(|fault| fault.after).and_then(|fault| fault.strike(name)).unwrap_or(rv);
    log(name, Some(rv), start.elapsed());
    rv
}

/// `C_Finalize` always works, and `C_Initialize` brings the token back.
fn lost(name: &str) -> Option<CK_RV> {
    let mut lost = LOST.lock().unwrap_or_else(PoisonError::into_inner);
    if name == "C_Initialize" {
        *lost = None;
    }
    lost.filter(|_| name != "C_Finalize")
}

/// One write per line, so that lines of several processes do not mix. `rv` is `None` if a signal interrupts the call.
fn log(name: &str, rv: Option<CK_RV>, took: Duration) {
    let Some(mut file) = SETTINGS.log.as_ref() else { return };
    let rv = rv.map_or_else(|| "killed".to_owned(), |rv| format!("{rv:#x}"));
    if let Err(error) = file.write_all(format!("{name} {rv} {}\n", took.as_micros()).as_bytes()) {
        refuse("KMSCTL_FAULT_LOG", error);
    }
}
