"""Live prices: what carriers ask for a parcel, several carriers at once, in bounded time."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

import structlog

from domains.kernel.database import Reader
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.kernel.values.money import Money
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.models import CarrierFailure, LiveMethod
from domains.shipping.carriers.opened import OpenedCarrier, bounded
from domains.shipping.carriers.requests import Parcel, ParcelAddress, RateRequest
from domains.shipping.carriers.results import CarrierRate, CarrierRefusal

log = structlog.get_logger("domains.shipping")
RATE_TIME: Final = 4.0  # seconds, while a buyer waits
MAX_PRICE: Final = Decimal(1_000_000_000)

RatesOfCarrier = Mapping[str, Money] | CarrierFailure


class CarrierRates:
    """Asks carriers for the prices of shipping methods with live rates."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    async def of_methods(
        self,
        db: Reader,
        methods: Sequence[LiveMethod],
        *,
        origin: ParcelAddress,
        destination: ParcelAddress,
        parcel: Parcel,
        currency: str,
    ) -> Mapping[UUID, Decimal | CarrierFailure]:
        """The price of each method for a parcel, by method, rounded to the currency; or why there is none.

        To be called outside any transaction. All carriers are asked at once, each for four seconds at most. No
        statement when the carriers were read in the last five seconds, otherwise one; none without methods.
        """
        if not methods:
            return {}
        opened = await self._carriers.opened(db)
        request = RateRequest(origin, destination, parcel, currency)
        ids = list(dict.fromkeys(method.carrier_id for method in methods))
        answers = await asyncio.gather(*(_rates_of(opened.get(carrier_id), request) for carrier_id in ids))
        by_carrier = dict(zip(ids, answers, strict=True))
        return {
            method.method_id: _price(by_carrier[method.carrier_id], method.service, currency) for method in methods
        }


async def _rates_of(opened: OpenedCarrier | None, request: RateRequest) -> RatesOfCarrier:
    """The prices of one carrier by service."""
    if opened is None or opened.carrier is None or not opened.quotes_rates:
        return CarrierFailure.INACTIVE
    unanswered: Sequence[CarrierRate] | None = None
    try:
        rates = await bounded(opened.carrier.rates(request), unanswered, RATE_TIME)
    except CarrierRefusal:
        return CarrierFailure.REFUSED
    except Exception as error:  # noqa: BLE001 - an adapter that fails does not hold up the others, nor the checkout
        raise_if_cancelled()
        log.warning("a carrier gives no prices", carrier=opened.row.code, reason=type(error).__name__)
        return CarrierFailure.NO_ANSWER
    if rates is None:
        return CarrierFailure.NO_ANSWER
    return {rate.service: rate.price for rate in rates} or CarrierFailure.REFUSED


def _price(rates: RatesOfCarrier, service: str, currency: str) -> Decimal | CarrierFailure:
    if isinstance(rates, CarrierFailure):
        return rates
    price = rates.get(service)
    if price is None:
        return CarrierFailure.NO_SERVICE
    if price.currency != currency or not price.amount.is_finite() or not 0 <= price.amount < MAX_PRICE:
        return CarrierFailure.CURRENCY
    return price.rounded().amount
