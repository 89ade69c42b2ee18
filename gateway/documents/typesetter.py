"""Sets documents as PDF with Typst, in threads of its own. The same documents are the same bytes each time."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, Literal

import orjson
import typst

from domains.kernel.errors import Busy, TooMany
from gateway.documents.letters import printable

TEMPLATE: Final = Path(__file__).parent / "templates" / "document.typ"
THREADS: Final = 2
MAX_WAITING: Final = 16
MAX_ROWS: Final = 5_000
LETTER_COUNTRIES: Final = frozenset({"US", "CA"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its label."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The lines of an address, with a title."""

    title: str | None
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `share` is its share of the width that others leave, 0 for what its texts need."""

    title: str
    align: Literal["left", "right"] = "left"
    share: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table, whose head is repeated on each page."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document, with pages of its own."""

    title: str
    sender: Sequence[str] = ()
    places: Sequence[Place] = ()
    facts: Sequence[Labelled] = ()
    tables: Sequence[Table] = ()
    sums: Sequence[Labelled] = ()
    notes: Sequence[str] = ()
    footer: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Documents in one file, all in one language."""

    title: str
    language: str
    page: str  # the word
    documents: Sequence[Document] = field(default_factory=list)
    paper: Literal["a4", "us-letter"] = "a4"


class Typesetter:
    """Sets files as PDF, two at a time; sixteen wait at most."""

    def __init__(self) -> None:
        self._places = BoundedSemaphore(THREADS + MAX_WAITING)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS, thread_name_prefix="documents")

    async def pdf(self, file: File, *, advice: str = "Choose fewer documents.") -> bytes:
        """The file as PDF; one that waits is not set when the caller is cancelled.

        Raises Busy while too many files wait, and TooMany with the `advice` for one with more than 5,000 rows.
        """
        rows = sum(len(table.rows) for document in file.documents for table in document.tables)
        if rows > MAX_ROWS:
            raise TooMany(f"A PDF has at most {MAX_ROWS:,} rows, and this one would have {rows:,}. {advice}")
        if not self._places.acquire(blocking=False):
            raise Busy("Too many documents are being made. Try again in a few seconds.")
        made = self._pool.submit(pdf_of, file)
        made.add_done_callback(self._leave)  # of the thread's work, which goes on after a timeout
        return await asyncio.wrap_future(made)

    def _leave(self, _made: Future[bytes]) -> None:
        self._places.release()


def pdf_of(file: File) -> bytes:
    """The file as PDF. Its texts are data of the template and never a part of its source."""
    texts: dict[str, Any] = _printable(asdict(file))
    data = orjson.dumps(texts).decode()
    made = typst.compile(TEMPLATE.read_bytes(), sys_inputs={"data": data}, ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("Typst returns one PDF as bytes")
    return made


def paper_of(country: str | None) -> Literal["a4", "us-letter"]:
    """The paper of a company's country: Letter in the United States and Canada, otherwise A4."""
    return "us-letter" if country in LETTER_COUNTRIES else "a4"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value
