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
    let bytes = opened.keystore.session().random(arguments.bytes as usize)?;
    let encoding = sign::encoding(arguments.encoding);
    let text = encoding.encode(&bytes);
    if context.settings.json {
        let text = String::from_utf8_lossy(&Encoding::Base64.encode(&bytes)).into_owned();
        return context.print(&Document::new(json!({"bytes": arguments.bytes, "random": text}), ""));
    }
    let binary = encoding == Encoding::Binary;
    let line_end: &[u8] = if binary { b"" } else { b"\n" };
    Output::to(arguments.out.as_deref()).binary(binary).private().write(&[&text, line_end].concat())?;
    Ok(())
}
