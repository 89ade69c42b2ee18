"""Invalid options of the command line."""

import pytest
from typer.testing import CliRunner

from gateway.cli import app


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["doctor", "--sku", "A", "--order", "1"], "either --sku or --order"),
        (["doctor", "--company", "main"], "--company only with --sku or --order"),
    ],
)
def test_contradictory_options_of_the_doctor_are_refused(words: list[str], message: str) -> None:
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, message in done.output) == (2, True)


def test_an_unknown_export_names_the_available_ones() -> None:
    done = CliRunner().invoke(app, ["export", "customers"])
    assert done.exit_code == 2
    assert "'customers' is not one of products, stock, orders." in done.output
    assert "Value error" not in done.output


def test_every_command_has_a_description() -> None:
    commands = CliRunner().invoke(app, ["--help"]).output.split("Commands:")[1].strip().splitlines()
    for line in commands:
        shown = CliRunner().invoke(app, [line.split()[0], "--help"])
        assert (shown.exit_code, "Usage:" in shown.output) == (0, True), line
