//! Finds bytes in this process's memory.

use std::{fs, ops::Range};

use cryptoki_sys::CK_ULONG;

/// Bytes that are scanned at a time.
const PIECE: usize = 1 << 20;

/// How often the bytes occur in memory. They are given with every bit inverted, so that the argument is not found.
pub(crate) fn count(inverted: &[u8]) -> CK_ULONG {
    let mut buffer = vec![0; PIECE + inverted.len()];
    let own = buffer.as_ptr() as usize..buffer.as_ptr() as usize + buffer.len();
    let mut found = 0;
    for region in readable_regions() {
        let mut start = region.start;
        while start < region.end {
            // The pieces overlap, so that a match across a border is found.
            let end = region.end.min(start + buffer.len());
            let read = read(start..end, &mut buffer);
            let is_it =
                |window: &[u8]| window.iter().zip(inverted).all(|(byte, inverted)| *byte == !*inverted);
            let windows = buffer[..read].windows(inverted.len()).enumerate().take(PIECE);
            let hits = windows.filter(|(at, window)| is_it(window) && !own.contains(&(start + at)));
            found += hits.count() as CK_ULONG;
            start += PIECE;
        }
    }
    found
}

fn readable_regions() -> Vec<Range<usize>> {
    let maps = fs::read_to_string("/proc/self/maps").expect("Linux");
    let region = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        rest.starts_with('r').then_some(address(start)?..address(end)?)
    };
    maps.lines().filter_map(region).collect()
}

/// Copies with a system call, which returns an error if the memory cannot be read.
fn read(from: Range<usize>, to: &mut [u8]) -> usize {
    let local = libc::iovec { iov_base: to.as_mut_ptr().cast(), iov_len: from.len() };
    let remote =
        libc::iovec { iov_base: std::ptr::with_exposed_provenance_mut(from.start), iov_len: from.len() };
    // SAFETY: `to` is at least as long as `from`, which is checked by the system.
    let read =
        unsafe { libc::process_vm_readv(libc::getpid(), &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).unwrap_or(0)
}
