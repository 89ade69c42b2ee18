"""Fail-points do nothing until they are armed, and each is reached by one place in the code."""

import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domains.kernel.fail_points import POINTS, FailPointInvalid, FailPointReached, arm, reach
from gateway.settings import BadSettings, load

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm([])


def test_other_points_than_the_armed_one_do_nothing() -> None:
    for point in POINTS:
        reach(point)
    arm(["relay.claimed:raise:1"])
    for point in POINTS - {"relay.claimed"}:
        reach(point)
    with pytest.raises(FailPointReached):
        reach("relay.claimed")


def test_an_armed_point_acts_at_the_nth_time_only() -> None:
    arm(["relay.claimed:raise:3"])
    reach("relay.claimed")
    reach("relay.claimed")
    with pytest.raises(FailPointReached, match=r"relay\.claimed"):
        reach("relay.claimed")
    reach("relay.claimed")


def test_an_armed_point_kills_the_process() -> None:
    code = (
        "from domains.kernel.fail_points import arm, reach; "
        "arm(['relay.claimed:kill:1']); reach('relay.claimed'); print(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")


@pytest.mark.parametrize(
    "point", ["relay", "relay.claimed", "tea.made:kill:1", "relay.claimed:explode:1", "relay.claimed:kill:0"]
)
def test_an_invalid_point_is_refused(point: str) -> None:
    with pytest.raises(FailPointInvalid):
        arm([point])


def test_points_need_the_testing_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL_POINTS", "relay.claimed:kill:1")
    with pytest.raises(BadSettings, match="needs TESTING=true"):
        load()
    monkeypatch.setenv("TESTING", "true")
    assert load().fail_points == ("relay.claimed:kill:1",)


def test_each_point_is_reached_in_one_place() -> None:
    sources = [path.read_text() for folder in ("domains", "gateway") for path in (ROOT / folder).rglob("*.py")]
    reached = Counter(name for source in sources for name in re.findall(r'\breach\("([\w.]+)"\)', source))
    assert reached == dict.fromkeys(POINTS, 1)
    assert len(POINTS) >= 15
