"""The meaning of a where-input in Python: SQL's logic of true, false and unknown (None)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.domains.kernel.prisma.widgets import LISTS

Truth = bool | None
JSON = {"attributes"}


def conjunction(parts: Iterable[Truth]) -> Truth:
    """AND: false when one is, else unknown when one is."""
    seen = list(parts)
    return False if False in seen else None if None in seen else True


def disjunction(parts: Iterable[Truth]) -> Truth:
    """OR: true when one is, else unknown when one is."""
    seen = list(parts)
    return True if True in seen else None if None in seen else False


def negation(truth: Truth) -> Truth:
    """NOT: the unknown stays unknown."""
    return None if truth is None else not truth


def matches(where: Mapping[str, Any], row: Any) -> Truth:
    """Whether a row is one that the input asks for."""
    return conjunction(_part(name, wanted, row) for name, wanted in where.items())


def _part(name: str, wanted: Any, row: Any) -> Truth:
    if name == "OR":
        return disjunction(matches(part, row) for part in wanted)
    if name in {"AND", "NOT"}:
        parts = [wanted] if isinstance(wanted, Mapping) else wanted
        truths = [matches(part, row) for part in parts]
        return conjunction(truths if name == "AND" else map(negation, truths))
    value = getattr(row, name)
    if not isinstance(wanted, Mapping):
        return _equals(value, wanted)
    if name in JSON:
        return conjunction(_json_operator(word, value, given) for word, given in wanted.items())
    operator = _list_operator if name in LISTS else _operator
    fold = wanted.get("mode") == "insensitive"
    return conjunction(operator(word, value, given, fold) for word, given in wanted.items() if word != "mode")


def _equals(value: Any, given: Any) -> Truth:
    if given is None:
        return value is None
    return None if value is None else bool(value == given)


def _operator(word: str, value: Any, given: Any, fold: bool) -> Truth:
    if word == "not":
        return _differs(value, given, fold)
    if word == "equals" and given is None:
        return value is None
    if word in {"in", "not_in"} and not given:
        return word == "not_in"
    if value is None:
        return None
    if fold:
        value, given = value.lower(), given.lower()
    answers: dict[str, Callable[[], Any]] = {
        "equals": lambda: value == given,
        "in": lambda: value in given,
        "not_in": lambda: value not in given,
        "gt": lambda: value > given,
        "gte": lambda: value >= given,
        "lt": lambda: value < given,
        "lte": lambda: value <= given,
        "contains": lambda: given in value,
        "startswith": lambda: value.startswith(given),
        "endswith": lambda: value.endswith(given),
    }
    return bool(answers[word]())


def _differs(value: Any, given: Any, fold: bool) -> Truth:
    if given is None:
        return value is not None
    if isinstance(given, Mapping):
        insensitive = given.get("mode") == "insensitive"
        return negation(conjunction(_operator(w, value, g, insensitive) for w, g in given.items() if w != "mode"))
    if value is None:
        return None
    return bool(value.lower() != given.lower() if fold else value != given)


def _json_operator(word: str, value: Any, given: Any) -> Truth:
    """A mapping is a value here, not more conditions."""
    return _equals(value, given) if word == "equals" else negation(_equals(value, given))


def _list_operator(word: str, value: list[Any], given: Any, fold: bool) -> Truth:
    assert not fold
    answers: dict[str, Callable[[], Any]] = {
        "equals": lambda: value == given,
        "has": lambda: given in value,
        "has_some": lambda: any(one in value for one in given),
        "has_every": lambda: all(one in value for one in given),
        "is_empty": lambda: (not value) == given,
    }
    return bool(answers[word]())
