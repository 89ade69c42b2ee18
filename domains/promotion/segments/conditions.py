"""The conditions of customer segments: a tree of facts about a buyer, read from and written to JSON. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domains.kernel.errors import InvalidInput, OutOfRange, TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors

MAX_DEPTH: Final = 5
MAX_NODES: Final = 50
MAX_ORDERS: Final = 1_000_000
MAX_DAYS: Final = 36_500


class Kind(StrEnum):
    """What a condition requires of a buyer; its value is the key in JSON."""

    ALL = "all"
    ANY = "any"
    NOT = "not"
    PAID_ORDERS_AT_LEAST = "paid_orders_at_least"
    PAID_ORDERS_AT_MOST = "paid_orders_at_most"
    LAST_ORDER_WITHIN_DAYS = "last_order_within_days"
    NO_ORDER_WITHIN_DAYS = "no_order_within_days"
    FIRST_ORDER_WITHIN_DAYS = "first_order_within_days"
    IS_MEMBER = "is_member"
    IS_GUEST = "is_guest"
    IS_CUSTOMER = "is_customer"
    HAS_CONFIRMED_EMAIL = "has_confirmed_email"
    IN_SEGMENT = "in_segment"


GROUPS: Final = {Kind.ALL, Kind.ANY}
FLAGS: Final = {Kind.IS_MEMBER, Kind.IS_GUEST, Kind.IS_CUSTOMER, Kind.HAS_CONFIRMED_EMAIL}
# The lowest and the highest number of each condition with a number.
RANGES: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.PAID_ORDERS_AT_LEAST: (1, MAX_ORDERS),
    Kind.PAID_ORDERS_AT_MOST: (0, MAX_ORDERS),
    Kind.LAST_ORDER_WITHIN_DAYS: (1, MAX_DAYS),
    Kind.NO_ORDER_WITHIN_DAYS: (1, MAX_DAYS),
    Kind.FIRST_ORDER_WITHIN_DAYS: (1, MAX_DAYS),
}
# What is unknown of a guest whose e-mail address is not confirmed.
OF_HISTORY: Final = {*RANGES, Kind.HAS_CONFIRMED_EMAIL}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: a group or NOT has `parts`, a count or a period its `number`, IN_SEGMENT the `segment_id`."""

    kind: Kind
    parts: "tuple[Condition, ...]" = ()
    number: int = 0
    segment_id: UUID | None = None

    def walk(self) -> "Iterator[Condition]":
        """The condition, and all conditions in it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def segment_ids(self) -> set[UUID]:
        """The segments that it refers to."""
        return {each.segment_id for each in self.walk() if each.segment_id is not None}


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment with its conditions and those of the segments that it refers to, by their ids."""

    id: UUID
    conditions: Mapping[UUID, Condition]

    @property
    def depends_on_history(self) -> bool:
        """Whether it asks for facts that are unknown of a guest without a confirmed address."""
        return any(each.kind in OF_HISTORY for condition in self.conditions.values() for each in condition.walk())


def parsed(given: Any) -> Condition:
    """The condition in a JSON value that `stored` has written."""
    ((key, value),) = given.items()
    kind = Kind(key)
    if kind in GROUPS:
        return Condition(kind, tuple(parsed(part) for part in value))
    if kind is Kind.NOT:
        return Condition(kind, (parsed(value),))
    if kind is Kind.IN_SEGMENT:
        return Condition(kind, segment_id=UUID(value))
    return Condition(kind) if kind in FLAGS else Condition(kind, number=value)


def stored(condition: Condition) -> dict[str, Any]:
    """The JSON value of a condition: an object with one key."""
    kind = condition.kind
    if kind in GROUPS:
        return {kind.value: [stored(part) for part in condition.parts]}
    if kind is Kind.NOT:
        return {kind.value: stored(condition.parts[0])}
    if kind is Kind.IN_SEGMENT:
        return {kind.value: str(condition.segment_id)}
    return {kind.value: True if kind in FLAGS else condition.number}


def checked(given: Mapping[str, Any]) -> Condition:
    """The condition in an input of the same form, with ids as UUIDs.

    Raises, for all parts at once with their paths, InvalidInput, Required and OutOfRange; TooMany for more than 50
    conditions, or more than 5 levels of them.
    """
    count = _count(given, 1)
    if count > MAX_NODES:
        raise TooMany(f"A segment has at most {MAX_NODES} conditions, not {count}. Split it with `in_segment`.")
    return _checked(given, ())


def _count(given: Any, depth: int) -> int:
    """The number of conditions. Raises TooMany for too many levels."""
    if depth > MAX_DEPTH:
        raise TooMany(f"Conditions are nested at most {MAX_DEPTH} levels deep. Split the segment with `in_segment`.")
    if not isinstance(given, Mapping):
        return 1
    parts = [part for name in ("all", "any") for part in given.get(name) or ()]
    parts += [given["not"]] if given.get("not") else []
    return 1 + sum(_count(part, depth + 1) for part in parts)


def _checked(given: Mapping[str, Any], path: tuple[str, ...]) -> Condition:
    if len(given) != 1:
        raise InvalidInput("Give exactly one condition here; combine several with `all` or `any`.", field=path)
    ((key, value),) = given.items()
    kind, field = Kind(key), (*path, key)
    if value is None:
        raise Required(f"`{key}` needs a value.", field=field)
    if kind in GROUPS:
        return Condition(kind, _parts(value, key, field))
    if kind is Kind.NOT:
        return Condition(kind, (_checked(value, field),))
    if kind is Kind.IN_SEGMENT:
        return Condition(kind, segment_id=value)
    if kind in FLAGS:
        if value is not True:
            raise InvalidInput(f"`{key}` is always true. Put it into `not` for its opposite.", field=field)
        return Condition(kind)
    least, most = RANGES[kind]
    if not least <= value <= most:
        raise OutOfRange(f"`{key}` is between {least} and {most}.", field=field)
    return Condition(kind, number=value)


def _parts(given: Sequence[Mapping[str, Any]], key: str, field: tuple[str, ...]) -> tuple[Condition, ...]:
    if not given:
        raise Required(f"`{key}` needs at least one condition.", field=field)
    parts: list[Condition] = []
    with collect_errors() as each:
        for index, part in enumerate(given):
            with each:
                parts.append(_checked(part, (*field, str(index))))
    return tuple(parts)
