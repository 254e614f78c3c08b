"""Names for the types of arrays. Each is a NumPy array of any shape; the docstring that uses one states the shape."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers, in the units that are named where they are used."""
Ints = NDArray[np.int64]
"""Whole numbers: counts, codes, and row numbers that the compiled functions use."""
Indices = NDArray[np.intp]
"""Row numbers as NumPy's own searches return them."""
Flags = NDArray[np.bool_]
"""True or False for each element."""
Entities = NDArray[np.uint64]
"""64-bit identities by which random numbers are keyed; see `sim.core.chance`."""
Labels = NDArray[np.str_]
"""Names, as they appear in tables."""
