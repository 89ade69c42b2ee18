"""What is remembered of products is bounded by its size, which is estimated from documents."""

import gc
import tracemalloc
from typing import Any

import orjson
import pytest

from domains.catalog.documents.content import Document
from domains.kernel.caches.memory import Memory
from domains.kernel.ids import new_id

TIME = "2026-11-29T10:00:00.123456+00:00"
COPIES = 200
MEASURES = ("1.250", "20.0", "10.0", "5.5")


def text_of(variants: int, attributes: int, length: int) -> str:
    """A document with texts of about this length."""

    def text() -> str:
        return "w" * length + new_id().hex[-4:]

    own: dict[str, Any] = {name: text() for name in ("slug", "brand")}
    own |= dict.fromkeys(("compare_at_price", "model", "sku", "archived_at"))
    own |= {
        "base_price": "10.0000",
        "currency": "EUR",
        "images": [text(), text()],
        "rating_sum": 9,
        "review_count": 2,
    }
    own |= {"is_tracked": True, "is_active": True, "is_featured": False, "is_gift_card": False}
    own |= {"weight": "1.250", "length": "20.0", "width": "10.0", "height": "5.5", "requires_shipping": True}
    own |= {"created_at": TIME, "updated_at": TIME}
    own |= {
        "category_id": str(new_id()),
        "variants": [
            [str(new_id()), text(), "0.0000", None, [], True, True, index, *MEASURES, TIME, TIME]
            for index in range(variants)
        ],
        "attributes": [str(new_id()) for _ in range(attributes)],
    }
    words: list[Any] = [[text(), [{"name": "Size", "value": text()}], None, text(), {}] for _ in range(variants)]
    values = [[text(), text(), None] for _ in range(attributes)]
    texts = {"name": text(), "tags": [text()], "image_alt_texts": {}, "variants": words, "attributes": values}
    return orjson.dumps(own | {"texts": {"": texts}}).decode()


@pytest.mark.parametrize(
    ("variants", "attributes", "length"), [(0, 0, 8), (3, 2, 12), (20, 10, 20), (100, 5, 10), (3, 3, 100)]
)
def test_the_size_of_a_document_is_estimated(variants: int, attributes: int, length: int) -> None:
    texts, company_id, category = [text_of(variants, attributes, length) for _ in range(COPIES)], new_id(), Any
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        documents = [Document(company_id, new_id(), 1, text) for text in texts]
        for document in documents:
            for with_drafts in (True, False):
                document.product(category, 1, with_drafts=with_drafts, is_committed=True)  # type: ignore[arg-type] # of no size
        used = (tracemalloc.get_traced_memory()[0] - before) / COPIES
    finally:
        tracemalloc.stop()
    assert used <= documents[0].size <= used * 1.7


def test_the_least_recently_used_value_is_forgotten_at_the_limit() -> None:
    memory: Memory[str, str] = Memory(10)
    for key in "abc":
        memory.add(key, key, 3)
    assert memory.get("a") == "a"
    memory.add("d", "d", 3)
    assert [memory.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    assert (memory.size, len(memory)) == (9, 3)
    memory.add("a", "A", 4)
    assert (memory.get("a"), memory.size) == ("A", 10)
    memory.add("e", "e", 11)
    assert (memory.get("e"), memory.size) == (None, 10)
    memory.add("a", "B", 11)
    assert (memory.get("a"), memory.size) == (None, 6)


def test_nothing_is_remembered_without_a_memory() -> None:
    memory: Memory[str, str] = Memory(0)
    memory.add("a", "a", 1)
    assert (memory.get("a"), memory.size, len(memory)) == (None, 0, 0)
