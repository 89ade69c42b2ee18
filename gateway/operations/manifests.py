"""Files of operations: the manifests in which tools list the operations of an application."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.operations.document_ids import digest_of, document_id, is_digest

MAX_FILE: Final = 64 * 1024 * 1024  # octets
MAX_PROBLEMS: Final = 20
APOLLO: Final = "apollo-persisted-query-manifest"
FORMATS: Final = (
    f'A manifest is a JSON object that maps ids to texts, or one with "format": "{APOLLO}", "version": 1 and '
    '"operations".'
)


class OperationsInvalid(Exception):
    """A file of operations cannot be read, or has invalid entries; the message names the file and each of them."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        self.problems = problems
        shown = problems[:MAX_PROBLEMS]
        if len(problems) > MAX_PROBLEMS:
            shown.append(f"{len(problems) - MAX_PROBLEMS} more problems.")
        super().__init__("\n".join(f"{file}: {problem}" for problem in shown))


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of a manifest: its id in the stored form and its text, and the operation that Apollo names."""

    id: str
    text: str
    name: str | None = None
    type: str | None = None


def read_manifest(file: Path) -> list[ListedDocument]:
    """The documents of a file, which has the format of Apollo, or that of GraphQL Code Generator and Relay.

    Raises OperationsInvalid.
    """
    text = read_text(file)
    try:
        return _documents(text)
    except _Invalid as error:
        raise OperationsInvalid(file, error.problems) from None


def read_text(file: Path) -> str:
    """The text of a regular file, which has at most 64 MiB: a device has no end. Raises OperationsInvalid."""
    try:
        if file.exists() and not file.is_file():
            raise OperationsInvalid(file, ["It is not a file."])
        if file.stat().st_size > MAX_FILE:
            raise OperationsInvalid(file, [f"It has more than {MAX_FILE // 1024 // 1024} MiB."])
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise OperationsInvalid(file, [f"It cannot be read ({error.strerror}). Name an existing file."]) from error
    except UnicodeDecodeError:
        raise OperationsInvalid(file, ["It is not encoded in UTF-8."]) from None


def _documents(text: str) -> list[ListedDocument]:
    try:
        content = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise _Invalid([f"It is not valid JSON ({error}). {FORMATS}"]) from None
    if not isinstance(content, _Pairs):
        raise _Invalid([FORMATS])
    is_apollo = content.get("format") is not None or content.get("operations") is not None
    entries = _apollo_entries(content) if is_apollo else [_mapped_entry(*each) for each in content]
    if not entries:
        raise _Invalid(["It lists no operation."])
    problems = [problem for entry in entries for problem in entry.problems()]
    problems += _repeated([stored for entry in entries if (stored := document_id(entry.id))])
    if problems:
        raise _Invalid(problems)
    return [entry.document() for entry in entries]


class _Invalid(Exception):
    """The problems of a manifest, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its members in order, repeated ones included."""

    def get(self, name: str) -> Any:
        """The value of the last member of this name, or None."""
        return dict(self).get(name)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry as it is written; `place` says where it stands."""

    place: str
    id: Any
    text: Any
    name: Any = None
    type: Any = None

    def problems(self) -> Iterator[str]:
        """What is wrong with the entry by itself."""
        stored = document_id(self.id)
        if stored is None:
            yield f"{self.place}: The id must be a text of 1 to 256 visible ASCII characters."
        if not isinstance(self.text, str) or not self.text.strip():
            yield f"{self.place}: The text of the operation is missing."
        elif _is_unencodable(self.text):
            yield f"{self.place}: The text of the operation is not valid Unicode."
        elif stored is not None and is_digest(stored) and digest_of(self.text) != stored:
            yield f"{self.place}: The id is not the SHA-256 of the text. Generate it again."
        for field, value in (("name", self.name), ("type", self.type)):
            if not isinstance(value, str | None):
                yield f"{self.place}: `{field}` must be a text."

    def document(self) -> ListedDocument:
        """The document of an entry without problems."""
        return ListedDocument(document_id(self.id) or "", self.text, self.name, self.type)


def _apollo_entries(content: _Pairs) -> list[_Entry]:
    version, operations = content.get("version"), content.get("operations")
    if content.get("format") != APOLLO or version != 1 or isinstance(operations, _Pairs):
        raise _Invalid([FORMATS])
    if not isinstance(operations, list):
        raise _Invalid(["`operations` must be a list."])
    if wrong := [number for number, each in enumerate(operations, 1) if not isinstance(each, _Pairs)]:
        raise _Invalid([f"Operation {number} must be an object." for number in wrong])
    return [_apollo_entry(number, each) for number, each in enumerate(operations, 1)]


def _apollo_entry(number: int, given: _Pairs) -> _Entry:
    name = given.get("name")
    place = f"Operation {number} ({_shown(name)})" if isinstance(name, str) else f"Operation {number}"
    return _Entry(place, given.get("id"), given.get("body"), name, given.get("type"))


def _mapped_entry(written_id: str, text: Any) -> _Entry:
    return _Entry(f"Entry {_shown(written_id)}", written_id, text)


def _repeated(ids: list[str]) -> list[str]:
    return [f"The id {_shown(each)} is listed more than once." for each, count in Counter(ids).items() if count > 1]


def _shown(text: str) -> str:
    return repr(text[:80])


def _is_unencodable(text: str) -> bool:
    """Whether a text has a lone surrogate, which JSON can write and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
