"""The rules of attributes that categories define, and the validation of products' values; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from domains.catalog.data import AttributeType
from domains.catalog.errors import AttributeInvalid, AttributeMissing
from domains.kernel.errors import DuplicateValue, NotApplicable, TooMany
from domains.kernel.text.validation import NAME_LENGTH, Required, casefold_text, optional_text, require_text
from domains.kernel.validation import collect_errors

MAX_ATTRIBUTES = 100
MAX_OPTIONS = 200
VALUE_LENGTH = 500
UNIT_LENGTH = 30
_MAX_NUMBER = Decimal(10) ** 15
_MAX_DECIMALS = 12
_BOOLEANS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """An attribute that a category defines: its type, whether it is required, and its options."""

    name: str
    type: AttributeType
    is_required: bool
    is_filterable: bool
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """An attribute of a product, as entered or as stored; the unit is text such as `cm`."""

    name: str
    value: str
    unit: str | None = None


def effective_rules(levels: Sequence[Sequence[AttributeRule]]) -> dict[str, AttributeRule]:
    """The rules of a category and of its ancestors, by case-folded name; the nearest category takes precedence."""
    return {casefold_text(rule.name): rule for level in levels for rule in level}


def require_values(
    rules: Mapping[str, AttributeRule], given: Sequence[AttributeValue], *, field: Sequence[str]
) -> list[AttributeValue]:
    """The values in their canonical form, under the names of the rules.

    An attribute without a rule is kept as text. Raises, of all at once, AttributeMissing, AttributeInvalid,
    Required, TooLong, InvalidInput, and DuplicateValue for a name given twice; TooMany alone for too many attributes.
    """
    if len(given) > MAX_ATTRIBUTES:
        raise TooMany(f"A product has at most {MAX_ATTRIBUTES} attributes.", field=field)
    names = {casefold_text(value.name) for value in given}
    accepted: dict[str, AttributeValue] = {}
    with collect_errors() as errors:
        for key, rule in rules.items():
            with errors:
                if rule.is_required and key not in names:
                    raise AttributeMissing(rule.name, field=field)
        for index, value in enumerate(given):
            where = (*field, str(index))
            with errors:
                clean = _normalize_value(rules, value, where)
                if casefold_text(clean.name) in accepted:
                    raise DuplicateValue(f"The attribute {clean.name!r} is given twice.", field=where)
                accepted[casefold_text(clean.name)] = clean
    return list(accepted.values())


def require_rule(rule: AttributeRule, *, field: Sequence[str]) -> AttributeRule:
    """The normalized form of a rule that an administrator entered.

    Raises, of all fields at once, Required, TooLong, InvalidInput; for options NotApplicable to another
    type than SELECT, TooMany and DuplicateValue.
    """
    with collect_errors() as errors:
        with errors:
            name = require_text(rule.name, field=(*field, "name"), max_length=NAME_LENGTH)
        with errors:
            options = _options(rule, (*field, "options"))
    return AttributeRule(name, rule.type, rule.is_required, rule.is_filterable, options)


def _options(rule: AttributeRule, field: Sequence[str]) -> tuple[str, ...]:
    if rule.type is AttributeType.SELECT and not rule.options:
        raise Required("A SELECT attribute needs at least one option.", field=field)
    if rule.type is not AttributeType.SELECT and rule.options:
        raise NotApplicable("Only a SELECT attribute has options.", field=field)
    if len(rule.options) > MAX_OPTIONS:
        raise TooMany(f"An attribute has at most {MAX_OPTIONS} options.", field=field)
    options: dict[str, str] = {}
    with collect_errors() as errors:
        for index, given in enumerate(rule.options):
            with errors:
                where = (*field, str(index))
                option = require_text(given, field=where, max_length=VALUE_LENGTH)
                if casefold_text(option) in options:
                    raise DuplicateValue("Each option must be unique; letter case is ignored.", field=where)
                options[casefold_text(option)] = option
    return tuple(options.values())


def _normalize_value(
    rules: Mapping[str, AttributeRule], given: AttributeValue, field: Sequence[str]
) -> AttributeValue:
    with collect_errors() as errors:
        with errors:
            name = require_text(given.name, field=(*field, "name"))
        with errors:
            value = require_text(given.value, field=(*field, "value"), max_length=VALUE_LENGTH)
        with errors:
            unit = optional_text(given.unit, field=(*field, "unit"), max_length=UNIT_LENGTH)
    rule = rules.get(casefold_text(name))
    if rule is None:
        return AttributeValue(name, value, unit)
    return AttributeValue(rule.name, _canonical(rule, value, field), unit)


def _canonical(rule: AttributeRule, value: str, field: Sequence[str]) -> str:
    where = (*field, "value")
    match rule.type:
        case AttributeType.NUMBER:
            return _number(rule.name, value, where)
        case AttributeType.BOOLEAN:
            if casefold_text(value) not in _BOOLEANS:
                raise AttributeInvalid(f"{rule.name!r} is true or false, not {value!r}.", field=where)
            return _BOOLEANS[casefold_text(value)]
        case AttributeType.SELECT:
            chosen = next((option for option in rule.options if casefold_text(option) == casefold_text(value)), None)
            if chosen is None:
                raise AttributeInvalid(f"{rule.name!r} is one of: {', '.join(rule.options)}.", field=where)
            return chosen
        case AttributeType.TEXT:
            return value


def _number(name: str, value: str, field: Sequence[str]) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise AttributeInvalid(f"{name!r} is a number, not {value!r}.", field=field) from None
    if not number.is_finite() or abs(number) >= _MAX_NUMBER or number != round(number, _MAX_DECIMALS):
        raise AttributeInvalid(
            f"{name!r} is a number below 10^15 with at most {_MAX_DECIMALS} decimal places.", field=field
        )
    if number == 0:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
