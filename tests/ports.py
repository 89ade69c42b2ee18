"""Ports for programs that tests and benchmarks start."""

import random
import socket

# Below those that the kernel gives to outgoing connections and to whoever binds port 0, here or in another test.
CHOICE = range(20_000, 30_000)


def free_port() -> int:
    """A port that nothing listens on now, and that hardly anything else will be given."""
    for port in random.sample(CHOICE, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("No free port was found.")
