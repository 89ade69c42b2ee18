"""Stored texts and URLs: their columns, and the check that they have the present normal form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from domains.kernel.errors import DomainError
from domains.kernel.invariants import RowInvariant
from domains.kernel.text.validation import normalize_key, normalize_text
from domains.kernel.values.urls import optional_url

_SHOWN_LENGTH: Final = 100
_ADVICE: Final = (
    "The migration changed no URLs, no value that would have become the key of another row, and no value without a "
    "visible character. Save each listed value again, which normalizes it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextColumns:
    """The columns of a table with texts of users.

    `texts` have the normal form, `keys` contain no invisible character, `urls` follow the rule of URLs. `tags[]` is a
    list of texts, `options[].name` that field of each object in a JSON list. `id` is the key of a row.
    """

    table: str
    texts: Sequence[str] = ()
    keys: Sequence[str] = ()
    urls: Sequence[str] = ()
    id: str = "id"

    @property
    def columns(self) -> Iterator[str]:
        """The names of the columns, without paths into lists and JSON."""
        yield from (name.partition("[]")[0] for name in (*self.texts, *self.keys, *self.urls))

    def candidates(self) -> str:
        """SQL of the values that may not have the normal form: (table, id, column, form, stored).

        Trimmed printable ASCII always has the normal form and is left out.
        """
        forms = {"text": self.texts, "key": self.keys, "url": self.urls}
        queries = " union all ".join(_values(name, form) for form, names in forms.items() for name in names)
        return f"""
            select '{self.table}' as "table", t.{self.id} as id, v.name as "column", v.form, v.stored
            from {self.table} t cross join lateral ({queries}) v (name, form, stored)
            where v.form = 'url' or v.stored ~ '[^ -~]' or v.stored <> btrim(v.stored)"""  # noqa: S608 - made here


def normalized_texts(domain: str, tables: Sequence[TextColumns]) -> RowInvariant:
    """The invariant that the texts of a domain's tables have the normal form."""
    rows = " union all ".join(texts.candidates() for texts in tables)
    return RowInvariant(f"Texts and URLs of {domain} are in normal form", rows, _find_violation, _ADVICE)


def _values(name: str, form: str) -> str:
    column, is_list, field = name.partition("[]")
    prefix = f"select '{name}', '{form}'"
    if not is_list:
        return f"{prefix}, t.{column}::text"
    if field:
        return f"{prefix}, item ->> '{field.removeprefix('.')}' from jsonb_array_elements(t.{column}) item"
    return f"{prefix}, item from unnest(t.{column}) item"


def _find_violation(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    stored = row["stored"]
    if _NORMALIZERS[row["form"]](stored) == stored:
        return None
    return {
        "table": row["table"],
        "id": str(row["id"]),
        "column": row["column"],
        "stored": ascii(stored)[:_SHOWN_LENGTH],
    }


def _url(stored: str) -> str | None:
    """The URL in its normal form; None when it is refused."""
    with suppress(DomainError):
        return optional_url(stored, field=("url",))
    return None


_NORMALIZERS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "text": normalize_text,
    "key": normalize_key,
    "url": _url,
}
