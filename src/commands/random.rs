//! `kmsctl random`.

use std::io::Write;

use anyhow::Result;

use super::{
    context::{Context, Need},
    sign,
};
use crate::{cli, encoding::Encoding, io::Output};

/// Bytes that are in memory at once. Base64 takes three at a time, so the texts of whole pieces join into one.
const PIECE: u32 = 3 * 16 * 1024;

pub(super) fn random(context: &Context, arguments: &cli::random::Random) -> Result<()> {
    // A token's generator needs no login.
    let opened = context.open(Need::Public)?;
    let asked = sign::encoding(arguments.encoding);
    let (encoding, before, after) = match (context.settings.json, asked) {
        // By hand, for it may be larger than memory; no character of the text needs an escape.
        (true, _) => {
            (sign::encoding_in_json(asked), format!("{{\"bytes\":{},\"random\":\"", arguments.bytes), "\"}\n")
        }
        (false, Encoding::Binary) => (asked, String::new(), ""),
        (false, _) => (asked, String::new(), "\n"),
    };
    let output = Output::to(arguments.out.as_deref()).private().binary(encoding == Encoding::Binary);
    let mut writer = output.open()?;
    writer.write_all(before.as_bytes())?;
    for start in (0..arguments.bytes).step_by(PIECE as usize) {
        let length = PIECE.min(arguments.bytes - start);
        writer.write_all(&encoding.encode(&opened.keystore.session().token_random(length as usize)?))?;
    }
    writer.write_all(after.as_bytes())?;
    Ok(writer.commit()?)
}
