"""The registry of domain services: what bootstrap wires and every resolver reaches through its context."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Services:
    """One attribute per domain service, typed, in alphabetical order."""
