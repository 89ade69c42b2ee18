"""The list of allowed operations: with it, the gateway executes no other ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from gateway.graphql.core.errors import RequestRefused
from gateway.operations.document_ids import digest_of
from gateway.operations.manifests import OperationsInvalid, read_manifest


class OperationNotListed(Exception):
    """A request asks for an operation that is not listed."""


class AllowList:
    """The documents that are executed, found by their id, by the SHA-256 of their text, or by the text itself."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._by_id = {digest_of(text): text for text in documents.values()} | dict(documents)
        self._texts = frozenset(documents.values())

    @classmethod
    def read(cls, files: Sequence[Path]) -> Self | None:
        """The list in these manifests, or None without one. Raises OperationsInvalid.

        Applications may share operations, but an id has one text.
        """
        documents: dict[str, str] = {}
        for file in files:
            for listed in read_manifest(file):
                if documents.setdefault(listed.id, listed.text) != listed.text:
                    raise OperationsInvalid(
                        file, [f"The id {listed.id[:80]!r} has another text here than in an earlier file."]
                    )
        return cls(documents) if files else None

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, query: str | None, document_id: str | None) -> str:
        """The listed text of a request by its id, its text, or both. Raises RequestRefused (403, and 400).

        The latter is for a text that is not that of the id.
        """
        listed = self._by_id.get(document_id) if document_id is not None else self._listed(query)
        if listed is None:
            message = "This operation is not allowed: the server executes only the operations of its list."
            raise RequestRefused("OPERATION_NOT_ALLOWED", message, status=403) from OperationNotListed()
        if query is not None and query != listed:
            raise RequestRefused("BAD_REQUEST", "The `query` is not the text of the document id.")
        return listed

    def _listed(self, query: str | None) -> str | None:
        return query if query in self._texts else None
