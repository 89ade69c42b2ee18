"""Keyed digests by which confidential texts are recognised without being stored."""

from domains.auth.sessions.keys import KeyRing


class Fingerprints:
    """Makes keyed digests of texts such as delivery addresses."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def of(self, kind: str, text: str) -> tuple[str, ...]:
        """The digests of a text of some kind under all keys, the newest key's first.

        Store the first and look for all. A digest is no longer found once its key is removed.
        """
        return self._keys.seals(f"{kind}:{text}")
