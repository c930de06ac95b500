//! `kmsctl random`.

use anyhow::Result;
use serde_json::json;

use super::{
    context::{Context, Need},
    sign,
};
use crate::{cli, encoding::Encoding, io::Output, render::Document};

pub(super) fn random(context: &Context, arguments: &cli::random::Random) -> Result<()> {
    // A token's generator needs no login.
    let opened = context.open(Need::Public)?;
    let bytes = opened.keystore.session().token_random(arguments.bytes as usize)?;
    let encoding = sign::encoding(arguments.encoding);
    let output = Output::to(arguments.out.as_deref()).private();
    if context.settings.json {
        let random = sign::text_in_json(encoding, &bytes);
        let document = json!({"bytes": arguments.bytes, "random": random});
        return context.print_to(&output, &Document::new(document, ""));
    }
    let text = encoding.encode(&bytes);
    let binary = encoding == Encoding::Binary;
    let line_end: &[u8] = if binary { b"" } else { b"\n" };
    output.binary(binary).write(&[&text, line_end].concat())?;
    Ok(())
}
