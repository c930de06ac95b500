//! Every ordered pair of commands that change keys, on two machines without a common lock: one stops before one of its
//! calls, the other runs to its end, and the first goes on. The end must be that of the commands that report success, one
//! after the other; the others have changed nothing and say why.
//!
//! Without `./dev test full`, a sample of the pairs. `KMSCTL_TEST_RACE=Revoke/Delete` runs one pair alone, `*/Delete` all with it.

#![allow(clippy::print_stdout, reason = "the figures of a long run are its result")]

mod commands;
mod model;
mod world;

use crate::{
    support::{
        TestEnv,
        fault::sample,
        is_full,
        machine::{Stopped, on},
        rng::{Rng, given},
        token,
    },
    two_machines::Server,
};
use commands::Race;
use model::{Ended, State, judge};
use world::World;

/// One in so many pairs are run without `./dev test full`; which, differs from token to token. The number of commands is no
/// multiple of it.
const SPREAD: usize = 13;

/// The pair that is run alone.
const ONE_PAIR: &str = "KMSCTL_TEST_RACE";

/// Races on one token, and how many of them ended wrong.
struct Races<'env> {
    world: World<'env>,
    runs: usize,
    faults: usize,
}

impl<'env> Races<'env> {
    fn on(env: &'env TestEnv) -> Self {
        Self { world: World::new(env), runs: 0, faults: 0 }
    }

    /// Shows a fault at once: a long run may be stopped.
    fn run(&mut self, race: &Race, call: usize) {
        self.runs += 1;
        if let Err(fault) = run(&mut self.world, race, call) {
            self.faults += 1;
            println!("{fault}");
        }
    }

    #[track_caller]
    fn report(&self) {
        println!("{} races, {} mended by doctor, {} faults", self.runs, self.world.repairs, self.faults);
        assert_eq!(self.faults, 0);
    }
}

/// Runs one race, in which the outer command stops before this call.
fn run(world: &mut World<'_>, race: &Race, call: usize) -> Result<(), String> {
    let function = world.calls(race).0[call - 1].function.clone();
    world.restore(race);
    let (env, id) = (world.env, world.id(race).to_owned());
    let stopped = Stopped::before_call(env, "one", call, &race.args(race.outer, &id));
    let inner = on(env, "two").run(race.args(race.inner, &id));
    let outer = stopped.resume();
    let what = |fault: String| format!("{race:?} before call {call}, {function}: {fault}\n{outer}{inner}");
    let found = State::of(env).map_err(what)?;
    let ended =
        [&Ended { command: race.outer, output: &outer }, &Ended { command: race.inner, output: &inner }];
    judge(race, world.before(race), ended, &found).map_err(what)?;
    world.check(race, &found).map_err(what)
}

/// All pairs, each at one in so many of its calls, in `./dev test full`; else one in `SPREAD` of the pairs, each at one call.
fn every_pair(env: &TestEnv, spread: usize, first: usize) {
    let (mut races, mut at) = (Races::on(env), first);
    let is_one = std::env::var_os(ONE_PAIR).is_some();
    for (number, mut race) in Race::all().into_iter().filter(Race::is_wanted).enumerate() {
        // p11-kit 0.25 does not know the parameters of AES-GCM.
        race.is_secret &= !env.has("REMOTE");
        let is_taken = is_full() || is_one || (first + number).is_multiple_of(SPREAD);
        if !is_taken || !races.world.has(&race) {
            continue;
        }
        let (calls, login) = races.world.calls(&race);
        let sample = sample(&calls, login);
        if !is_full() && !is_one {
            // Another place of the run for each pair.
            races.run(&race, sample[(first + number) * 7 % sample.len()]);
            continue;
        }
        for call in sample {
            at += 1;
            if at.is_multiple_of(spread) {
                races.run(&race, call);
            }
        }
    }
    races.report();
}

#[test]
fn on_the_embedded_token() {
    every_pair(&token::embedded(), 1, 0);
}

#[test]
fn on_softhsm() {
    every_pair(&token::softhsm(), 1, 4);
}

/// Both machines mount one directory of record files.
#[test]
fn with_record_files() {
    every_pair(&token::softhsm_with_record_files(), 1, 8);
}

/// Each of the machines in turn reaches the token through `p11-kit server`.
#[test]
fn through_p11_kit() {
    for (remote, first) in [("one", 2), ("two", 7)] {
        let mut env = token::softhsm();
        let server = Server::start(&env);
        env.set("P11_KIT_SERVER_ADDRESS", &server.address).set("REMOTE", remote);
        every_pair(&env, 13, first);
    }
}

/// Random races at any call: `./dev soak` runs it, and `KMSCTL_SOAK_SEED` and `KMSCTL_SOAK_RACES` say which and how many.
#[test]
#[ignore = "takes minutes: `./dev soak` runs it"]
fn random_races() {
    let mut rng = given("KMSCTL_SOAK_SEED").map_or_else(Rng::new, Rng::seeded);
    let count = given("KMSCTL_SOAK_RACES").unwrap_or(1000);
    let mut remote = token::softhsm();
    let server = Server::start(&remote);
    remote.set("P11_KIT_SERVER_ADDRESS", &server.address).set("REMOTE", "two");
    let envs = [token::embedded(), token::softhsm(), token::softhsm_with_record_files(), remote];
    for env in &envs {
        let mut races = Races::on(env);
        let all: Vec<_> = Race::all().into_iter().filter(|race| races.world.has(race)).collect();
        for _ in 0..count.div_ceil(4) {
            let mut race = rng.pick(&all).varied(&mut rng);
            race.is_secret &= !env.has("REMOTE");
            let (calls, login) = races.world.calls(&race);
            races.run(&race, login + rng.index(calls.len() + 1 - login));
        }
        races.report();
    }
}
