//! A seeded generator, so that a failure can be reproduced.

#![allow(clippy::print_stdout, reason = "the seed of a failed test is shown with its output")]

pub(crate) struct Rng(u64);

/// A number that a variable of `./dev soak` gives.
pub(crate) fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

pub(crate) fn random_seed() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
    u64::from(std::process::id()) ^ u64::try_from(now & u128::from(u64::MAX)).expect("masked")
}

impl Rng {
    /// With a random seed, which it prints.
    pub(crate) fn new() -> Self {
        let seed = random_seed();
        println!("seed {seed}");
        Self::seeded(seed)
    }

    pub(crate) fn seeded(seed: u64) -> Self {
        // Neighbouring seeds must not give similar numbers; a state of 0 would stay 0.
        let mut rng = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        rng.below(2);
        rng
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // xorshift64 (Marsaglia 2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("smaller than a length")
    }

    pub(crate) fn pick<'item, T>(&mut self, items: &'item [T]) -> &'item T {
        &items[self.index(items.len())]
    }
}
