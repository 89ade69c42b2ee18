"""The registry of carrier adapters by name."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from domains.kernel.ports import Encryption
from domains.shipping.carriers.carrier import CarrierAdapter


class CarrierAdapters:
    """The adapters of an installation, for whose carriers `encryption` encrypts the secrets.

    Those that are `closed` price nothing and sell no labels in this installation.
    """

    def __init__(
        self,
        adapters: Sequence[CarrierAdapter] = (),
        encryption: Encryption | None = None,
        closed: Collection[str] = (),
    ) -> None:
        if adapters and encryption is None:
            raise ValueError("Carriers have secrets, which must be encrypted.")
        self.by_name: Final[Mapping[str, CarrierAdapter]] = {adapter.name: adapter for adapter in adapters}
        self.closed: Final = frozenset(closed)
        self._encryption = encryption

    @property
    def encryption(self) -> Encryption:
        """The encryption of the carriers' secrets. Raises LookupError when no adapter is installed."""
        if self._encryption is None:
            raise LookupError("No carrier is installed whose secrets are encrypted.")
        return self._encryption

    @property
    def offered(self) -> list[CarrierAdapter]:
        """The adapters that carriers can have here, by name."""
        return [adapter for name, adapter in sorted(self.by_name.items()) if name not in self.closed]
