//! The sources of settings in their order, each without what a stronger one makes void.

use super::{ConfigError, Origin, Overridden, layer::Layer, pin_source};
use crate::{
    secret::PinSource,
    setting::{self, Role},
    token::TokenChoice,
};

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
        let name = pin_source::name(None, &source, &origin);
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
        if let (Some(_), Some(store)) = (place.module(), place.values.text(&setting::STORE)) {
            self.layers[strongest].values.take(&setting::STORE);
            self.set_aside.push(place.overridden(setting::STORE.name, store));
        }
        for layer in &mut self.layers[strongest + 1..] {
            let is_other = layer.is_place() && !layer.is_same_place(&place);
            self.set_aside.extend(layer.forget_place());
            // A profile is a whole: its PIN is for its own token.
            if is_other && matches!(layer.origin, Origin::Profile(_)) {
                self.set_aside.extend(layer.forget_pins());
                layer.values.take(&setting::MODE);
            }
        }
    }

    /// What was set aside of these settings.
    pub(super) fn take_set_aside(&mut self, names: &[&str]) -> Vec<Overridden> {
        self.set_aside.extract_if(.., |one| names.contains(&one.name)).collect()
    }

    /// The sources of a role's PIN, strongest first.
    pub(super) fn pins(&self, role: Role) -> Vec<PinFound> {
        let of_layer = |layer: &Layer| {
            let own = layer.pins(role).map(|(setting, pin)| {
                let name = pin_source::name(Some(setting), &pin, &layer.origin);
                let origin = layer.origin.clone();
                PinFound { source: pin, origin, name, token: layer.pin_token.clone() }
            });
            let in_uri = layer.pin_in_uri.clone().filter(|_| role == Role::UserPin);
            let in_uri = in_uri.map(|pin| PinFound::new(pin, Origin::Uri, layer.token.clone()));
            own.chain(in_uri).collect::<Vec<_>>()
        };
        self.layers.iter().flat_map(of_layer).collect()
    }
}
