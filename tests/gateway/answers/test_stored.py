"""The form of answers in Redis: a value of another key or company, or a malformed one, is refused."""

from uuid import UUID

import pytest

from gateway.answers.changed_tags import MAX_TAGS, answer_tags
from gateway.answers.stored import from_bytes
from tests.gateway.answers.samples import CUPS, SHOP, TEA, answer, key, request


def test_an_answer_is_the_same_after_it_was_stored() -> None:
    made = answer(body=b'{"data":\n{}}', horizon=12345, expires_at=1_800_000_000.5)
    read = from_bytes(made.to_bytes(), request())
    assert read is not None
    for name in ("request", "body", "tags", "horizon", "expires_at", "etag"):
        assert getattr(read, name) == getattr(made, name)


def test_the_answer_to_another_question_is_refused() -> None:
    assert from_bytes(answer("cups").to_bytes(), request("tea")) is None


def test_the_answer_of_another_company_is_refused() -> None:
    other = UUID(int=8)
    forged = answer().to_bytes().replace(request().digest.encode(), request(company=other).digest.encode())
    assert from_bytes(forged, request(company=other)) is None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\n",
        b"{}\n{}",
        b"[]\n{}",
        b"12",
        b"\xff\xfe\n",
        b'{"key": null, "tags": 3}\n',
        answer().to_bytes().replace(b'"horizon":100', b'"horizon":"x"'),
        answer().to_bytes().partition(b"\n")[0],
    ],
)
def test_a_malformed_value_is_refused(value: bytes) -> None:
    assert from_bytes(value, request()) is None


def test_a_key_is_that_of_its_company_document_operation_and_variables() -> None:
    digests = {
        key().digest(),
        key("cups").digest(),
        key(company=UUID(int=8)).digest(),
        type(key())(SHOP, "{ shop { name } }", "Tea", {"slug": "tea"}).digest(),
        type(key())(SHOP, key().document, None, {"slug": "tea"}).digest(),
    }
    assert len(digests) == 5
    one, same = ({"a": 1, "b": [2, {"c": 3, "d": 4}]}, {"b": [2, {"d": 4, "c": 3}], "a": 1})
    assert type(key())(SHOP, "{}", None, one).digest() == type(key())(SHOP, "{}", None, same).digest()


def test_an_answer_with_very_many_objects_depends_on_all_of_their_kind() -> None:
    few = answer_tags(SHOP, [f"product:{TEA}", f"stock:{CUPS}"])
    assert few == {f"{SHOP}/product:{TEA}", f"{SHOP}/stock:{CUPS}", f"{SHOP}/shop:*", "*/shop:*"}
    many = answer_tags(SHOP, [f"stock:{UUID(int=number)}" for number in range(MAX_TAGS + 1)])
    assert many == {f"{SHOP}/stock:*", "*/stock:*", f"{SHOP}/shop:*", "*/shop:*"}
