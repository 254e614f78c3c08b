"""Maximum and median of a random quantity, as rules and tables of check need them."""

import math

import numpy as np

from sim.core.fields import Quantity


def maximum(quantity: Quantity) -> float:
    """The greatest value that a random quantity can take; infinite where its distribution has no upper end."""
    ends = (quantity.value, quantity.high, quantity.max)
    return min((end for end in ends if end is not None), default=math.inf)


def median(quantity: Quantity) -> float:
    """The median of a random quantity."""
    if quantity.median is not None and quantity.min is None and quantity.max is None:
        return quantity.median  # This does not import scipy, which knows the normal distribution.
    return float(quantity.quantile(np.array([0.5]))[0])
