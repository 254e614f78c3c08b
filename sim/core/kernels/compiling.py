"""How functions are compiled, and where the compiled code is kept on disk."""

import hashlib
import math
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
import platformdirs

Array = np.ndarray[Any, Any]


def _cache_folder() -> str:
    """Return the folder for compiled code; it is named by a digest of all that the compiled code depends on.

    That is the source of every file of this package and of ``sim.core.codes``, the versions, and the CPU. Numba itself
    checks only the file of the function that it loads, so it would miss a change in a function called from another
    file. Where no folder can be written to, a temporary one is made.
    """
    here = Path(__file__).parent
    parts: list[bytes | str] = [path.read_bytes() for path in (*sorted(here.glob("*.py")), here.parent / "codes.py")]
    parts += [numba.__version__, np.__version__, platform.python_version()]
    parts += [llvmlite.binding.get_host_cpu_features().flatten(), platform.machine()]
    digest = hashlib.blake2b(b"|".join(p if isinstance(p, bytes) else p.encode() for p in parts), digest_size=8)
    for root in (os.environ.get("SEASWEEP_CACHE"), platformdirs.user_cache_dir("seasweep")):
        if not root:
            continue
        folder = Path(root) / f"kernels-{digest.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="seasweep-kernels-")


numba.config.CACHE_DIR = _cache_folder()  # type: ignore[attr-defined]  # it is made when numba loads

inline: Callable[[Any], Any] = numba.njit(error_model="numpy")
always_inline: Callable[[Any], Any] = numba.njit(error_model="numpy", inline="always")


def entry(signature: str) -> Callable[[Any], Any]:
    """Compile now, for one signature, or load from the cache: a worker never compiles."""
    decorate: Callable[[Any], Any] = numba.njit(signature, cache=True, error_model="numpy", nogil=True)
    return decorate


# Compile when first called, and keep the code on disk: for what few scenarios need, so that others do not wait.
on_demand: Callable[[Any], Any] = numba.njit(cache=True, error_model="numpy", nogil=True)


# Types in signatures: contiguous arrays, by number of axes.
F1, F2, F3, F4 = "float64[::1]", "float64[:,::1]", "float64[:,:,::1]", "float64[:,:,:,::1]"
I1, U1, U2 = "int64[::1]", "uint64[::1]", "uint64[:,::1]"


@inline
def norm(x: float, y: float) -> float:
    """Length of a vector: miles and knots never overflow, and this costs a third of `hypot`."""
    return math.sqrt(x * x + y * y)
