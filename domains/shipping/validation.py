"""The validation of shipping zones and profiles; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from domains.kernel.errors import InvalidInput, NotApplicable, RangeInverted, TooMany
from domains.kernel.text.validation import Required, require_text
from domains.kernel.validation import collect_errors, merged
from domains.kernel.values.countries import COUNTRIES, country_code
from domains.shipping.models import (
    ShippingProfile,
    ShippingProfileChanges,
    ShippingZone,
    ShippingZoneChanges,
    ShippingZoneType,
)
from domains.shipping.places import PostalCodes
from domains.tax.places import MAX_PREFIX, normal_postal_code, normal_province

MAX_PLACES: Final = 500  # of each kind in a zone
MAX_STATE: Final = 100
ZONE_FIELDS: Final = ("name", "type", "countries", "states", "postal_codes", "is_active")
PROFILE_FIELDS: Final = ("name", "is_default")
OWN_LISTS: Final[Mapping[ShippingZoneType, Sequence[str]]] = {
    ShippingZoneType.COUNTRY: ("countries",),
    ShippingZoneType.STATE: ("states",),
    ShippingZoneType.POSTAL_CODE: ("postal_codes",),
    ShippingZoneType.CUSTOM: ("countries", "states", "postal_codes"),
    ShippingZoneType.REST_OF_WORLD: (),
}


def checked_zone(changes: ShippingZoneChanges, current: ShippingZone | None = None) -> dict[str, Any]:
    """All fields of a zone to store, its places in normal form, each once.

    Raises, for all fields at once, Required, TooLong, TooMany, InvalidInput, RangeInverted and NotApplicable.
    """
    values = merged(ZONE_FIELDS, changes, current, {"is_active": True})
    with collect_errors() as each:
        with each:
            values["name"] = require_text(values["name"] or "", field=("name",))
        with each:
            require_all(values, ("type", "is_active"))
        for name, read in (("countries", _country), ("states", _state), ("postal_codes", _postal_codes)):
            with each:
                is_given = changes.get(name) is not None
                values[name] = _places(name, values[name], read) if is_given else list(values[name] or ())
        with each:
            if values["type"] is not None:
                _keep_own_lists(values, changes)
    return values


def checked_profile(changes: ShippingProfileChanges, current: ShippingProfile | None = None) -> dict[str, Any]:
    """All fields of a profile to store. Raises, for all fields at once, Required, TooLong and InvalidInput."""
    values = merged(PROFILE_FIELDS, changes, current, {"is_default": False})
    with collect_errors() as each:
        with each:
            values["name"] = require_text(values["name"] or "", field=("name",))
        with each:
            require_all(values, ("is_default",))
    return values


def require_all(values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise Required for each of these that is null."""
    with collect_errors() as each:
        for name in names:
            with each:
                if values[name] is None:
                    raise Required(f"`{name}` must not be null.", field=name)


def _keep_own_lists(values: dict[str, Any], changes: ShippingZoneChanges) -> None:
    """Empty the lists that a zone of this type does not have. Raises NotApplicable for given ones, and Required."""
    own = OWN_LISTS[values["type"]]
    with collect_errors() as each:
        for name in OWN_LISTS[ShippingZoneType.CUSTOM]:
            with each:
                if name in own:
                    continue
                if changes.get(name):
                    raise NotApplicable(f"A zone of the type {values['type']} has no `{name}`.", field=name)
                values[name] = []
        with each:
            if own and not any(values[name] for name in own):
                words = " or ".join(f"`{name}`" for name in own)
                raise Required(f"A zone of the type {values['type']} needs {words}.", field=own[0])


def _places(name: str, given: Sequence[Any], read: Callable[[Any, Sequence[str]], Any]) -> list[Any]:
    """The places of a list in normal form, each once, in their order."""
    if len(given) > MAX_PLACES:
        raise TooMany(f"A zone has at most {MAX_PLACES} `{name}`; these are {len(given)}.", field=name)
    places: list[Any] = []
    with collect_errors() as each:
        for index, value in enumerate(given):
            with each:
                place = read(value, (name, str(index)))
                if place not in places:
                    places.append(place)
    return places


def _country(value: str, field: Sequence[str]) -> str:
    return country_code(value, field=field)


def _state(value: str, field: Sequence[str]) -> str:
    """A state with its country, as in ISO 3166-2; the names of states that the tax rates know become codes."""
    text = require_text(value, field=field, max_length=MAX_STATE)
    country, _, name = text.partition("-")
    province = normal_province(name, country.upper())
    if country.upper() not in COUNTRIES or not province:
        raise InvalidInput("A state is its country and its code, as in ISO 3166-2: DE-BY.", field=field)
    return f"{country.upper()}-{province}"


def _postal_codes(value: Mapping[str, str | None], field: Sequence[str]) -> dict[str, str]:
    given = {name: text for name, text in value.items() if text is not None}
    with collect_errors() as each:
        with each:
            country = country_code(given.pop("country", ""), field=(*field, "country"))
        with each:
            if given.keys() not in ({"prefix"}, {"from", "to"}):
                raise InvalidInput("Give either a `prefix`, or `from` and `to`.", field=field)
        codes = {}
        for name, text in given.items():
            with each:
                codes[name] = _postal_code(text, (*field, name))
    if "prefix" in codes:
        return PostalCodes(country, codes["prefix"], codes["prefix"]).stored
    return _range(country, codes["from"], codes["to"], field).stored


def _postal_code(text: str, field: Sequence[str]) -> str:
    code = normal_postal_code(require_text(text, field=field, max_length=MAX_STATE))
    if not 1 <= len(code) <= MAX_PREFIX:
        raise InvalidInput(f"A postal code has 1 to {MAX_PREFIX} letters A to Z and digits.", field=field)
    return code


def _range(country: str, first: str, last: str, field: Sequence[str]) -> PostalCodes:
    if len(first) != len(last):
        raise InvalidInput("`from` and `to` must have the same number of letters and digits.", field=(*field, "to"))
    if last < first:
        raise RangeInverted("`to` must not be before `from`.", field=(*field, "to"))
    return PostalCodes(country, first, last)
