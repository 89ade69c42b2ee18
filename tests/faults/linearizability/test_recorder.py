"""The recorder: an operation has the time before its request and the time of its answer."""

from tests.faults.linearizability.history import Operation
from tests.faults.linearizability.recorder import Recorder


def test_operations_are_recorded_by_object_with_seconds_since_the_start() -> None:
    clock = iter([100.0, 101.0, 102.5, 103.0])
    recorder = Recorder(lambda: next(clock))
    invoked = recorder.now()
    recorder.answered("a SKU", "client", "read", 1, invoked=invoked)
    recorder.unanswered("a code", "client", "use", invoked=recorder.now())
    assert recorder.histories == {
        "a SKU": [Operation("client", "read", 1, 1.0, 2.5)],
        "a code": [Operation.unanswered("client", "use", 3.0)],
    }
