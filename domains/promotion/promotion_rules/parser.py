"""Reads the rules of promotions as they are given; unknown keys, contradictions and large inputs are refused.

A rule is a mapping with one key for its type: `buy_x_get_y`, `bundle` or `volume_discount`. See docs/promotions.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.kernel.errors import DomainError, InvalidInput, NotApplicable, OutOfRange, TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import UnitPrices, require_amount
from domains.kernel.values.percentages import require_percentage
from domains.promotion.models import DiscountType
from domains.promotion.promotion_rules.models import (
    ALL_OF_IT,
    Bundle,
    BuyXGetY,
    Rule,
    Tier,
    UnitSelection,
    VolumeDiscount,
    VolumeScope,
)

Path: TypeAlias = tuple[str, ...]
MAX_RULES: Final = 10
MAX_ITEMS: Final = 8
MAX_TIERS: Final = 20
MAX_IDS: Final = 250
MAX_UNITS: Final = 999
MAX_FROM: Final = 1_000_000
MAX_TIMES: Final = 1_000_000
MAX_PRIORITY: Final = 1_000_000
UNIT_PRICE_DECIMALS: Final = 4
SHOWN: Final = 50  # characters of an unknown key in a message
KEYS: Final = {
    DiscountType.BUY_X_GET_Y: "buy_x_get_y",
    DiscountType.BUNDLE: "bundle",
    DiscountType.VOLUME_DISCOUNT: "volume_discount",
}
IDS: Final = ("product_ids", "variant_ids", "category_ids")
TIER_AMOUNTS: Final = ("percentage", "amount_off_per_unit", "unit_price")
BUNDLE_AMOUNTS: Final = ("price", "percentage", "amount_off")


def parsed(given: object, discount_type: DiscountType, currency: str) -> tuple[Rule, ...]:
    """The rules of a promotion of this type, in the order in which they apply.

    Raises, for all rules at once, Required, InvalidInput, NotApplicable, OutOfRange, TooMany and TooManyDecimals,
    each with the path of the value.
    """
    rules: list[Rule] = []
    with collect_errors() as each:
        for index, rule in enumerate(_items(given, ("rules",), "rule", most=MAX_RULES)):
            with each:
                rules.append(_rule(rule, discount_type, currency, ("rules", str(index))))
    return tuple(sorted(rules, key=lambda rule: -rule.priority))


def selections(rule: Rule) -> Iterator[tuple[Path, UnitSelection]]:
    """The selections of a rule that may name products, each with its path in the rule."""
    match rule:
        case BuyXGetY():
            yield ("buy_x_get_y", "buy"), rule.buy
            yield ("buy_x_get_y", "get"), rule.get
        case Bundle():
            for index, item in enumerate(rule.items):
                yield ("bundle", "items", str(index)), item
        case VolumeDiscount():
            pass


def _rule(given: object, discount_type: DiscountType, currency: str, path: Path) -> Rule:
    values = _mapping(given, KEYS.values(), path)
    key = KEYS[discount_type]
    for other in values:
        if other != key:
            raise NotApplicable(
                f"A promotion of the type {discount_type} has rules of `{key}` only.", field=(*path, other)
            )
    if key not in values:
        raise Required(f"Each rule of a promotion of the type {discount_type} needs `{key}`.", field=path)
    inner = (*path, key)
    match discount_type:
        case DiscountType.BUNDLE:
            return _bundle(values[key], currency, inner)
        case DiscountType.VOLUME_DISCOUNT:
            return _volume_discount(values[key], currency, inner)
        case _:
            return _buy_x_get_y(values[key], inner)


def _buy_x_get_y(given: object, path: Path) -> BuyXGetY:
    values = _mapping(given, ("buy", "get", "percentage", "times_per_order", "priority"), path)
    with collect_errors() as each:
        with each:
            buy = _selection(values, "buy", path)
        with each:
            get = _selection(values, "get", path)
        percentage = ALL_OF_IT
        with each:
            if "percentage" in values:
                percentage = _percentage(values, path)
        with each:
            times = _times(values, path)
        with each:
            priority = _priority(values, path)
    return BuyXGetY(buy, get, percentage, times, priority=priority)


def _bundle(given: object, currency: str, path: Path) -> Bundle:
    values = _mapping(given, ("items", *BUNDLE_AMOUNTS, "times_per_order", "priority"), path)
    with collect_errors() as each:
        with each:
            items = _bundle_items(values, path)
        with each:
            amount = _one_of(values, BUNDLE_AMOUNTS, path, "A bundle")
            number = _bundle_amount(values, amount, currency, path)
        with each:
            times = _times(values, path)
        with each:
            priority = _priority(values, path)
    return Bundle(items, times_per_order=times, priority=priority, **{amount: number})


def _bundle_items(values: Mapping[str, Any], path: Path) -> tuple[UnitSelection, ...]:
    field = (*path, "items")
    items: list[UnitSelection] = []
    with collect_errors() as each:
        for index, item in enumerate(_items(values.get("items"), field, "item", most=MAX_ITEMS)):
            with each:
                items.append(_units(item, (*field, str(index))))
    quantity = sum(item.quantity for item in items)
    if quantity == 1:
        raise OutOfRange("A bundle has at least two units. For single units use a VOLUME_DISCOUNT.", field=field)
    if quantity > MAX_UNITS:
        raise OutOfRange(f"A bundle has at most {MAX_UNITS} units.", field=field)
    return tuple(items)


def _bundle_amount(values: Mapping[str, Any], name: str, currency: str, path: Path) -> Decimal:
    if name == "percentage":
        return _percentage(values, path)
    field = (*path, name)
    amount = require_amount(_decimal(values[name], field), currency, field=field)
    if name == "amount_off" and not amount:
        raise OutOfRange("The amount must be above 0.", field=field)
    return amount


def _volume_discount(given: object, currency: str, path: Path) -> VolumeDiscount:
    values = _mapping(given, ("tiers", "scope", "priority"), path)
    with collect_errors() as each:
        with each:
            tiers = _tiers(values, currency, path)
        with each:
            scope = _scope(values.get("scope", VolumeScope.LINE), (*path, "scope"))
        with each:
            priority = _priority(values, path)
    return VolumeDiscount(tiers, scope, priority=priority)


def _tiers(values: Mapping[str, Any], currency: str, path: Path) -> tuple[Tier, ...]:
    field = (*path, "tiers")
    tiers: list[Tier] = []
    with collect_errors() as each:
        for index, tier in enumerate(_items(values.get("tiers"), field, "tier", most=MAX_TIERS)):
            with each:
                tiers.append(_tier(tier, currency, (*field, str(index))))
    with collect_errors() as each:
        for index in range(1, len(tiers)):
            with each:
                _require_better(tiers[index - 1], tiers[index], (*field, str(index)))
    return tuple(tiers)


def _tier(given: object, currency: str, path: Path) -> Tier:
    values = _mapping(given, ("from_quantity", *TIER_AMOUNTS), path)
    with collect_errors() as each:
        with each:
            quantity = _whole(values, "from_quantity", path, most=MAX_FROM)
        with each:
            name = _one_of(values, TIER_AMOUNTS, path, "A tier")
            amount = _tier_amount(values, name, currency, path)
    return Tier(quantity, **{name: amount})


def _tier_amount(values: Mapping[str, Any], name: str, currency: str, path: Path) -> Decimal:
    if name == "percentage":
        return _percentage(values, path)
    field = (*path, name)
    amount = UnitPrices.of(currency, UNIT_PRICE_DECIMALS).require(_decimal(values[name], field), field=field)
    if name == "amount_off_per_unit" and not amount:
        raise OutOfRange("The amount must be above 0.", field=field)
    return amount


def _require_better(tier: Tier, following: Tier, path: Path) -> None:
    """Raise InvalidInput unless the following tier needs more units and takes more off in the same way."""
    if following.from_quantity == tier.from_quantity:
        text = f"Two tiers begin at {tier.from_quantity}. Remove one of them."
        raise InvalidInput(text, field=(*path, "from_quantity"))
    if following.from_quantity < tier.from_quantity:
        raise InvalidInput("Sort the tiers by `from_quantity`, the lowest first.", field=(*path, "from_quantity"))
    for name in TIER_AMOUNTS:
        before, after = getattr(tier, name), getattr(following, name)
        if before is None and after is None:
            continue
        if before is None or after is None:
            raise InvalidInput("All tiers of a rule take off in the same way.", field=(*path, name))
        if after >= before if name == "unit_price" else after <= before:
            raise InvalidInput("A higher tier must be better than the one below it.", field=(*path, name))
        return


def _scope(given: object, path: Path) -> VolumeScope:
    if not isinstance(given, str) or given not in set(VolumeScope):
        raise InvalidInput(f"The scope is one of {', '.join(VolumeScope)}.", field=path)
    return VolumeScope(given)


def _selection(values: Mapping[str, Any], name: str, path: Path) -> UnitSelection:
    field = (*path, name)
    if name not in values:
        raise Required(f"The rule needs `{name}`.", field=field)
    return _units(values[name], field)


def _units(given: object, path: Path) -> UnitSelection:
    """A number of units, and the ids of the products, variants and categories that they can be of."""
    values = _mapping(given, ("quantity", *IDS), path)
    ids: list[frozenset[UUID]] = []
    with collect_errors() as each:
        with each:
            quantity = _whole(values, "quantity", path, most=MAX_UNITS)
        for name in IDS:
            with each:
                ids.append(_ids(values.get(name), (*path, name)))
    return UnitSelection(quantity, *ids)


def _ids(given: object, path: Path) -> frozenset[UUID]:
    if given is None:
        return frozenset()
    if not isinstance(given, Sequence | Collection) or isinstance(given, str | bytes | Mapping):
        raise InvalidInput("Give a list of ids.", field=path)
    if len(given) > MAX_IDS:
        raise TooMany(f"A rule names at most {MAX_IDS} in one list.", field=path)
    found: set[UUID] = set()
    with collect_errors() as each:
        for index, value in enumerate(given):
            with each:
                found.add(_id(value, (*path, str(index))))
    return frozenset(found)


def _id(value: object, path: Path) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidInput("This is not an id.", field=path) from error


def _items(given: object, path: Path, noun: str, *, most: int) -> Sequence[Any]:
    """A list with at least one value."""
    if given is None or given == []:
        raise Required(f"Give at least one {noun}.", field=path)
    if not isinstance(given, list | tuple):
        raise InvalidInput(f"Give a list with one {noun} or more.", field=path)
    if len(given) > most:
        raise TooMany(f"There are at most {most} {noun}s.", field=path)
    return given


def _mapping(given: object, keys: Collection[str], path: Path) -> Mapping[str, Any]:
    """The values that are not null of a mapping, all of whose keys are known."""
    if not isinstance(given, Mapping):
        raise InvalidInput(f"Give an object with the keys {_listed(keys)}.", field=path)
    for key in given:
        if key not in keys:
            text = f"There is no {str(key)[:SHOWN]!r} here; the keys are {_listed(keys)}."
            raise InvalidInput(text, field=(*path, str(key)[:SHOWN]))
    return {key: value for key, value in given.items() if value is not None}


def _listed(keys: Collection[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _one_of(values: Mapping[str, Any], names: Sequence[str], path: Path, subject: str) -> str:
    """The one of these names that is given."""
    given = [name for name in names if name in values]
    if not given:
        raise Required(f"{subject} needs one of {_listed(names)}.", field=(*path, names[0]))
    if len(given) > 1:
        raise NotApplicable(f"{subject} has only one of {_listed(names)}.", field=(*path, given[1]))
    return given[0]


def _percentage(values: Mapping[str, Any], path: Path) -> Decimal:
    field = (*path, "percentage")
    return require_percentage(_decimal(values["percentage"], field), field=field)


def _decimal(value: object, path: Path) -> Decimal:
    """An exact number, given as such or as a text; binary fractions are not exact."""
    error: DomainError = InvalidInput("Give a decimal number, such as 12.50.", field=path)
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str) or len(str(value)) > SHOWN:
        raise error
    try:
        return Decimal(value)
    except InvalidOperation as invalid:
        raise error from invalid


def _times(values: Mapping[str, Any], path: Path) -> int | None:
    return _whole(values, "times_per_order", path, most=MAX_TIMES) if "times_per_order" in values else None


def _priority(values: Mapping[str, Any], path: Path) -> int:
    return _whole(values, "priority", path, least=-MAX_PRIORITY, most=MAX_PRIORITY) if "priority" in values else 0


def _whole(values: Mapping[str, Any], name: str, path: Path, *, most: int, least: int = 1) -> int:
    value, field = values.get(name), (*path, name)
    if value is None:
        raise Required(f"The rule needs `{name}`.", field=field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"`{name}` is a whole number.", field=field)
    if not least <= value <= most:
        raise OutOfRange(f"`{name}` must be between {least} and {most}.", field=field)
    return value
