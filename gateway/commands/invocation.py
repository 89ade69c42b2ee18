"""Running a command: its settings, and errors that the user can fix as one message without a traceback."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from gateway.commands.output import write_lines
from gateway.settings import BadSettings, Settings, load

T = TypeVar("T")
Home = Annotated[
    Path | None, typer.Option(help="The folder of the embedded database and local files (COMMERCE_HOME).")
]


def settings_of(**given: Any) -> Settings:
    """The settings of the environment, overridden by options. Raises BadSettings."""
    settings = load(**given)
    settings.require_home()
    return settings


def invoke(work: Callable[[], T]) -> T:
    """Run a command; exits with 2 and a message after an error that the user can fix."""
    from domains.kernel.errors import DomainError  # noqa: PLC0415 - not for `--help`
    from domains.kernel.fail_points import FailPointInvalid  # noqa: PLC0415 - same
    from gateway.commands.export_files import ExportFailed  # noqa: PLC0415 - same
    from gateway.commands.jobs import UnknownJob  # noqa: PLC0415 - same
    from gateway.infra.embedded_postgres import EmbeddedPostgresFailed  # noqa: PLC0415 - same
    from gateway.infra.migrations import MigrationFailed, SchemaMismatch  # noqa: PLC0415 - same
    from gateway.infra.postgres import DatabaseUnavailable  # noqa: PLC0415 - same
    from gateway.infra.rabbitmq import BrokerUnavailable  # noqa: PLC0415 - same
    from gateway.infra.server_lock import ServersShareNothing  # noqa: PLC0415 - same
    from gateway.monitoring.metrics import MetricsNotServed  # noqa: PLC0415 - same
    from gateway.operations.manifests import OperationsInvalid  # noqa: PLC0415 - same
    from gateway.server import PortTaken  # noqa: PLC0415 - same
    from gateway.supervisor import ServerProcessFailed  # noqa: PLC0415 - same

    try:
        return work()
    except (
        BadSettings,
        BrokerUnavailable,
        DomainError,
        DatabaseUnavailable,
        EmbeddedPostgresFailed,
        ExportFailed,
        FailPointInvalid,
        MetricsNotServed,
        MigrationFailed,
        OperationsInvalid,
        SchemaMismatch,
        PortTaken,
        ServerProcessFailed,
        ServersShareNothing,
        UnknownJob,
    ) as error:
        write_lines(str(error).split("\n"), sys.stderr)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
