"""Response times of a small request while the most expensive documents are sent repeatedly."""

import asyncio
import itertools
from collections.abc import Iterator

from tests.bench.load import Connection, Measured, Request, measure

CANARY = Request.graphql("canary", "{ shop { name } }", is_numbered=True)
SCALARS = " ".join(f"s{i}: name" for i in range(15))


def nested_introspection(number: int) -> str:
    """Types of fields of types under many names."""
    below = " ".join(f"f{i}: fields {{ type {{ {SCALARS} }} }}" for i in range(14))
    return f"query Q{number} {{ __schema {{ types {{ {below} }} }} }}"


def overlapping_fields(number: int) -> str:
    """One field ten times with the same selection, under fourteen names."""
    inner = "variants { id name sku stock price { amount } } " * 10
    aliases = " ".join(f"a{i}: products(first: 1) {{ nodes {{ {inner} }} }}" for i in range(14))
    return f"query Q{number} {{ {aliases} }}"


def long_lists(number: int) -> str:
    """All types of the schema, over and over."""
    return f"query Q{number} {{ __schema {{ " + " ".join(f"t{i}: types {{ name }}" for i in range(320)) + " } }"


def doubling_fragments(number: int) -> str:
    """Each fragment spreads the next one twice."""
    chain = " ".join(
        f"fragment F{i} on Category {{ a: parent {{ ...F{i + 1} }} b: parent {{ ...F{i + 1} }} }}" for i in range(8)
    )
    return f"query Q{number} {{ categoryTree {{ ...F0 }} }} {chain} fragment F8 on Category {{ id }}"


def many_values(number: int) -> str:
    """A hundred products with all their variants, whose prices are asked for under many names."""
    prices = " ".join(f"p{i}: price {{ amount currency }}" for i in range(20))
    return f"query Q{number} {{ products(first: 100) {{ nodes {{ variants {{ id sku {prices} }} }} }} }}"


def errors_below_lines(number: int) -> str:
    """Fields that a guest may not see, thousands of lines below the first."""
    asked = " ".join(f"a{i}: products(first: 4) {{ nodes {{ inventory {{ id }} }} }}" for i in range(25))
    lines = "\n" * 4_900
    return f"query Q{number} {{ {lines} {asked} }}"


def unknown_names(number: int) -> str:
    """Hundreds of fields that do not exist, each of which is nearly one that does."""
    return f"query Q{number} {{ " + " ".join(f"product{i}" for i in range(900)) + " }"


ATTACKS = (
    nested_introspection,
    long_lists,
    overlapping_fields,
    doubling_fragments,
    many_values,
    errors_below_lines,
    unknown_names,
)


async def compare(port: int, seconds: float) -> dict[str, dict[str, float]]:
    """The canary alone, and beside each attack; `times_p99` is how many times longer its 99th percentile is."""
    alone = await measure(port, CANARY, concurrency=1, seconds=seconds)
    report = {"alone": alone.as_json()}
    for attack in ATTACKS:
        numbers = itertools.count()
        requests = (Request.graphql(attack.__name__, attack(number)) for number in numbers)
        beside = await _beside(port, requests, seconds)
        report[attack.__name__] = {
            **beside.as_json(),
            "times_p50": round(beside.p50_ms / alone.p50_ms, 2),
            "times_p99": round(beside.p99_ms / alone.p99_ms, 2),
        }
    return report


async def _beside(port: int, attacks: Iterator[Request], seconds: float) -> Measured:
    """The canary while attacks are sent. Raises what ended them early: beside none, it would be measured alone."""
    connection = await Connection.open(port)

    async def repeat() -> None:
        for attack in attacks:
            await connection.exchange(attack)

    attacking = asyncio.create_task(repeat())
    try:
        measured = await measure(port, CANARY, concurrency=1, seconds=seconds)
        if attacking.done():
            attacking.result()
        return measured
    finally:
        attacking.cancel()
        connection.close()
