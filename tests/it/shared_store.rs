//! A store that several users of a group share: used, changed, backed up and restored by each of them.
//!
//! These tests start processes of two users, which needs root; without root they print that they are skipped.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    other_users::{is_root, shared_directory},
    support::{KMSCTL, TestEnv, output::Output, path_text, process},
};

/// Two users without names, and the number of a group that they share.
const USERS: [u32; 2] = [54_321, 54_322];
const GROUP: u32 = 54_320;
/// The stores that they share.
const SHARED: [&str; 3] = ["store", "restored-0", "restored-1"];

/// A user of the group with a directory of its own.
struct Member {
    env: TestEnv,
    user: u32,
}

impl Member {
    /// Its profiles are the shared stores in this directory.
    fn new(user: u32, shared: &Path) -> Self {
        let mut env = TestEnv::new();
        let profile = |name| {
            let store = shared.join(name);
            format!("[profile.{name}]\nstore = \"{}\"\nshared-group = \"{GROUP}\"\n", store.display())
        };
        let config = env.write("config.toml", SHARED.map(profile).concat());
        env.set("KMSCTL_CONFIG", path_text(&config));
        let pin = env.write("pin", "correct-horse-7");
        env.set("KMSCTL_PIN_FILE", path_text(&pin));
        for name in ["pass", "data"] {
            env.write(name, "correct horse battery staple");
        }
        let all = path_text(&env.path("")).to_owned();
        let own =
            format!("chown -R {user}:{user} {all} && chmod 700 {all} && chmod 600 pin pass data config.toml");
        env.shell(&own).success();
        Self { env, user }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.env.command(KMSCTL, args);
        command.uid(self.user).gid(GROUP);
        command
    }

    fn run(&self, store: &str, line: &str) -> Output {
        let args: Vec<_> = line.split(' ').chain(["--profile", store]).collect();
        process::run(self.command(&args), b"", self.env.root())
    }

    /// The file of another member, with this one as owner: as after a copy.
    fn takes(&self, file: &str, from: &Self) {
        let copy = self.env.write(file, from.env.read(file));
        chown(&copy, Some(self.user), Some(GROUP)).expect("only root can");
    }
}

#[test]
fn each_member_backs_up_and_restores_a_shared_store() {
    if !is_root() || Command::new(KMSCTL).arg("--version").uid(USERS[0]).output().is_err() {
        return;
    }
    let shared = shared_directory();
    let [one, two] = USERS.map(|user| Member::new(user, shared.path()));
    let place = |name: &str| -> PathBuf { shared.path().join(name) };
    let store = SHARED[0];
    one.run(store, "token init --label shared --so-pin-file pin").success();
    one.run(store, "key create --label app --algorithm aes-256 --auto-rotate on --rotation-period 30")
        .success();
    one.run(store, "encrypt --label app --in data --out sealed").success();
    two.run(store, "key create --label web --algorithm ec-p256").success();
    two.run(store, "key rotate --label app").success();
    two.takes("sealed", &one);
    let owners = |name: &str| {
        for entry in fs::read_dir(place(name)).expect("the store") {
            let entry = entry.expect("an entry");
            let found = entry.metadata().expect("there");
            assert_eq!((found.gid(), found.mode() & 0o777), (GROUP, 0o660), "{}", entry.path().display());
        }
        assert_eq!(fs::metadata(place(name)).expect("there").mode() & 0o7777, 0o2770, "{name}");
    };
    owners("store");
    // Either backs it up, also while the other changes it, and either restores what the other backed up.
    for (at, (by, other)) in [(&one, &two), (&two, &one)].into_iter().enumerate() {
        let create = format!("key create --label extra-{at} --algorithm aes-256");
        let changing = std::thread::scope(|scope| {
            let changing = scope.spawn(|| other.run(store, &create));
            by.run(store, "token backup --passphrase-file pass --out kms.age").success();
            changing.join().expect("no panic")
        });
        changing.success();
        assert_eq!(fs::metadata(by.env.file("kms.age")).expect("written").mode() & 0o777, 0o600);
        other.takes("kms.age", by);
        let restored = SHARED[at + 1];
        let restore = "token restore --passphrase-file pass --in kms.age";
        other.run(restored, restore).success();
        owners(restored);
        for member in [&one, &two] {
            member.run(restored, "decrypt --in sealed").success().showing("correct horse battery staple");
            member.run(restored, "sign --label web --in data --out signature").success();
            let verify = "verify --label web --in data --signature signature";
            member.run(restored, verify).success();
            member.run(restored, "key rotate --label app").success();
            member.run(restored, "doctor").success();
        }
        // Not over what is there, and not for the group unless it is shared.
        by.run(restored, restore).fails(8);
        let own = place(&format!("own-{at}"));
        let own = path_text(&own);
        let alone = [&restore.split(' ').collect::<Vec<_>>()[..], &["--store", own]].concat();
        process::run(other.command(&alone), b"", other.env.root()).success();
        assert_eq!(fs::metadata(own).expect("there").mode() & 0o777, 0o700);
        process::run(by.command(&["key", "list", "--store", own]), b"", by.env.root()).fails(2);
    }
    // What the group no longer shares is refused by all.
    fs::set_permissions(place(store), Permissions::from_mode(0o2777)).expect("set");
    one.run(store, "token backup --passphrase-file pass --out new.age")
        .fails(2)
        .saying("every user can write");
}
