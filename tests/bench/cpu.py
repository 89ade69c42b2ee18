"""The CPU time of processes, from /proc: user and system together, with that of their children."""

import os
from pathlib import Path
from typing import Final

_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """The CPU time of a process, of its children, and of those that have ended (seconds)."""
    return sum(map(_own_seconds, (pid, *children_of(pid))))


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that run."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]


def postmaster_of(folder: Path) -> int:
    """The main process of the PostgreSQL whose data is in a folder."""
    return int((folder / "postmaster.pid").read_text().split()[0])


def _own_seconds(pid: int) -> float:
    """User, system, and both of waited-for children; 0 when the process has just ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) * _TICK
