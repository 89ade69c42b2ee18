"""The settings of documents and their rules."""

from collections.abc import Callable, Mapping
from typing import Final

from domains.kernel.settings import Setting, SettingsCache, SettingsTable, number_between
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, require_text
from domains.kernel.values.countries import country_code
from domains.order import data
from domains.order.checkout.number_patterns import require_pattern
from domains.order.events import DocumentSettingsUpdated
from domains.order.invoices.languages import require_language
from domains.order.invoices.models import DocumentSettings


def _text(name: str, *, max_length: int = NAME_LENGTH) -> Setting:
    """A text that can be null. Raises Required for an empty one, TooLong."""

    def check(value: str, _currency: str) -> str:
        return require_text(value, field=(name,), max_length=max_length)

    return Setting(check, nullable=True)


def _pattern(name: str) -> Callable[[str, str], str]:
    return lambda value, _currency: require_pattern(value, field=name)


# The bounds are the same as in the constraints of the table.
SETTINGS: Final[Mapping[str, Setting]] = {
    **{name: _text(name) for name in ("legal_name", "address_line_1", "address_line_2", "city", "province")},
    **{name: _text(name) for name in ("postal_code", "registration", "email", "phone")},
    "country": Setting(lambda value, _: country_code(value), nullable=True),
    "bank_details": _text("bank_details", max_length=LINE_LENGTH),
    "footer": _text("footer", max_length=LINE_LENGTH),
    "document_language": Setting(lambda value, _: require_language(value, field=("document_language",))),
    "invoice_pattern": Setting(_pattern("invoice_pattern")),
    "credit_note_pattern": Setting(_pattern("credit_note_pattern")),
    "invoices_from": Setting(nullable=True),
    "retention_years": Setting(number_between("retention_years", 0, 30)),
}


def document_settings(cache: SettingsCache) -> SettingsTable[DocumentSettings]:
    """The settings of documents of companies."""
    return SettingsTable(cache, data.document_settings, SETTINGS, DocumentSettingsUpdated)


def names_seller(settings: DocumentSettings) -> bool:
    """Whether the settings name the seller as far as an invoice must."""
    return None not in (settings.legal_name, settings.address_line_1, settings.city, settings.country)
