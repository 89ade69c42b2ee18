"""Races run once, or as often in a row as the environment's `RACE_RUNS` says: `RACE_RUNS=20 pytest <file>`."""

import os
from typing import Final

import pytest

RUNS: Final = int(os.environ.get("RACE_RUNS", "1"))
# For a test with an argument `run`; each run makes a company of its own.
repeated = pytest.mark.parametrize("run", range(RUNS))
