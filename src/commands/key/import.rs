//! `kmsctl key import`.

use anyhow::{Context as _, Result};

use super::{
    super::{
        component,
        context::{Context, Need, Opened},
        key_file,
    },
    create::{new_key, print_new},
};
use crate::{
    cli::{self, UsageError},
    encoding::{self, KeyFile},
    io::Input,
    keystore::{Imported, Origin},
    render,
};

pub(super) fn import(context: &Context, arguments: &cli::key::Import) -> Result<()> {
    // All of the input is judged before the token is touched.
    let file = if arguments.components.is_empty() {
        from_file(context, arguments)
    } else {
        joined(context, arguments)
    }?;
    if let Some(reason) = file.material.suspicion() {
        context.ui.warning(format!("the AES key may be a password: {reason}"));
    }
    let settings = narrowed(context, &file, &arguments.settings)?;
    let Some(label) = arguments.label.clone().filter(|_| !arguments.check) else {
        // Options that do not go with the key are refused as the import would.
        new_key("check".parse()?, file.material.algorithm(), &settings)?;
        return context.print(&render::key_file(&file));
    };
    let request = new_key(label, file.material.algorithm(), &settings)?;
    let opened = context.open(Need::Write)?;
    let progress = context.waiting(format_args!("importing key {:?}", request.label.as_str()));
    let imported = opened.keystore.import(&request, &file.material)?;
    drop(progress);
    report(context, &opened, imported)
}

/// What a JWK says about its use narrows what the key is made for.
fn narrowed(context: &Context, file: &KeyFile, settings: &cli::key::NewKey) -> Result<cli::key::NewKey> {
    let most = file.material.algorithm().usage();
    let usage = file.limits.import(most, settings.usage)?;
    if settings.usage.is_none() && usage != most {
        context.ui.status(format!("the JWK says that the key is for {usage} only"));
        return Ok(cli::key::NewKey { usage: Some(usage), ..settings.clone() });
    }
    Ok(settings.clone())
}

/// Reports a key that came in, by which way, and which ways did not work.
pub(super) fn report(context: &Context, opened: &Opened, imported: Imported) -> Result<()> {
    let names = render::key_names(&imported.created.key);
    match imported.way {
        Some(way) => {
            for (failed, reason) in &imported.failed {
                context.ui.detail(format!("not by {failed}: {reason}"));
            }
            context.ui.status(format!("imported key {names}"));
            context.ui.detail(format!("imported by {way}"));
        }
        None if imported.created.origin == Origin::Finished => {
            context.ui.status(format!("finished key {names}, whose import was cut short"));
        }
        None => context.ui.status(format!("key {names} exists already")),
    }
    print_new(context, opened, imported.created)
}

fn from_file(context: &Context, arguments: &cli::key::Import) -> Result<KeyFile> {
    let input = Input::from_path(arguments.input.as_deref());
    let doing = || format!("cannot import {input}");
    let file =
        key_file::read(context, &input, arguments.algorithm, &arguments.passphrase).with_context(doing)?;
    if let [first, rest @ ..] = arguments.check_values.as_slice() {
        if !rest.is_empty() {
            return Err(UsageError::new("a key file has one check value").into());
        }
        file.material.require_check_value(first).with_context(doing)?;
    }
    Ok(file)
}

fn joined(context: &Context, arguments: &cli::key::Import) -> Result<KeyFile> {
    let components = arguments.components.iter().map(|path| {
        let input = Input::from_path(Some(path));
        Ok((input.to_string(), component::read(context, &input)?))
    });
    let components: Vec<_> = components.collect::<Result<_>>()?;
    if arguments.check_values.is_empty() && components.iter().any(|(_, component)| component.set.is_none()) {
        context
            .ui
            .warning("without a check value, nothing tells whether plain components are right and complete");
        context.ui.hint("`--kcv` compares the joined key with what its custodians expect");
    }
    let material = encoding::join(&components, &arguments.check_values)?;
    Ok(KeyFile::of(material.require(arguments.algorithm)?))
}
