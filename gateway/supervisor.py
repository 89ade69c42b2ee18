"""Several server processes on one port (`WORKERS`): starts them, replaces those that die, and stops them."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Final

import structlog

from gateway.server import DISTRIBUTES_CONNECTIONS, STOPS, PortTaken, bind, share
from gateway.settings import Settings

log = structlog.get_logger("gateway.supervisor")
RESTART_PAUSE: Final = 1.0  # seconds before a process that died is replaced
IS_READY: Final = b"1"


class ServerProcessFailed(Exception):
    """A server process ended before it served; its own output says why."""


class Supervisor:
    """Runs `WORKERS` server processes on the address of a listening socket.

    On Linux each process has a socket of its own, among which the kernel distributes connections; the first process
    has the given one. Elsewhere all processes accept connections from that one.

    Each process has a connection to this one. It sends a byte when it serves, and stops when the connection ends, so
    that no process survives its supervisor.
    """

    def __init__(self, settings: Settings, url: str, listening: socket.socket) -> None:
        self._settings = settings
        self._url = url
        self._listening = listening
        self._processes: dict[int, Process] = {}
        self._is_stopping = False

    async def run(self, on_started: Callable[[], None]) -> None:
        """Serve until a signal. Raises ServerProcessFailed when a process cannot start, and PortTaken."""
        if DISTRIBUTES_CONNECTIONS:
            share(self._listening)  # now that it listens: no other server can have the address
        self._stop_on_signals()
        ready = [asyncio.Event() for _ in range(self._settings.workers)]
        try:
            async with asyncio.TaskGroup() as group:
                for number, event in enumerate(ready):
                    group.create_task(self._keep(number, event))
                await asyncio.gather(*(event.wait() for event in ready))
                if not self._is_stopping:
                    on_started()
        except* (ServerProcessFailed, PortTaken) as failures:
            raise failures.exceptions[0] from None
        finally:
            self._end()
            await asyncio.gather(*(process.wait() for process in self._processes.values()))

    async def _keep(self, number: int, ready: asyncio.Event) -> None:
        """Run one process, and another one when it dies."""
        while not self._is_stopping:
            status = await self._serve(number, ready)
            if self._is_stopping:
                break
            if not ready.is_set():
                raise ServerProcessFailed(f"A server process ended with status {status} before it served.")
            log.error("server process died", number=number, status=status)
            await asyncio.sleep(RESTART_PAUSE)
        ready.set()

    async def _serve(self, number: int, ready: asyncio.Event) -> int:
        """Run one process to its end; returns its exit status."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._socket() as listening:
                process = self._processes[number] = await self._start(number, listening, theirs)
            if self._is_stopping:  # since before the process was there
                process.terminate()
            ours.setblocking(False)
            if await asyncio.get_running_loop().sock_recv(ours, 1) == IS_READY:
                ready.set()
            return await process.wait()

    def _socket(self) -> socket.socket:
        """The socket for a process, to be closed here once the process has it.

        The kernel would give it connections after the process has died, which no other process accepts.
        """
        if self._listening.fileno() < 0:  # a process has or had it
            return bind(self._settings.host, self._settings.port, self._settings.write_timeout, is_shared=True)
        listening = self._listening.dup()
        if DISTRIBUTES_CONNECTIONS:
            self._listening.close()
        return listening

    async def _start(self, number: int, listening: socket.socket, supervisor: socket.socket) -> Process:
        files = (listening.fileno(), supervisor.fileno())
        home = str(self._settings.commerce_home.expanduser().absolute())
        environment = {**os.environ, "COMMERCE_HOME": home, "DATABASE_URL": self._url}
        if self._settings.metrics_port is not None:
            environment["METRICS_PORT"] = str(self._settings.metrics_port + number)
        command = (sys.executable, "-m", "gateway.server_process", *map(str, files))
        # A session of its own: Ctrl+C reaches this process only, which then stops the others.
        return await asyncio.create_subprocess_exec(*command, env=environment, pass_fds=files, start_new_session=True)

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in STOPS:
            loop.add_signal_handler(each, self._stop, each.name)

    def _stop(self, name: str) -> None:
        self._is_stopping = True
        self._end()
        log.info("stopping", signal=name)  # last: it fails when the reader of the log is gone

    def _end(self) -> None:
        """Stop the processes, which answer the clients that the kernel has connected.

        The socket must not stay open here: the kernel would connect further clients, which no process accepts.
        """
        for process in self._processes.values():
            if process.returncode is None:
                process.terminate()
        self._listening.close()
