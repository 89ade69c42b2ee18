"""Keyed digests that identify confidential texts without storing them."""

from domains.auth.sessions.keys import KeyRing


class Fingerprints:
    """Creates keyed digests of texts such as delivery addresses."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def digests(self, purpose: str, text: str) -> tuple[str, ...]:
        """The digests of a text for a purpose under all keys, the newest key's first.

        Store the first and look for all. A digest is no longer found once its key is removed.
        """
        return self._keys.digests(f"{purpose}:{text}")
