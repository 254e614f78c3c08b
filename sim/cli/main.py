"""The command line as a whole: its commands, and what becomes of an error or an interruption of one."""

import logging
import os
import sys
import warnings
from collections.abc import Sequence

import click

from sim.cli.deciding import decide
from sim.cli.exits import BAD_INPUT, DONE, report_cache, report_error, report_output
from sim.cli.exploiting import exploit
from sim.cli.exporting import export
from sim.cli.files import check, new, runs, scenarios, schema, show
from sim.cli.groups import CommandGroup
from sim.cli.importing import import_
from sim.cli.inferring import infer
from sim.cli.interrupts import exit_code_of
from sim.cli.observing import eyes
from sim.cli.plotting import PlotGroup
from sim.cli.printing import print_usage_error, show_warning
from sim.cli.progress import compiling_shown
from sim.cli.reporting import report
from sim.cli.simulations import compare, demo, run, sweep, verify
from sim.cli.streams import prepare_streams


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="seasweep", message="seasweep %(version)s")
def cli() -> None:
    """Estimate how many ship-to-ship transfers patrols detect and document, and what would change that.

    Begin with `seasweep demo`. `seasweep COMMAND --help` explains a command.
    """


@click.group(cls=PlotGroup)
def plot() -> None:
    """Draw the results of a run or a study, or a planned route.

    The ending of the output file (.png, .svg or .pdf) decides its format.
    """


_COMMANDS = (
    *(
        scenarios,
        show,
        new,
        check,
        schema,
        run,
        demo,
        verify,
        compare,
        sweep,
        decide,
        exploit,
        infer,
        eyes,
        runs,
        plot,
        report,
        export,
        import_,
    ),
)
for _command in _COMMANDS:
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    It is 0 when all is done, 1 when something failed, 2 for bad input, and 128 plus the number of a signal that ended
    the command, which makes 130 for Ctrl-C.
    """
    prepare_streams()
    with compiling_shown():
        code = exit_code_of(lambda: _answer(list(sys.argv[1:] if arguments is None else arguments)))
    code = report_output() or code
    report_cache()
    return code


def _answer(arguments: list[str]) -> int:
    """Run a command and return its exit code. Errors are printed; an interruption is raised."""
    try:
        if "_SEASWEEP_COMPLETE" in os.environ:
            cli.main(prog_name="seasweep")  # the shell asks how a command line may go on: Click answers and exits
        with warnings.catch_warnings(), cli.make_context("seasweep", arguments) as context:
            warnings.showwarning = show_warning
            logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its advice on folders is for programmers
            cli.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.Abort:
        raise
    except click.ClickException as error:
        print_usage_error(error)
        return BAD_INPUT
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception as error:
        return report_error(error)
    return DONE
