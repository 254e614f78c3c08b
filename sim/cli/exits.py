"""The exit codes of the command line, and what it says of an error before it ends."""

import os
import sys

from sim.cli.printing import print_message, print_warning
from sim.cli.streams import output_fault
from sim.cli.world_faults import world_fault

DONE, FAILED, BAD_INPUT = 0, 1, 2


def report_error(error: Exception) -> int:
    """Print what is wrong and return the exit code; with SEASWEEP_DEBUG, raise an error that is not one of the input.

    No module is loaded for that, since there may be no memory for it.
    """
    problems = sys.modules.get("sim.scenario.problems")
    if problems is not None and isinstance(error, problems.InputError):
        count, error = error.count, error.of_command_line()
        print_message(f"error: {error}" if count == 1 else f"error: {count:,} problems\n{error}")
        return BAD_INPUT
    fault = world_fault(error)
    if os.environ.get("SEASWEEP_DEBUG"):
        raise error
    if fault is not None:
        print_message(f"error: {fault}")
        return FAILED
    print_message(
        f"error: seasweep failed: {type(error).__name__}: {error}\n"
        "This is a fault of seasweep: please report it with the traceback that SEASWEEP_DEBUG=1 prints."
    )
    return FAILED


def report_cache() -> None:
    """Warn of compiled code that could not be kept or used, if the command has loaded any."""
    if "sim.core.kernels.cache" in sys.modules:
        from sim.core.kernels.cache import notices

        for notice in notices():
            print_warning(notice)


def report_output() -> int:
    """Print an error if standard output could not be written to, and return the exit code, which is 0 if it could."""
    fault = output_fault()
    if fault is None:
        return DONE
    print_message(f"error: standard output could not be written to: {world_fault(fault) or fault}")
    return FAILED
