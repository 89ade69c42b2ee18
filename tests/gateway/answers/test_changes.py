"""Which answers are fresh: those loaded after the last change of what they show, in the order of commits."""

import pytest

from gateway.answers.changes import KEPT_SECONDS, MAX_TAGS, Changes


class Watch:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def changes(watch: Watch) -> Changes:
    made = Changes(watch)
    made.started(horizon=100, ceiling=100)
    return made


def test_a_commit_makes_what_was_begun_before_it_stale(changes: Changes) -> None:
    before = changes.mark()
    changes.committed(["tea"])
    after = changes.mark()
    assert not changes.are_unchanged(["cups", "tea"], before)
    assert changes.are_unchanged(["cups"], before)
    assert changes.are_unchanged(["tea"], after)


def test_a_commit_of_another_process_makes_what_was_begun_before_it_was_read_stale(changes: Changes) -> None:
    before = changes.mark()
    changes.read({104: {"tea"}}, 105, 105, began=before)
    assert not changes.are_unchanged(["tea"], before)
    assert changes.are_unchanged(["tea"], changes.mark())


def test_reading_nothing_does_not_change_anything(changes: Changes) -> None:
    before = changes.mark()
    changes.read({}, 120, 120, began=before)
    assert changes.mark().sequence == before.sequence
    assert changes.mark().horizon == 120
    assert changes.are_unchanged(["tea"], before)


def test_an_answer_of_another_process_shows_the_changes_below_its_horizon(changes: Changes) -> None:
    changes.read({104: {"tea"}}, 110, 110, began=changes.mark())
    assert not changes.are_shown(["tea"], 104)
    assert changes.are_shown(["tea"], 105)
    assert changes.are_shown(["cups"], 104)


def test_a_transaction_that_ends_late_is_not_hidden_by_a_later_one(changes: Changes) -> None:
    changes.read({107: {"tea"}}, 103, 108, began=changes.mark())  # 103 still runs
    changes.read({103: {"tea"}}, 108, 108, began=changes.mark())
    assert not changes.are_shown(["tea"], 107)
    assert not changes.are_shown(["tea"], 104)
    assert changes.are_shown(["tea"], 108)


def test_an_own_commit_is_not_shown_by_others_until_it_was_read(changes: Changes) -> None:
    began = changes.mark()  # a reading that began before the commit does not have it
    changes.committed(["tea"])
    changes.read({}, 110, 110, began=began)
    assert not changes.are_shown(["tea"], 110)
    changes.read({109: {"tea"}}, 111, 111, began=changes.mark())
    assert changes.are_shown(["tea"], 110)


def test_what_was_loaded_before_the_start_is_not_shown(changes: Changes) -> None:
    assert not changes.are_shown(["tea"], 99)
    assert changes.are_shown(["tea"], 100)


def test_a_restart_makes_everything_stale(changes: Changes) -> None:
    before = changes.mark()
    changes.started(horizon=200, ceiling=230)
    assert not changes.are_unchanged(["tea"], before)
    assert not changes.are_shown(["tea"], 229)
    assert changes.are_shown(["tea"], 230)


def test_changes_are_kept_for_minutes_and_what_is_older_is_stale(changes: Changes, watch: Watch) -> None:
    old = changes.mark()
    changes.read({104: {"tea"}}, 105, 105, began=changes.mark())
    kept = changes.mark()
    watch.now += KEPT_SECONDS + 1
    changes.read({110: {"cups"}}, 120, 121, began=changes.mark())
    assert not changes.are_unchanged(["tea"], old)
    assert not changes.are_shown(["tea"], 104)
    watch.now += KEPT_SECONDS + 1
    changes.read({125: {"cups"}}, 130, 131, began=changes.mark())
    assert not changes.are_unchanged(["plates"], kept)
    assert not changes.are_shown(["plates"], 120)
    assert changes.are_shown(["plates"], 121)
    assert not changes.are_shown(["cups"], 125)


def test_the_number_of_remembered_changes_is_bounded(changes: Changes) -> None:
    for number in range(5):
        many = {f"{number}:{index}" for index in range(MAX_TAGS // 2 + 1)}
        changes.read({200 + number: many}, 300 + number, 300 + number, began=changes.mark())
    generations = (changes._earlier, changes._later)
    assert sum(len(each.sequences) for each in generations) <= 3 * MAX_TAGS
    assert not changes.are_shown(["4:1"], 204)
