//! The sources of settings in their order, each without what a stronger one makes void.

use super::{ConfigError, Origin, Overridden, layer::Layer, pin_source};
use crate::{secret::PinSource, token::TokenChoice};

/// The layers, strongest first.
#[derive(Debug, Default)]
pub(super) struct Stack {
    pub(super) layers: Vec<Layer>,
    /// What was said about another place than the one that is used.
    set_aside: Vec<Overridden>,
}

/// A PIN source that some layer gives.
#[derive(Debug)]
pub(super) struct PinFound {
    pub(super) source: PinSource,
    pub(super) origin: Origin,
    pub(super) name: String,
    /// The token that it is for, where the layer is a profile that names one.
    pub(super) token: Option<TokenChoice>,
}

impl PinFound {
    pub(super) fn new(source: PinSource, origin: Origin, token: Option<TokenChoice>) -> Self {
        let name = pin_source::name(&source, &origin, "");
        Self { source, origin, name, token }
    }

    pub(super) fn overridden(&self) -> Overridden {
        Overridden { name: "pin", value: self.source.to_string(), origin: self.origin.clone() }
    }
}

impl Stack {
    /// A profile that the command line names is stronger than the environment; one that the environment or the file itself
    /// names is weaker.
    pub(super) fn new(
        options: Layer,
        environment: Layer,
        profile: Option<Layer>,
        profile_is_typed: bool,
    ) -> Result<Self, ConfigError> {
        let (typed, other) = if profile_is_typed { (profile, None) } else { (None, profile) };
        let layers: Vec<_> = [Some(options), typed, Some(environment), other].into_iter().flatten().collect();
        layers.iter().try_for_each(Layer::check)?;
        let mut stack = Self { layers, set_aside: Vec::new() };
        stack.settle();
        Ok(stack)
    }

    /// The strongest layer that says where the token is.
    pub(super) fn place(&self) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.is_place())
    }

    /// One place is used; what weaker layers say about theirs is void, or a profile would end on the store that a variable
    /// names.
    fn settle(&mut self) {
        let Some(strongest) = self.layers.iter().position(Layer::is_place) else { return };
        let place = self.layers[strongest].clone();
        let set_aside = &mut self.set_aside;
        let own = &mut self.layers[strongest];
        if place.module().is_some() {
            let origin = own.origin.clone();
            set_aside.extend(own.store.take().map(|store| Overridden {
                name: "store",
                value: store.display().to_string(),
                origin,
            }));
        }
        for layer in &mut self.layers[strongest + 1..] {
            let is_other = layer.is_place() && !layer.is_same_place(&place);
            set_aside.extend(layer.forget_place());
            // A profile is a whole: its PIN is for its own token.
            if is_other && matches!(layer.origin, Origin::Profile(_)) {
                set_aside.extend(layer.forget_pins());
                layer.mode = None;
            }
        }
    }

    /// What was set aside of these settings.
    pub(super) fn take_set_aside(&mut self, names: &[&str]) -> Vec<Overridden> {
        self.set_aside.extract_if(.., |one| names.contains(&one.name)).collect()
    }

    pub(super) fn pins(&self) -> Vec<PinFound> {
        let of_layer = |layer: &Layer| {
            let own =
                |pin: &PinSource| PinFound::new(pin.clone(), layer.origin.clone(), layer.pin_token.clone());
            let in_uri = layer.pin_in_uri.clone();
            let in_uri = in_uri.map(|pin| PinFound::new(pin, Origin::Uri, layer.token.clone()));
            layer.pins.iter().map(own).chain(in_uri).collect::<Vec<_>>()
        };
        self.layers.iter().flat_map(of_layer).collect()
    }
}

impl Layer {
    /// Takes away all that it says about where the token is.
    fn forget_place(&mut self) -> Vec<Overridden> {
        let origin = self.origin.clone();
        let one = |name, value| Overridden { name, value, origin: origin.clone() };
        let path = |path: std::path::PathBuf| path.display().to_string();
        // Its token's URI goes, and the PIN source in it.
        self.pin_in_uri = None;
        self.shared_group = None;
        let module = self.module().map(path);
        self.module = None;
        [
            module.map(|module| one("module", module)),
            self.store.take().map(|store| one("store", path(store))),
            self.module_args.take().map(|args| one("module-args", args)),
            self.token.take().map(|token| one("token", token.to_string())),
            self.records.take().map(|records| one("records", path(records))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn forget_pins(&mut self) -> Vec<Overridden> {
        let origin = self.origin.clone();
        let one = |pin: PinSource| Overridden { name: "pin", value: pin.to_string(), origin: origin.clone() };
        self.pins.drain(..).map(one).collect()
    }
}
