"""The lines of documents about stock: SKUs with units, validated together; and the items of the SKUs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from domains.catalog.variants.skus import Skus
from domains.inventory import movements, sql
from domains.inventory.documents.errors import LinesMissing
from domains.inventory.movements import LockedItem
from domains.inventory.owners import require_owners
from domains.kernel.database import Tx
from domains.kernel.errors import DuplicateValue, OutOfRange, TooMany
from domains.kernel.text.validation import normalize_key, require_text
from domains.kernel.validation import collect_errors, prefix_errors

LINES: Final = ("lines",)
MAX_LINES: Final = 250


class SkuLine(Protocol):
    """A line that names a SKU."""

    @property
    def sku(self) -> str:
        """The SKU as it was entered."""
        ...


LineT = TypeVar("LineT", bound=SkuLine)


def by_sku(lines: Sequence[LineT], check: Callable[[LineT], None]) -> dict[str, LineT]:
    """The lines by their normalized SKU, in their order.

    `check` raises the errors of one line with the names of its fields. Raises, for all lines at once, LinesMissing,
    TooMany, DuplicateValue for a SKU that is given twice, Required and TooLong for a SKU, and what `check` raises.
    """
    if not lines:
        raise LinesMissing
    if len(lines) > MAX_LINES:
        raise TooMany(f"Give at most {MAX_LINES} lines.", field=LINES)
    found: dict[str, LineT] = {}
    with collect_errors() as each:
        for index, line in enumerate(lines):
            field = (*LINES, str(index))
            with each:
                sku = require_text(normalize_key(line.sku), field=(*field, "sku"))
                if sku in found:
                    raise DuplicateValue(f"The SKU {sku!r} is given twice.", field=(*field, "sku"))
                found[sku] = line
            with each, prefix_errors(field):
                check(line)
    return found


def require_units(units: int, *, name: str = "quantity", least: int = 1) -> None:
    """Raise OutOfRange unless the number of units is within the limits."""
    if not least <= units <= movements.MAX_STOCK:
        raise OutOfRange(f"`{name}` is between {least} and {movements.MAX_STOCK}.", field=(name,))


def path_of(lines: Mapping[str, object], sku: str, name: str) -> Sequence[str]:
    """The path of a field of the line of a SKU."""
    return (*LINES, str(list(lines).index(sku)), name)


async def stock_of(skus: Skus, tx: Tx, lines: Mapping[str, object]) -> dict[str, LockedItem]:
    """The items of SKUs with their levels, created where missing, locked in the order of SKUs. Three statements.

    Raises SkuNotFound for each SKU of no product or of an archived one.
    """
    owners = await require_owners(skus, tx, movements.paths_of(lines, LINES, "sku"))
    return {locked.item.sku: locked for locked in (await sql.lock_items(tx, owners)).items}
