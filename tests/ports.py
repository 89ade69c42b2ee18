"""Ports for programs that tests and benchmarks start."""

import random
import socket

# Below the ephemeral ports, which the kernel uses for outgoing connections and for port 0.
CHOICE = range(20_000, 30_000)


def free_port() -> int:
    """A port without a listener, which other programs are unlikely to get."""
    for port in random.sample(CHOICE, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("There is no free port.")
