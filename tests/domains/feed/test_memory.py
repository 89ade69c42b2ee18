"""Readers keep one product in memory, for a file of any length."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from domains.feed.csv.rows import RowReader
from domains.feed.errors import UnreadableFile
from domains.feed.imports.products import read_products
from domains.feed.imports.row_groups import SplitGroups
from domains.feed.models import FeedProduct
from domains.kernel.values.money import UnitPrices

MEGABYTE = 1_048_576


def many_rows(products: int, variants: int = 2) -> Iterator[bytes]:
    yield b"Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\n"
    for number in range(products):
        first = f"mug-{number},Mug {number},<p>Clay mug</p>,Size,0,9.90,{number}\n"
        rest = (f"mug-{number},,,,{size},9.90,3\n" for size in range(1, variants))
        yield "".join([first, *rest]).encode()


def peak_of(products: int) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        reader = RowReader(many_rows(products))
        assert sum(1 for _ in read_products(reader, UnitPrices("EUR", 2))) == products
        assert reader.count == 2 * products
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peak_of_file(rows: Callable[[int], Iterator[bytes]], products: int) -> int:
    """The memory that reading a file of products with three variants each takes, which it reads twice."""
    gc.collect()
    tracemalloc.start()
    try:
        reader = RowReader(rows(products))
        split_groups = SplitGroups(reader.heading.dialect.groups())
        split_groups.scan(reader)
        read = read_products(RowReader(rows(products)), UnitPrices("EUR", 2), split_groups)
        assert sum(len(product.variants) for product in read if isinstance(product, FeedProduct)) == 3 * products
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_ten_times_the_rows_needs_only_one_more_hash_per_product() -> None:
    small, large = peak_of(200), peak_of(2_000)
    assert large - small < 2_000 * 250


def test_reading_a_hundred_thousand_rows_keeps_no_more_objects_than_ten_thousand() -> None:
    reader = RowReader(many_rows(10_000, 10))
    object_counts = []
    for number, _ in enumerate(read_products(reader, UnitPrices("EUR", 2))):
        if number in {999, 9_999}:
            gc.collect()
            object_counts.append(sys.getallocatedblocks())
    assert reader.count == 100_000
    a_hash_a_product = 9_000
    assert object_counts[1] - object_counts[0] < a_hash_a_product + 1_000


def test_an_overlong_record_is_refused_before_it_fills_memory() -> None:
    def endless() -> Iterator[bytes]:
        yield b'Handle,Title,Variant Price\nmug,"'
        yield from (b"clay\n" * 13_000 for _ in range(1_000))

    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match="Line 2: The row that begins here is too long"):
            list(RowReader(endless()))
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_variations_far_from_their_products_are_buffered_on_disk() -> None:
    def shuffled(products: int) -> Iterator[bytes]:
        yield b"ID,Type,SKU,Name,Regular price,Parent,Description,Attribute 1 name,Attribute 1 value(s)\n"
        body = "clay " * 200
        for place, size in enumerate("SML"):
            for number in range(products):
                yield f"{number}{place}9,variation,,V,9,id:{number},,Size,{size}\n".encode()
        yield from (
            f'{number},variable,P-{number},P,,,{body},Size,"S, M, L"\n'.encode() for number in range(products)
        )

    small, large = peak_of_file(shuffled, 200), peak_of_file(shuffled, 2_000)
    assert large - small < 1_800 * 500


def test_scattered_rows_are_buffered_on_disk() -> None:
    def shuffled(products: int) -> Iterator[bytes]:
        yield b"Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant Price\n"
        for size in range(3):
            head = "Mug,{},Size".format("clay " * 200) if size == 0 else ",,"
            yield from (f"mug-{number},{head},{size},9.90\n".encode() for number in range(products))

    small, large = peak_of_file(shuffled, 200), peak_of_file(shuffled, 2_000)
    assert large - small < 1_800 * 500
