//! The sources of settings in order of precedence, without the settings that a stronger source overrides as a whole.

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
    /// Settings about a place other than the one in use.
    overridden: Vec<Overridden>,
}

/// A PIN source of a layer.
#[derive(Debug)]
pub(super) struct PinFound {
    pub(super) source: PinSource,
    pub(super) origin: Origin,
    pub(super) name: String,
    /// The token that it is for, if the layer is a profile that names one.
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
    /// A profile named on the command line is stronger than the environment; one named by the environment or by the file
    /// itself is weaker.
    pub(super) fn new(
        options: Layer,
        environment: Layer,
        profile: Option<Layer>,
        profile_is_typed: bool,
    ) -> Result<Self, ConfigError> {
        let (typed, other) = if profile_is_typed { (profile, None) } else { (None, profile) };
        let layers: Vec<_> = [Some(options), typed, Some(environment), other].into_iter().flatten().collect();
        layers.iter().try_for_each(Layer::check)?;
        let mut stack = Self { layers, overridden: Vec::new() };
        stack.remove_weaker_places(profile_is_typed);
        Ok(stack)
    }

    /// The strongest layer that names a place.
    pub(super) fn place(&self) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.is_place())
    }

    /// Removes what weaker layers say about the place. Otherwise the token of a profile would be looked up in the store of a
    /// variable, for example.
    fn remove_weaker_places(&mut self, profile_is_typed: bool) {
        let Some(strongest) = self.layers.iter().position(Layer::is_place) else { return };
        let place = self.layers[strongest].clone();
        if let (Some(_), Some(store)) = (place.module(), place.values.text(&setting::STORE)) {
            self.layers[strongest].values.take(&setting::STORE);
            self.overridden.push(place.overridden(setting::STORE.name, store));
        }
        for layer in &mut self.layers[strongest + 1..] {
            if matches!(layer.origin, Origin::Profile(_)) && !layer.is_same_place(&place) {
                // The PIN of a profile is only for its own token, and its mode, too.
                if layer.is_place() || layer.token.is_some() {
                    let mode = layer.values.take(&setting::MODE);
                    let mode = mode.map(|mode| mode.to_string_lossy().into_owned());
                    self.overridden.extend(mode.map(|mode| layer.overridden(setting::MODE.name, mode)));
                }
                // A profile that names no token is for each that the environment names, but not for one that is typed.
                let is_unasked = place.origin == Origin::Option && !profile_is_typed && layer.token.is_none();
                if layer.is_place() || is_unasked {
                    self.overridden.extend(layer.forget_pins());
                }
            }
            self.overridden.extend(layer.forget_place());
        }
    }

    /// Takes the overridden values of these settings.
    pub(super) fn take_overridden(&mut self, names: &[&str]) -> Vec<Overridden> {
        self.overridden.extract_if(.., |one| names.contains(&one.name)).collect()
    }

    /// The PIN sources of a role, strongest first.
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
