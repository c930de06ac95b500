//! A PKCS#11 module that stands between kmsctl and a real module, for tests.
//!
//! Every call of the standard's 68 functions (v2.40) is passed on, and by environment variables
//! - `KMSCTL_FAULT_MODULE`: the real module's file, or `kryoptic` for the token that is linked into kmsctl too;
//! - `KMSCTL_FAULT_LOG`: a file that gets one line per call: the function, what it returned, and the microseconds it took;
//! - `KMSCTL_FAULT_DELAY_US`: each call takes so much longer, as on a network HSM;
//! - `KMSCTL_FAULT`: one [`Fault`], such as `17 fail-before 0x30`, `C_SignInit:2 fail-after 0x5`, `C_CreateObject:1 kill-after`,
//!   `C_Initialize:1 ignores 17`, `C_Initialize:1 defaults 13`,
//!   `C_Sign:3+ fail-before 0x32` (the third and all that follow), `C_FindObjects:1 signal-before 15`, `C_Finalize:1 scan HEX`,
//!   `C_Sign:3 lose 0x32` (nothing works from then on, until the next `C_Initialize`);
//! - `KMSCTL_FAULT_PORTION`: `C_FindObjects` gives at most so many objects a call, however many were asked for;
//! - `KMSCTL_FAULT_ENTRY`: `interface` gives the functions by `C_GetInterface` alone, `none` not at all;
//! - `KMSCTL_FAULT_RSA_AES`: keys come in by `CKM_RSA_AES_KEY_WRAP`, which no module here has, and by no other unwrapping;
//! - `KMSCTL_FAULT_UNREADABLE`: `HEX 0x13` answers this to every question about an object with this label;
//! - `KMSCTL_FAULT_LIES`: [`Lie`]s, separated by blanks, such as `0x3=1b5b324a 0x120#0 C_FindObjects#99999 C_Sign=00`.

mod forward;
mod lie;
mod portion;
mod rsa_aes;
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
use unreadable::Unreadable;

pub use forward::{C_GetFunctionList, C_GetInterface};

static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::from_environment);

/// How often each function was called in this process.
static CALLS: Mutex<[u64; forward::COUNT]> = Mutex::new([0; forward::COUNT]);

/// What every call fails with, since the token was lost.
static LOST: Mutex<Option<CK_RV>> = Mutex::new(None);

struct Settings {
    log: Option<fs::File>,
    delay: Duration,
    fault: Option<Fault>,
    lies: Vec<Lie>,
    portion: Option<CK_ULONG>,
    rsa_aes: bool,
    unreadable: Option<Unreadable>,
}

/// What happens at one call.
struct Fault {
    /// Counts the calls of this function, else all calls; the first is 1, as is the first line of the log.
    function: Option<&'static str>,
    number: u64,
    /// Whether all later calls are struck, too.
    goes_on: bool,
    action: Action,
    /// Whether the real module does its work first.
    after: bool,
}

enum Action {
    Fail(CK_RV),
    /// A signal to this process: after `SIGKILL`, as the system sends it when memory is short, no destructor runs.
    Signal(i32),
    /// This process takes the signal so from then on: a module that thinks the process is its own.
    Dispose(i32, libc::sighandler_t),
    /// The token is gone: every call fails until the module is ended and started again.
    Lose(CK_RV),
    /// Counts in this process's memory the bytes that are given with every bit turned, and writes a line
    /// `scan 0xCOUNT 0` to the log.
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
            unreadable: setting("KMSCTL_FAULT_UNREADABLE"),
        }
    }
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| refuse(name, text)))
}

/// A test that asks for something else than it means must not pass.
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
            ["scan", turned] => (Action::Scan(lie::bytes(turned)?), false),
            _ => return Err(()),
        };
        let (function, number) = match place.split_once(':') {
            Some((function, number)) => {
                (Some(*forward::NAMES.iter().find(|name| **name == function).ok_or(())?), number)
            }
            None => (None, *place),
        };
        let (number, goes_on) = number.strip_suffix('+').map_or((number, false), |number| (number, true));
        Ok(Self { function, number: number.parse().map_err(|_| ())?, goes_on, action, after })
    }
}

impl Fault {
    /// The first call has number 1.
    fn strikes(&self, name: &str, of_all: u64, of_function: u64) -> bool {
        let number = self.function.map_or(of_all, |function| if function == name { of_function } else { 0 });
        self.number == number || self.goes_on && self.number < number
    }

    /// `None`: the call is made, or its answer given, as if nothing had been.
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
                // SAFETY: neither is a function.
                unsafe { libc::signal(*signal, *disposition) };
            }
            Action::Scan(turned) => log("scan", Some(scan::count(turned)), Duration::ZERO),
        }
        None
    }
}

/// One call. `arguments` are its arguments as machine words; `call` makes it, unless the real module lacks the function.
fn around(index: usize, arguments: &[usize], call: Option<&dyn Fn() -> CK_RV>) -> CK_RV {
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
        lie::told(&SETTINGS.lies, name, arguments, &|| {
            let real = || call.map_or(CKR_FUNCTION_NOT_SUPPORTED, |call| call());
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

/// Ending the module works at all times, and starting it brings the token back.
fn lost(name: &str) -> Option<CK_RV> {
    let mut lost = LOST.lock().unwrap_or_else(PoisonError::into_inner);
    if name == "C_Initialize" {
        *lost = None;
    }
    lost.filter(|_| name != "C_Finalize")
}

/// One write per line, so that lines of several processes do not mix. No return value: a signal came in it.
fn log(name: &str, rv: Option<CK_RV>, took: Duration) {
    let Some(mut file) = SETTINGS.log.as_ref() else { return };
    let rv = rv.map_or_else(|| "killed".to_owned(), |rv| format!("{rv:#x}"));
    if let Err(error) = file.write_all(format!("{name} {rv} {}\n", took.as_micros()).as_bytes()) {
        refuse("KMSCTL_FAULT_LOG", error);
    }
}
