"""The settings of returns and their rules."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.kernel.database import Tx
from domains.kernel.errors import DuplicateValue, NotFound, TooMany
from domains.kernel.settings import Setting, SettingsCache, SettingsTable, amount, number_between
from domains.kernel.text.validation import TEXT_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.returns import data
from domains.returns.events import ReturnSettingsUpdated
from domains.returns.models import ReturnSettings

MAX_IDS: Final = 1_000


def _ids(name: str) -> Callable[[Sequence[UUID], str], list[UUID]]:
    def check(value: Sequence[UUID], _currency: str) -> list[UUID]:
        if len(value) > MAX_IDS:
            raise TooMany(f"`{name}` has at most {MAX_IDS:,} ids.", field=name)
        if len(set(value)) < len(value):
            raise DuplicateValue(f"`{name}` has the same id twice.", field=name)
        return list(value)

    return check


def _instructions(value: str, _currency: str) -> str:
    return optional_text(value, field=("return_instructions",), max_length=TEXT_LENGTH) or ""


# The bounds are the same as in the constraints of the table.
SETTINGS: Final[Mapping[str, Setting]] = {
    "return_window_days": Setting(number_between("return_window_days", 0, 3_650)),
    "return_shipping_paid_by": Setting(),
    "return_fee": Setting(amount("return_fee"), in_currency=True),
    "non_returnable_product_ids": Setting(_ids("non_returnable_product_ids")),
    "non_returnable_category_ids": Setting(_ids("non_returnable_category_ids")),
    "return_authorization_days": Setting(number_between("return_authorization_days", 1, 365)),
    "return_instructions": Setting(_instructions),
    "returns_auto_approved": Setting(),
}


def settings_table(cache: SettingsCache, catalog: CatalogService) -> SettingsTable[ReturnSettings]:
    """The settings of returns of companies. A change raises NotFound for each product and category it cannot find."""

    async def verify(tx: Tx, before: ReturnSettings, after: ReturnSettings, _currency: str) -> None:
        with collect_errors() as each:
            with each:
                named = _added(before.non_returnable_product_ids, after.non_returnable_product_ids)
                products = await catalog.products.find_many(tx, tx.actor, list(named)) if named else []
                _require_all(named, {found.id for found in products}, "product")
            with each:
                named = _added(before.non_returnable_category_ids, after.non_returnable_category_ids)
                categories = await catalog.categories.find_many(tx, list(named)) if named else []
                _require_all(named, {found.id for found in categories}, "category")

    return SettingsTable(cache, data.return_settings, SETTINGS, ReturnSettingsUpdated, verify=verify)


def _added(before: Collection[UUID], after: Sequence[UUID]) -> dict[UUID, int]:
    """The ids that a change adds, each with its position; those that were stored before may have been deleted."""
    stored = set(before)
    return {each: index for index, each in enumerate(after) if each not in stored}


def _require_all(named: Mapping[UUID, int], found: Collection[UUID], noun: str) -> None:
    with collect_errors() as errors:
        for each, index in named.items():
            with errors:
                if each not in found:
                    field = (f"non_returnable_{noun}_ids", str(index))
                    raise NotFound(f"There is no {noun} with the id {each}.", field=field)
