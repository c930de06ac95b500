//! The context of every command: settings, terminal, clock, and access to the token.

mod opened;
mod pin;
mod records;

use std::{cell::Cell, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;

pub use opened::Opened;
pub(super) use opened::selection;

use super::print::print;
use crate::{
    config::{Environment, Settings, Target},
    io::{Meter, Output, StdinGuard, has_spoken},
    keystore::{Clock, Keystore, Suspects},
    model::{ProtectionType, Timestamp},
    operation::Reconnect,
    render::Document,
    secret::{Pin, Prompt},
    setting,
    token::{
        Access, Login, LoginPin, Module, Session, TokenInfo, UserType, connect,
        embedded::Store,
        lock::{self, LockKind, Places, TokenLock},
    },
    ui::{Measure, Progress, Ui},
};

/// The state of one run.
#[derive(Debug)]
pub struct Context {
    pub settings: Settings,
    pub ui: Ui,
    pub stdin: StdinGuard,
    environment: Environment,
    /// A PIN came from a source that can be read only once, such as a prompt or a pipe.
    pin_is_spent: Cell<bool>,
    /// The token has been opened successfully.
    was_open: Cell<bool>,
    /// The token matches the one that the profile's PIN is reserved for.
    takes_reserved_pin: Cell<bool>,
    suspects: Suspects,
}

/// The access to the token that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Public objects only; no PIN.
    Public,
    /// Public objects, and private ones if the PIN is available without a prompt: without them, nothing proves whose public
    /// key it is.
    PublicKey,
    /// Private objects too; requires a login.
    Read,
    /// Like `Read`, with write access.
    Write,
}

impl Context {
    pub fn new(settings: Settings, ui: Ui, environment: Environment) -> Self {
        settings.keep_files();
        let screen = ui.clone();
        let announce = move |role: &str| {
            screen.status(format!("reading {role} from the terminal; Ctrl-D at the start of a line ends it"));
        };
        Self {
            settings,
            ui,
            stdin: StdinGuard::announcing(announce),
            environment,
            pin_is_spent: Cell::new(false),
            was_open: Cell::new(false),
            takes_reserved_pin: Cell::new(false),
            suspects: Suspects::default(),
        }
    }

    /// Opens the token once more if this run may have brought objects of a destroyed key back. Best effort: not if the PIN
    /// would have to be typed again.
    pub fn remove_brought_back(&self) {
        if !self.suspects.is_empty() && !self.pin_is_spent.get() {
            let _ = self.open(Need::Write);
        }
    }

    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub fn now(&self) -> Timestamp {
        self.environment.now()
    }

