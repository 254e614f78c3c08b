"""Detection laws: how the chance of detection depends on range and time.

Every law acts through an accumulated exposure F. An opportunity, which is a sensor, a sortie and a target, has a
threshold E ~ Exp(1), and the target is detected as soon as F reaches E; so P = 1 - exp(-F). The compiled half of a law,
the exposure along a straight relative motion and its inverse, is in `sim.core.kernels`. Here are its parameters, the
constants that follow from them, the lateral range curve and the sweep width.

* `base`: what every law must answer, and a law as conditions stretch and cut it.
* `definite_range`: one chance, as soon as a target is within range.
* `inverse_cube`: a rate that falls with the cube of the range.
* `scan`: looks at intervals, each with a chance that falls with range.
* `lateral_range`: a lateral range curve as measured.

A new law is one more file here with one subclass of `base.Law`. Its compiled half is chosen by its `code`; a law
outside this package may use the code of `lateral_range` and describe itself by a table, see `lateral_range.as_table`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
