"""Texts and URLs as they are stored: where they stand, and which are not in the form in which they come in today."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from domains.kernel.errors import DomainError
from domains.kernel.invariants import Inspection
from domains.kernel.text.validation import key, normal
from domains.kernel.values.urls import optional_url

_SHOWN: Final = 100
_ADVICE: Final = (
    "The migration left what would have had the key of another row, and what would have had nothing visible left; of "
    "URLs it changed none. Change what is named by a mutation (`productUpdate`, `categoryUpdate`, …), which "
    "brings it into form."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The columns of a table that hold what people write.

    `texts` have the normal form, `keys` hold no invisible character at all, `urls` follow the rule of URLs. `tags[]`
    is a list of texts, `options[].name` that field of each object in a JSON list. `id` tells rows apart.
    """

    table: str
    texts: Sequence[str] = ()
    keys: Sequence[str] = ()
    urls: Sequence[str] = ()
    id: str = "id"

    @property
    def columns(self) -> Iterator[str]:
        """Their names, without what stands within."""
        yield from (name.partition("[]")[0] for name in (*self.texts, *self.keys, *self.urls))

    def candidates(self) -> str:
        """As SQL what may not be in form: (table, id, column, form, stored).

        Printable ASCII without space around it is in form, and need not be looked at.
        """
        forms = {"text": self.texts, "key": self.keys, "url": self.urls}
        parts = " union all ".join(_values(name, form) for form, names in forms.items() for name in names)
        return f"""
            select '{self.table}' as "table", t.{self.id} as id, v.name as "column", v.form, v.stored
            from {self.table} t cross join lateral ({parts}) v (name, form, stored)
            where v.form = 'url' or v.stored ~ '[^ -~]' or v.stored <> btrim(v.stored)"""  # noqa: S608 - made here


def in_form(of: str, tables: Sequence[Texts]) -> Inspection:
    """That the texts of a domain's tables are in the form in which they come in."""
    rows = " union all ".join(texts.candidates() for texts in tables)
    return Inspection(f"Texts and URLs of {of} are in the form that is stored today", rows, _odd, _ADVICE)


def _values(name: str, form: str) -> str:
    column, is_list, field = name.partition("[]")
    told = f"select '{name}', '{form}'"
    if not is_list:
        return f"{told}, t.{column}::text"
    if field:
        return f"{told}, item ->> '{field.removeprefix('.')}' from jsonb_array_elements(t.{column}) item"
    return f"{told}, item from unnest(t.{column}) item"


def _odd(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    stored = row["stored"]
    if _FORMS[row["form"]](stored) == stored:
        return None
    return {"table": row["table"], "id": str(row["id"]), "column": row["column"], "stored": ascii(stored)[:_SHOWN]}


def _url(stored: str) -> str | None:
    """The URL as it is stored today; None when it is refused."""
    with suppress(DomainError):
        return optional_url(stored, field=("url",))
    return None


_FORMS: Final[Mapping[str, Callable[[str], str | None]]] = {"text": normal, "key": key, "url": _url}
