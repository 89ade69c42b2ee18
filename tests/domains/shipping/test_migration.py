"""The flat rate of each company becomes a zone of the whole world, and its carts cost the same."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from domains.company.service import CompanyService
from domains.kernel.clock import SystemClock
from domains.kernel.database import Reader
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.models import Consignment
from domains.shipping.service import ShippingService
from domains.tax.models import Destination
from domains.tax.service import TaxService
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected, open_pool
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

D = Decimal
COMPANY: Final = (
    "insert into companies (id, name, slug, currency, updated_at) values ($1, 'A', $1::uuid::text, $2, now())"
)
FLAT: Final = "insert into shipping_settings (company_id, flat_shipping, free_shipping_threshold) values ($1, $2, $3)"
# By currency: the flat rate and the threshold of a company, None for one that never changed them.
RATES: Final[dict[str, tuple[Decimal, Decimal | None] | None]] = {
    "EUR": (D("4.9"), D(50)),
    "KWD": (D("1.525"), None),
    "JPY": (D(0), D(1000)),
    "USD": (D(0), None),
    "GBP": None,
}
SUBTOTALS: Final = (D(0), D("49.99"), D(50), D(2000))
ZONES: Final = "select name, type::text, is_active from shipping_zones where company_id = $1"


def earlier_price(currency: str, subtotal: Decimal) -> Decimal:
    """The price of shipping before the migration."""
    price, free_from = RATES[currency] or (D(0), None)
    return D(0) if free_from is not None and subtotal >= free_from else price


async def test_a_flat_rate_becomes_a_zone_at_the_same_prices(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before("20261201070100_flat_shipping_zones", tmp_path))
    companies = {currency: new_id() for currency in RATES}
    async with connected(empty_database) as connection:
        for currency, company in companies.items():
            await connection.execute(COMPANY, company, currency)
            if (rate := RATES[currency]) is not None:
                await connection.execute(FLAT, company, *rate)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        found = {each: [tuple(row) for row in await connection.fetch(ZONES, companies[each])] for each in companies}
    everywhere = [("Everywhere", "REST_OF_WORLD", True)]
    assert found == {"EUR": everywhere, "KWD": everywhere, "JPY": everywhere, "USD": [], "GBP": []}
    pool = await open_pool(empty_database)
    try:
        prices = {currency: await _prices(Reader(pool, company)) for currency, company in companies.items()}
    finally:
        await pool.close()
    assert prices == {each: [earlier_price(each, subtotal) for subtotal in SUBTOTALS] for each in RATES}


async def _prices(reader: Reader) -> list[Any]:
    clock = SystemClock()
    cache = SettingsCache(clock)
    company = CompanyService(clock, cache)
    shipping = ShippingService(company, TaxService(company, cache, clock), cache, CarrierAdapters(), clock)
    sale = (await shipping.of_sales(reader, [Destination("FR")]))[Destination("FR")]
    options = [sale.option(Consignment(D(1), 1, subtotal)) for subtotal in SUBTOTALS]
    return [None if option is None else option.price for option in options]
