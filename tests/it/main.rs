//! One test binary: the real program against real tokens.
