"""Operations on the toy shop, and manifests of them in each format."""

import json
from collections.abc import Mapping
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

QUERY = "query Name { __typename }"
THINGS = "query Things($first: Int) { things(first: $first) { nodes { name } } }"
MUTATION = "mutation Send { thingSend { errors { code } } }"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def persisted(text: str) -> dict[str, Any]:
    """The extension of Apollo clients."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}}


def apollo(*operations: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": list(operations)} | given


def operation(text: str, **given: Any) -> dict[str, Any]:
    """An entry of Apollo's format."""
    kind, name, *_ = text.replace("(", " ").split()
    return {"id": digest(text), "name": name, "type": kind, "body": text} | given


def by_md5(*texts: str) -> dict[str, str]:
    """The format of Relay's compiler."""
    return {md5(text.encode(), usedforsecurity=False).hexdigest(): text for text in texts}


def by_sha1(*texts: str) -> dict[str, str]:
    """The format of GraphQL Code Generator with its default algorithm."""
    return {sha1(text.encode(), usedforsecurity=False).hexdigest(): text for text in texts}


def written(folder: Path, content: Any, name: str = "operations.json") -> Path:
    """A file with this content: bytes, a text, or JSON."""
    file = folder / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file
