"""Recomputes what is taken off a line from the numbers in the explanation of a rule."""

import re
from decimal import Decimal

from domains.kernel.values.money import round_half_up

FREE = re.compile(r"Buy \d+, get \d+ (?:free|at (?P<share>[\d.]+) % off): (?P<units>\d+) (?:free|at [\d.]+ % off)")
PERCENTAGE = re.compile(r"from \d+: (?P<share>[\d.]+) % off")
OFF_EACH = re.compile(r"from \d+: (?P<amount>[\d.]+) \w{3} off each")
EACH = re.compile(r"from \d+: (?P<price>[\d.]+) \w{3} each")


def explained_amount(text: str, quantity: int, subtotal: Decimal, currency: str) -> Decimal | None:
    """The amount off a line of this quantity and amount, None where it also depends on other lines."""
    if match := FREE.fullmatch(text):
        share = Decimal(match["share"] or 100)
        amount = subtotal * int(match["units"]) * share / (quantity * 100)
    elif match := PERCENTAGE.fullmatch(text):
        amount = subtotal * Decimal(match["share"]) / 100
    elif match := OFF_EACH.fullmatch(text):
        amount = min(subtotal, round_half_up(Decimal(match["amount"]) * quantity, currency))
    elif match := EACH.fullmatch(text):
        amount = max(Decimal(0), subtotal - round_half_up(Decimal(match["price"]) * quantity, currency))
    else:
        return None
    return round_half_up(amount, currency)
