"""Finds the text of a request: as it was sent, or by its id."""

from collections.abc import Callable

from graphql import DocumentNode

from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.secrecy import secret_literal
from gateway.operations.allow_list import AllowList
from gateway.operations.document_ids import digest_of, is_digest
from gateway.operations.persisted_queries import PersistedQueries


class QueryTexts:
    """Texts by their SHA-256 (automatic persisted queries), or with `allowed` those of a list and no others.

    With `shared`, a text that was sent once with its SHA-256 is known to all processes.
    """

    def __init__(self, shared: PersistedQueries | None = None, allowed: AllowList | None = None) -> None:
        self._shared = shared if allowed is None else None
        self._allowed = allowed

    async def find(self, query: str | None, document_id: str | None, cached: Callable[[str], str | None]) -> str:
        """The text of a request with a text, an id, or both; `cached` finds texts of this process by their SHA-256.

        Raises RequestRefused when the id is unknown, after which clients send the text too, when id and text do not
        match, and when the operation is not allowed.
        """
        if self._allowed is not None:
            return self._allowed.text(query, document_id)
        if document_id is not None and not is_digest(document_id):
            raise RequestRefused("BAD_REQUEST", "A document id is the SHA-256 of the text, as 64 hexadecimal digits.")
        if query is None:
            return await self._persisted(document_id or "", cached)
        if document_id is not None and document_id != digest_of(query):
            raise RequestRefused("BAD_REQUEST", "The `sha256Hash` is not that of the `query`.")
        return query

    async def _persisted(self, digest: str, cached: Callable[[str], str | None]) -> str:
        text = cached(digest)
        if text is None and self._shared is not None:
            text = await self._shared.find(digest)
        if text is None:
            raise RequestRefused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", status=200)
        return text

    async def keep(self, document_id: str | None, text: str, document: DocumentNode, address: str | None) -> None:
        """Store the text of a valid document that was asked for by its SHA-256, unless it contains a secret."""
        if self._shared is None or document_id is None or self._shared.is_fresh(document_id):
            return
        if secret_literal(text, document, {}) is None:
            await self._shared.keep(document_id, text, address)
