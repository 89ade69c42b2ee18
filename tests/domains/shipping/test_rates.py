"""The cost of shipping."""

from decimal import Decimal

from domains.company.service import CompanyService
from domains.kernel.clock import FixedClock
from domains.kernel.database import Reader, Tx
from domains.kernel.settings import SettingsCache
from domains.kernel.values.money import Money
from domains.shipping.models import ShippingRate
from domains.shipping.service import ShippingService


def test_shipping_is_free_from_the_threshold_and_rounded_below_it() -> None:
    rate = ShippingRate(Money(Decimal("4.9"), "EUR"), Decimal(50))
    assert (rate.cost(Decimal("49.99")), rate.cost(Decimal(50))) == (Decimal("4.90"), Decimal(0))
    assert ShippingRate(Money(Decimal(5), "JPY")).cost(Decimal(10**9)) == 5


async def test_the_shipping_rate_follows_the_settings_in_the_companys_currency(
    tx: Tx, reader: Reader, clock: FixedClock
) -> None:
    settings = SettingsCache(clock)
    shipping = ShippingService(CompanyService(clock, settings), settings)
    assert await shipping.rate(reader) == ShippingRate(Money(Decimal(0), "EUR"))
    changes = {"flat_shipping": Decimal("4.9"), "free_shipping_threshold": Decimal(50)}
    await shipping.settings.update(tx, changes, "EUR")
    assert await shipping.rate(tx) == ShippingRate(Money(Decimal("4.90"), "EUR"), Decimal(50))
