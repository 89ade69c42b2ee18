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
    assert (
        "'customers' is not one of products, stock, orders, journal, tax-rates, coupon-codes, stock-takes."
        in done.output
    )
    assert "Value error" not in done.output


def commands_of(*group: str) -> list[str]:
    """The lines of the commands in the help of the program or of a group."""
    shown = CliRunner().invoke(app, [*group, "--help"])
    assert (shown.exit_code, "Usage:" in shown.output) == (0, True), group
    return shown.output.partition("Commands:\n")[2].splitlines()


def test_every_command_has_a_description_that_is_shown_whole() -> None:
    lines = commands_of()
    lines += [line for name in lines for line in commands_of(name.split()[0])]
    assert len(lines) > 20
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []
