"""The tax settings and their rules."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.errors import NotApplicable
from domains.kernel.settings import Setting, SettingsCache, SettingsTable
from domains.kernel.text.validation import optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.countries import COUNTRIES, country_code
from domains.tax import data
from domains.tax.errors import TaxClassNotFound
from domains.tax.events import TaxSettingsUpdated
from domains.tax.models import TaxSettings
from domains.tax.places import normal_postal_code
from domains.tax.validation import MAX_PROVINCE, require_tax_rate
from domains.tax.vat_numbers import require_vat_number

CLASS: Final = "shipping_tax_class_id"
VAT_NUMBER: Final = "vat_number"


def _country(value: str, _currency: str) -> str:
    return country_code(value, field=("tax_country",))


def _province(value: str, _currency: str) -> str | None:
    return optional_text(value, field=("tax_province",), max_length=MAX_PROVINCE)


def _postal_code(value: str, _currency: str) -> str | None:
    text = optional_text(value, field=("tax_postal_code",), max_length=MAX_PROVINCE)
    return (text and normal_postal_code(text)) or None


def _countries(values: list[str], _currency: str) -> list[str]:
    with collect_errors() as errors:
        codes = set()
        for index, value in enumerate(values):
            with errors:
                codes.add(country_code(value, field=("reverse_charge_countries", str(index))))
    return sorted(codes)


SETTINGS: Final[Mapping[str, Setting]] = {
    "tax_rate": Setting(lambda rate, _: require_tax_rate(rate)),
    "prices_include_tax": Setting(),
    "tax_country": Setting(_country, nullable=True),
    "tax_province": Setting(_province, nullable=True),
    "tax_postal_code": Setting(_postal_code, nullable=True),
    "shipping_tax_method": Setting(),
    CLASS: Setting(nullable=True),
    VAT_NUMBER: Setting(nullable=True),
    "reverse_charge_countries": Setting(_countries),
}


class TaxSettingsTable(SettingsTable[TaxSettings]):
    """The tax settings of companies."""

    def __init__(self, cache: SettingsCache) -> None:
        super().__init__(cache, data.tax_settings, SETTINGS, TaxSettingsUpdated, verify=_verify)

    async def update(
        self, tx: Tx, changes: Mapping[str, Any], currency: str = "", *, is_new_currency: bool = False
    ) -> TaxSettings:
        """Change settings; absent ones do not change. None of them depends on the currency.

        Two statements, one when nothing changes, one more for the class of shipping. Raises, for all settings at
        once, what their rules and `require_vat_number` raise, and TaxClassNotFound; then NotApplicable for a place or
        a VAT number without a country. Emits tax.settings_updated.
        """
        row: TaxSettings | None = None
        checked = {name: value for name, value in changes.items() if name not in (CLASS, VAT_NUMBER)}
        with collect_errors() as each:
            with each:
                if CLASS in changes:
                    checked[CLASS] = await _known_class(tx, changes[CLASS])
            with each:
                if VAT_NUMBER in changes:
                    place = {"tax_country": (await self.current(tx)).tax_country} | checked
                    checked[VAT_NUMBER] = _own_vat_number(changes[VAT_NUMBER], place["tax_country"])
            with each:
                row = await super().update(tx, checked, currency, is_new_currency=is_new_currency)
        if row is None:
            raise RuntimeError("Settings are changed, or an error is raised.")
        return row


async def _known_class(tx: Tx, class_id: UUID | None) -> UUID | None:
    """The id of a tax class of the company. Raises TaxClassNotFound."""
    if class_id is not None and await data.tax_class.find_unique(tx, id=class_id) is None:
        raise TaxClassNotFound(field=(CLASS,))
    return class_id


def _own_vat_number(number: str | None, country: str | None) -> str | None:
    """The company's VAT number in its normal form. Raises NotApplicable without a country, and as its check."""
    if not number:
        return None
    if country is None:
        raise NotApplicable("`vat_number` needs a `tax_country`.", field=VAT_NUMBER)
    return require_vat_number(number, country) if country.upper() in COUNTRIES else number


async def _verify(_tx: Tx, _before: TaxSettings, after: TaxSettings, _currency: str) -> None:
    """Raise NotApplicable for a province or postal code without a country, and for a VAT number of another one."""
    _own_vat_number(after.vat_number, after.tax_country)
    if after.tax_country is None:
        for name in ("tax_province", "tax_postal_code"):
            if getattr(after, name) is not None:
                raise NotApplicable(f"`{name}` needs a `tax_country`.", field=name)
