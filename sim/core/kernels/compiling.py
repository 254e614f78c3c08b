"""How functions are compiled."""

import math
import os
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from sim.core.kernels.cache import KernelCache

Array = np.ndarray[Any, Any]


_njit: Any = numba.njit  # its types do not know all options
# Functions that others call make no arrays. So they need not count who uses an array: each count is an atomic addition,
# and with them an exposure took twice as long. Only compiled code calls them, so they have no way in from Python or C:
# without it all functions are compiled in a sixth less of the time.
inline: Callable[[Any], Any] = _njit(error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
always_inline: Callable[[Any], Any] = numba.njit(error_model="numpy", inline="always")


def on_demand(function: Callable[..., Any]) -> Any:
    """Compile when first called, and keep the code on disk: for what few scenarios need, so that others do not wait."""
    compiled: Any = _njit(error_model="numpy", nogil=True)(function)
    if compiled is not function:  # with NUMBA_DISABLE_JIT, nothing is compiled
        compiled._cache = KernelCache(function)
    return compiled


def entry(signature: Any) -> Callable[[Any], Any]:
    """Compile now, for one signature, or load from the cache: a worker never compiles."""

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = on_demand(function)
        if compiled is not function:
            compiled.compile(signature)
            compiled.disable_compile()
        return compiled

    return decorate


# Types in signatures: contiguous arrays, by number of axes.
F1, F2, F4 = "float64[::1]", "float64[:,::1]", "float64[:,:,:,::1]"
I1, U1, U2 = "int64[::1]", "uint64[::1]", "uint64[:,::1]"


is_compiled = not os.environ.get("NUMBA_DISABLE_JIT", "0").strip("0")
"""Whether functions are compiled. With NUMBA_DISABLE_JIT=1 the same source runs as it is, slowly."""


def _record_of(records: Array) -> Any:
    """Return the record in an array (1,); compiled code reads and sets its fields as attributes."""
    return records[0]


def _record_of_uncompiled(records: Array) -> Any:
    return records.view(np.recarray)[0]


record_of: Any = inline(_record_of) if is_compiled else _record_of_uncompiled


@inline
def norm(x: float, y: float) -> float:
    """Length of a vector: miles and knots never overflow, and this costs a third of `hypot`."""
    return math.sqrt(x * x + y * y)
