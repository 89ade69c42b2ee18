"""The sockets with which server processes listen on one port, and servers that want the port of another."""

import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway import supervisor
from gateway.server import PortTaken, bind, listen_on, share
from gateway.settings import load
from gateway.supervisor import Supervisor
from tests.ports import free_port

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux distributes connections among sockets")


def first_socket(port: int) -> socket.socket:
    """The socket with which a server with several processes begins."""
    bound = bind("127.0.0.1", port)
    listen_on(bound)
    if sys.platform == "linux":
        share(bound)
    return bound


def sockets(first: socket.socket, tmp_path: Path) -> list[socket.socket]:
    """Those of three processes that a supervisor starts."""
    settings = load({}, commerce_home=tmp_path, port=first.getsockname()[1])
    supervising = Supervisor(settings, "", first)
    return [supervising._socket() for _ in range(3)]


def identities(opened: list[socket.socket]) -> set[int]:
    return {os.fstat(each.fileno()).st_ino for each in opened}


@linux_only
def test_each_process_gets_a_socket_of_its_own_which_the_supervisor_does_not_keep(tmp_path: Path) -> None:
    with first_socket(free_port()) as first, ExitStack() as stack:
        opened = [stack.enter_context(each) for each in sockets(first, tmp_path)]
        assert len(identities(opened)) == 3
        assert {each.getsockname() for each in opened} == {opened[0].getsockname()}
        assert first.fileno() == -1


def test_elsewhere_all_processes_get_the_same_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "DISTRIBUTES_CONNECTIONS", False)
    with first_socket(free_port()) as first, ExitStack() as stack:
        opened = [stack.enter_context(each) for each in sockets(first, tmp_path)]
        assert identities(opened) == identities([first])


@linux_only
def test_a_port_is_taken_for_others_while_its_server_lets_sockets_of_its_own_join(tmp_path: Path) -> None:
    port = free_port()
    with bind("127.0.0.1", port) as other, first_socket(port) as first, ExitStack() as stack:
        for each in sockets(first, tmp_path):
            listen_on(stack.enter_context(each))
        with pytest.raises(PortTaken, match="cannot be used"):
            listen_on(other)  # bound before the first one listened
        with pytest.raises(PortTaken, match="cannot be used"):
            bind("127.0.0.1", port)
