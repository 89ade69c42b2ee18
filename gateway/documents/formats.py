"""Numbers, money, days and countries in the language of a document."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from gateway.documents.texts import Texts, texts_of


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats and texts of one language tag. A language without texts has those and the formats of English."""

    locale: Locale
    texts: Texts

    def money(self, amount: str, currency: str) -> str:
        """An amount with its currency; a unit price with more decimals keeps them."""
        value = Decimal(amount)
        usual = format_currency(value, currency, locale=self.locale)
        exact = format_currency(value, currency, locale=self.locale, decimal_quantization=False)
        return max(usual, exact, key=len)

    def percent(self, rate: str) -> str:
        """A rate such as 0.055 as 5.5 %."""
        return format_percent(Decimal(rate), locale=self.locale, decimal_quantization=False)

    def number(self, value: int) -> str:
        """A whole number."""
        return format_decimal(value, locale=self.locale)

    def day(self, day: str) -> str:
        """A day in ISO 8601."""
        return format_date(date.fromisoformat(day), format="medium", locale=self.locale)

    def country(self, code: str) -> str:
        """The name of a country; its code when it has none."""
        name: str = self.locale.territories.get(code, code)
        return name


@lru_cache(maxsize=256)
def formats_of(language: str) -> Formats:
    """The formats for a tag of BCP 47: of its region where Babel knows it, otherwise of its language."""
    texts = texts_of(language)
    tags = [language, language.split("-", maxsplit=1)[0]] if language.lower().startswith(texts.language) else []
    for tag in tags:
        try:
            return Formats(Locale.parse(tag, sep="-"), texts)
        except (UnknownLocaleError, ValueError):
            continue
    return Formats(Locale.parse(texts.language), texts)
