"""Contradictions in the conditions of a segment: what no buyer can meet. Pure."""

from collections.abc import Iterator
from typing import Final

from domains.promotion.segments.conditions import Condition, Kind

# The opposite of a condition without a number that is a condition itself.
OPPOSITES: Final = {Kind.IS_GUEST: Kind.IS_CUSTOMER, Kind.IS_CUSTOMER: Kind.IS_GUEST}
# The opposite of a period is the same period of the other kind.
PERIODS: Final = {
    Kind.LAST_ORDER_WITHIN_DAYS: Kind.NO_ORDER_WITHIN_DAYS,
    Kind.NO_ORDER_WITHIN_DAYS: Kind.LAST_ORDER_WITHIN_DAYS,
}
ORDERED: Final = (Kind.LAST_ORDER_WITHIN_DAYS, Kind.FIRST_ORDER_WITHIN_DAYS)


def contradiction(condition: Condition) -> str | None:
    """A sentence about two conditions of one `all` that exclude each other, or None.

    It finds counts, periods, guests and customers, and a condition beside its negation; it does not solve logic.
    """
    for each in condition.walk():
        if each.kind is Kind.ALL and (found := _among(list(_required(each)))):
            return found
    return None


def _required(condition: Condition) -> Iterator[Condition]:
    """What must hold together: the parts of an `all`, also of those within it, without negations where possible."""
    for part in condition.parts:
        if part.kind is Kind.ALL:
            yield from _required(part)
        elif part.kind is Kind.NOT:
            yield _negated(part.parts[0]) or part
        else:
            yield part


def _negated(condition: Condition) -> Condition | None:
    """The opposite of a condition as a condition without NOT, if there is one."""
    match condition.kind:
        case Kind.NOT:
            return condition.parts[0]
        case Kind.PAID_ORDERS_AT_LEAST:
            return Condition(Kind.PAID_ORDERS_AT_MOST, number=condition.number - 1)
        case Kind.PAID_ORDERS_AT_MOST:
            return Condition(Kind.PAID_ORDERS_AT_LEAST, number=condition.number + 1)
        case kind if kind in OPPOSITES:
            return Condition(OPPOSITES[kind])
        case kind if kind in PERIODS:
            return Condition(PERIODS[kind], number=condition.number)
        case _:
            return None


def _among(required: list[Condition]) -> str | None:
    return _of_negations(required) or _of_buyers(required) or _of_counts(required) or _of_periods(required)


def _of_negations(required: list[Condition]) -> str | None:
    for each in required:
        if each.kind is Kind.NOT and each.parts[0] in required:
            return f"`{each.parts[0].kind}` and its negation exclude each other."
    return None


def _of_buyers(required: list[Condition]) -> str | None:
    kinds = {each.kind for each in required}
    other = next((kind for kind in (Kind.IS_CUSTOMER, Kind.IS_MEMBER) if kind in kinds), None)
    if Kind.IS_GUEST in kinds and other is not None:
        return f"`is_guest` and `{other}` exclude each other: a guest has no account."
    return None


def _of_counts(required: list[Condition]) -> str | None:
    most = min((each.number for each in required if each.kind is Kind.PAID_ORDERS_AT_MOST), default=None)
    least = max((each.number for each in required if each.kind is Kind.PAID_ORDERS_AT_LEAST), default=0)
    if most is None:
        return None
    if least > most:
        return f"A buyer cannot have at least {least} and at most {most} paid orders."
    ordered = next((each.kind for each in required if each.kind in ORDERED), None)
    return f"`{ordered}` needs a paid order, and at most 0 are allowed." if ordered and not most else None


def _of_periods(required: list[Condition]) -> str | None:
    none = max((each.number for each in required if each.kind is Kind.NO_ORDER_WITHIN_DAYS), default=0)
    for each in required:
        if each.kind in ORDERED and each.number <= none:
            return f"A buyer without an order in {none} days has none in the last {each.number}: `{each.kind}`."
    return None
