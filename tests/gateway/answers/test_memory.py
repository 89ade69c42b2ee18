"""The memory of answers: bounded in octets, emptied by tags, and found by the bytes of a request."""

from gateway.answers.changed_tags import changed_tags
from gateway.answers.memory import AnswerMemory
from tests.gateway.answers.samples import CUPS, SHOP, TEA, answer, request

MEGABYTE = 1024 * 1024


def test_an_answer_is_found_until_it_expires() -> None:
    memory, made = AnswerMemory(MEGABYTE), answer(expires_at=50.0)
    memory.add(made)
    assert memory.get(made.request.digest, 49.9) is made
    assert memory.get(made.request.digest, 50.0) is None
    assert (memory.size, len(memory)) == (0, 0)


def test_a_change_removes_the_answers_that_show_it() -> None:
    memory = AnswerMemory(MEGABYTE)
    tea, cups = answer("tea"), answer("cups", tags=[f"product:{CUPS}"])
    both = answer("both", tags=["product:*"])
    for each in (tea, cups, both):
        memory.add(each)
    memory.invalidate(changed_tags("product.updated", SHOP, {"product_id": TEA, "fields": []}))
    assert [memory.get(each.request.digest, 0) for each in (tea, cups, both)] == [None, cups, None]
    memory.invalidate(changed_tags("category.changed", SHOP, {}))
    assert (memory.size, len(memory), dict(memory._by_tag)) == (0, 0, {})


def test_a_change_of_another_company_removes_nothing() -> None:
    memory, made = AnswerMemory(MEGABYTE), answer(tags=["product:*", "review:*"])
    memory.add(made)
    memory.invalidate(changed_tags("category.changed", TEA, {}))
    memory.invalidate(changed_tags("product.updated", TEA, {"product_id": CUPS}))
    assert memory.get(made.request.digest, 0) is made


def test_a_person_may_have_written_reviews_in_every_company() -> None:
    memory, made = AnswerMemory(MEGABYTE), answer(tags=["review:*"])
    memory.add(made)
    memory.invalidate(changed_tags("user.erased", None, {"user_id": TEA, "platform": True}))
    assert len(memory) == 0


def test_the_least_recently_used_are_evicted_above_the_limit() -> None:
    memory = AnswerMemory(MEGABYTE)
    body = b"x" * 30_000
    made = [answer(str(number), body=body) for number in range(40)]
    for each in made:
        memory.add(each)
        memory.get(made[0].request.digest, 0)
        assert memory.size <= MEGABYTE
    assert memory.get(made[0].request.digest, 0) is made[0]
    assert memory.get(made[1].request.digest, 0) is None
    assert memory.get(made[-1].request.digest, 0) is made[-1]
    assert len(memory) > 25
    assert memory.size == sum(each.size for each in memory._answers.values())


def test_one_huge_answer_does_not_evict_the_others() -> None:
    memory, small, huge = AnswerMemory(MEGABYTE), answer("small"), answer("huge", body=b"x" * 100_000)
    memory.add(small)
    memory.add(huge)
    assert memory.get(huge.request.digest, 0) is None
    assert memory.get(small.request.digest, 0) is small


def test_an_answer_replaces_the_one_before_it() -> None:
    memory, first, second = AnswerMemory(MEGABYTE), answer(body=b"1"), answer(body=b"22", tags=["product:*"])
    memory.add(first)
    memory.add(second)
    assert memory.size == second.size
    memory.invalidate([f"{SHOP}/product:{TEA}"])
    assert memory.get(request().digest, 0) is second


def test_requests_lead_to_an_answer_and_are_bounded_too() -> None:
    memory, made = AnswerMemory(MEGABYTE), answer()
    memory.add(made)
    for number in range(1_000):
        memory.add_request(("POST", number), 1_000, made.request.digest)
    assert memory.find(("POST", 999), 0) is made
    assert memory.find(("POST", 1), 0) is None
    assert memory._request_size <= MEGABYTE // 4
    memory.clear_requests()
    assert memory.find(("POST", 999), 0) is None
    assert memory.get(made.request.digest, 0) is made