    /// The clock, for commands that need the time repeatedly.
    pub fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let environment = self.environment.clone();
        move || environment.now()
    }

    /// Prints a result as text, or as JSON with `--json`.
    pub fn print(&self, document: &Document) -> Result<()> {
        let colour = |is_terminal| self.settings.use_color(is_terminal);
        print(document, self.settings.json, &self.ui, colour, self.environment.columns())
    }

    /// Prints a verdict. `--quiet` omits the text, because the exit code says the same.
    pub fn print_verdict(&self, document: &Document) -> Result<()> {
        if self.settings.quiet && !self.settings.json { Ok(()) } else { self.print(document) }
    }

    /// Prints the result of a command with `--out`. `--json` does not change the content of the file, which other commands
    /// read; the JSON goes to standard output.
    pub fn print_to(&self, output: &Output, document: &Document) -> Result<()> {
        let is_split = self.settings.json && output.has_file();
        output.write(&document.to_bytes(self.settings.json && !is_split))?;
        if is_split { self.print(document) } else { Ok(()) }
    }

    /// Shows a spinner during one long call into the token.
    pub fn waiting(&self, doing: impl std::fmt::Display) -> Progress {
        self.ui.progress(doing, Measure::Time)
    }

    pub fn protection(&self) -> ProtectionType {
        match self.settings.target {
            Target::Embedded { .. } => ProtectionType::Basic,
            Target::Module { .. } => ProtectionType::CommonHsm,
        }
    }

    /// Prepares to restart the command after the token was lost. Returns false if a restart would repeat output, ask for a
    /// PIN again, or need input that cannot be rewound.
    pub fn start_again(&self) -> bool {
        self.was_open.get() && !has_spoken() && !self.pin_is_spent.get() && self.stdin.rewind()
    }

    /// How to reconnect to a lost token, from any thread. `None` if the PIN cannot be read again.
    pub fn reconnect(&self) -> Result<Option<Reconnect>> {
        if self.pin_is_spent.get() {
            return Ok(None);
        }
        let name = self.wanted(UserType::User).name.to_owned();
        let (module, choice) = (self.module()?, self.settings.token.clone());
        let use_final_try = self.settings.use_final_try;
        let pin = self.pin_again(Prompt::refused());
        let again = Arc::new(self.pin_again(Prompt::refused()));
        let start = move |pin: &Pin| {
            let login = || LoginPin { pin: Some(pin.clone()), from_person: false, source: name.clone() };
            let mut given = |_: &TokenInfo| Ok(Some(login()));
            let login = Login { user: UserType::User, use_final_try, pin: &mut given };
            let session = connect(&module, &choice, Access { read_write: false, login: Some(login) })?;
            let again = Arc::clone(&again);
            session.set_pin_source(move || again().map(Some));
            Ok(session)
        };
        Ok(Some(Reconnect { pin: Box::new(pin), start: Box::new(start) }))
    }

    /// Returns a function that reads the user PIN again, in the form the token expects.
    fn pin_again(&self, prompt: Prompt) -> impl Fn() -> Result<Pin> + Send + Sync + use<> {
        let wanted = self.wanted(UserType::User);
        let (source, role) = (wanted.source, wanted.role);
        let (source, target, sharing) = (source.clone(), self.settings.target.clone(), self.settings.sharing);
        move || {
            let pin = source.read(role, &prompt)?;
            match &target {
                Target::Embedded { dir } => Ok(Store::open(dir, sharing)?.stretch(UserType::User, &pin)?),
                Target::Module { .. } => Ok(pin),
            }
        }
    }

    /// Gives the session a PIN source for keys that require the PIN at each use. A PIN that was typed is kept in memory if
    /// the token has such a key, so that the user is not asked again.
    fn set_pin_source_for_keys(&self, session: &Session, login: &LoginPin) {
        let Some(pin) = &login.pin else { return session.set_pin_source(|| Ok(None)) };
        let prompt = self.settings.prompt(format!("token {:?}", session.token().label));
        let again = self.pin_again(prompt);
        session.set_pin_source(move || again().map(Some));
        if self.pin_is_spent.get() {
            // Fails if there are no random bytes to mask the PIN with; the user is then asked again.
            let _ = session.hold_pin(pin);
        }
    }

    /// Opens the token with the access that is needed.
    pub fn open(&self, need: Need) -> Result<Opened> {
        let need = match need {
            Need::PublicKey if self.wanted(UserType::User).source.is_person() => Need::Public,
            Need::PublicKey => Need::Read,
            need => need,
        };
        let mut pin = None;
        let opened = self.open_as(UserType::User, need, &mut pin)?;
        drop(pin);
        opened.keystore.session().release_pin();
        Ok(opened)
    }

    /// Opens the token as the user or the SO. Stores the login PIN, in the form the token expects, in `kept` for commands
    /// that need it again; `None` if there was no login or the PIN is entered on a key pad.
    pub fn open_as(&self, user: UserType, need: Need, kept: &mut Option<Pin>) -> Result<Opened> {
        self.settings.allow(need == Need::Write)?;
        match &self.settings.target {
            Target::Embedded { dir } => {
                self.open_embedded(&Store::open(dir, self.settings.sharing)?, user, need, kept)
            }
            Target::Module { .. } => self.open_module(user, need, kept),
        }
    }

    /// Reads the PIN before taking the lock, so that a prompt does not block other processes.
    fn open_embedded(
        &self,
        store: &Store,
        user: UserType,
        need: Need,
        kept: &mut Option<Pin>,
    ) -> Result<Opened> {
        let mut pin = match need {
            Need::Public | Need::PublicKey => None,
            Need::Read | Need::Write => Some(self.embedded_pin(store, user)?),
        };
        *kept = pin.as_ref().and_then(|login| login.pin.clone());
        if need == Need::Write
            && let Some(obstacle) = store.write_obstacle()
        {
            return Err(obstacle.into());
        }
        let kind = if need == Need::Write { LockKind::Exclusive } else { LockKind::Shared };
        let lock = TokenLock::acquire(&store.lock_file(), kind, self.settings.lock_timeout)?;
        let module = store.module();
        let mut given = |_: &TokenInfo| Ok(pin.take());
        self.start(&module, user, need, &mut given, Some(lock))
    }

    fn open_module(&self, user: UserType, need: Need, kept: &mut Option<Pin>) -> Result<Opened> {
        let module = self.module()?;
        let mut ask = |token: &TokenInfo| {
            let login = self.module_pin(token, user)?;
            *kept = login.as_ref().and_then(|login| login.pin.clone());
            Ok(login)
        };
        // The lock is taken after the login, because a prompt may come first. Nothing is read or written before the lock.
        let quiet = self.without_writers(user);
        let opened = self.start(&module, user, need, &mut ask, None)?;
        drop(quiet);
        match need {
            Need::Write => Ok(Opened { lock: Some(self.module_lock()?), ..opened }),
            Need::Public | Need::PublicKey | Need::Read => Ok(opened),
        }
    }

    /// Logs the user in when public objects turned out not to be enough. Reuses the open session if it can, because starting
    /// the module again would repeat all calls of the first start.
    pub fn log_in(&self, mut opened: Opened) -> Result<Opened> {
        let user = UserType::User;
        let pin = match &self.settings.target {
            Target::Embedded { dir } => {
                let store = Store::open(dir, self.settings.sharing)?;
                // A prompt must not block other processes.
                opened.lock = None;
                let pin = self.embedded_pin(&store, user)?;
                let (kind, timeout) = (LockKind::Shared, self.settings.lock_timeout);
                opened.lock = Some(TokenLock::acquire(&store.lock_file(), kind, timeout)?);
                Some(pin)
            }
            Target::Module { .. } => {
                opened.keystore.session().check_pin_state(user)?;
                self.module_pin(opened.keystore.token(), user)?
            }
        };
        let Some(pin) = pin else { return Ok(opened) };
        let session = opened.keystore.session();
        if session.log_in_late(user, &pin, self.settings.use_final_try)? {
            self.set_pin_source_for_keys(session, &pin);
            drop(pin);
            session.release_pin();
            return Ok(opened);
        }
        let lock = opened.lock.take();
        drop(opened);
        let mut pin = Some(pin);
        let opened = self.start(&self.module()?, user, Need::Read, &mut |_| Ok(pin.take()), lock)?;
        opened.keystore.session().release_pin();
        Ok(opened)
    }

    /// The token over a new connection, if the module may have missed what other machines wrote and the PIN can be read
    /// again. Keys that were read before have to be reloaded then: `true`.
    pub fn look_afresh(&self, opened: Opened) -> Result<(Opened, bool)> {
        if !opened.keystore.session().may_miss_changes() || self.pin_is_spent.get() {
            return Ok((opened, false));
        }
        drop(opened);
        Ok((self.open(Need::Write)?, true))
    }

    fn start(
        &self,
        module: &Module,
        user: UserType,
        need: Need,
        pin: &mut dyn FnMut(&TokenInfo) -> Result<Option<LoginPin>>,
        lock: Option<TokenLock>,
    ) -> Result<Opened> {
        let mut taken: Option<LoginPin> = None;
        let mut remembered = |token: &TokenInfo| {
            let login = pin(token)?;
            taken.clone_from(&login);
            Ok(login)
        };
        let login = Login { user, use_final_try: self.settings.use_final_try, pin: &mut remembered };
        let login = (need != Need::Public).then_some(login);
        let access = Access { read_write: need == Need::Write, login };
        let session = connect(module, &self.settings.token, access)?;
        if let Some(login) = taken.filter(|_| user == UserType::User) {
            self.set_pin_source_for_keys(&session, &login);
        }
        self.was_open.set(true);
        self.ui.detail(format!(
            "token {:?}, serial {}, {module}",
            session.token().label,
            session.token().serial
        ));
        let records = self.records_directory(session.token());
        let clock = Clock {
            now: self.now(),
            is_synchronised: self.environment.is_synchronised(),
            of_token: session.token().clock,
            newest: None,
        };
        let keystore = Keystore::new(session, records, clock).suspecting(self.suspects.clone());
        if need == Need::Write {
            keystore.remove_brought_back()?;
        }
        Ok(Opened { keystore, protection: self.protection(), lock })
    }

    /// Keeps writers out during a login, which makes concurrent key creation fail in SoftHSM. Best effort: no prompts,
    /// and a short wait only, because most modules are not affected.
    fn without_writers(&self, user: UserType) -> Option<TokenLock> {
        const MAX_WAIT: Duration = Duration::from_secs(2);
        let path = (!self.wanted(user).source.is_person()).then(|| self.module_lock_file())?.ok()?;
        TokenLock::acquire(&path, LockKind::Shared, MAX_WAIT.min(self.settings.lock_timeout)).ok()
    }

    /// Serialises the writers on a module: with ten at once, openCryptoki lost keys that it had reported as created.
    pub fn module_lock(&self) -> Result<TokenLock> {
        let path = self.module_lock_file()?;
        Ok(TokenLock::acquire(&path, LockKind::Exclusive, self.settings.lock_timeout)?)
    }

    fn module_lock_file(&self) -> Result<PathBuf> {
        let identity = match &self.settings.target {
            Target::Module { path, .. } => path.canonicalize().unwrap_or_else(|_| path.clone()),
            Target::Embedded { dir } => dir.clone(),
        };
        let places = Places {
            runtime: self.environment.directory(&setting::XDG_RUNTIME_DIR),
            state: self.environment.state_directory(),
            temporary: std::env::temp_dir(),
        };
        Ok(lock::path_for_token(&places, identity.as_os_str().as_encoded_bytes())?)
    }

    /// The module in the settings.
    pub fn module(&self) -> Result<Module> {
        match &self.settings.target {
            Target::Module { path, args } => {
                let (arguments, known) = (args.clone(), self.settings.known.clone());
                Ok(Module::File { path: path.clone(), arguments, known })
            }
            Target::Embedded { dir } => Ok(Store::open(dir, self.settings.sharing)?.module()),
        }
    }
}

/// Shows how much of an input has been read, unless the input is typed or `output` is written to a terminal meanwhile.
pub(super) fn reading(ui: &Ui, doing: &str, meter: &Meter, output: Option<&Output>) -> Progress {
    if meter.typed || output.is_some_and(Output::is_terminal) {
        return Progress::unseen();
    }
    ui.progress(doing, Measure::Bytes { done: Arc::clone(&meter.read), total: meter.size })
}
