"""The definite range law: one chance of detection, as soon as a target is within range."""

from typing import ClassVar, Literal

import numpy as np

from sim.core import codes
from sim.core.arrays import Floats
from sim.core.fields import Nmi, Probability
from sim.model.laws.base import Law


class DefiniteRange(Law):
    """A target is detected with one probability, as soon as it is within range for the first time in a sortie."""

    code: ClassVar[int] = codes.DEFINITE_RANGE

    kind: Literal["definite_range"]
    range_nmi: Nmi
    """The range, in nautical miles, within which a target is detected."""
    probability: Probability = 1.0
    """The chance, 0 to 1, that a target within range is detected. It is drawn once for each sortie and target."""

    @property
    def reach_nmi(self) -> float:
        """The range of the law, nmi."""
        return self.range_nmi

    @property
    def can_detect(self) -> bool:
        """Whether its probability is above 0."""
        return self.probability > 0.0

    @property
    def jump(self) -> float:
        """The exposure that is added once in a sortie: -ln(1 - p), infinite for p = 1."""
        return float(-np.log1p(-self.probability)) if self.probability < 1.0 else np.inf

    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """Return the jump, which is the same at any scale, and 0."""
        return self.jump, 0.0

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Return the jump at every distance x, in the shape of x; at any speed."""
        return np.full(x.shape, self.jump)

    def width_in_force(self, scale: float, reach_nmi: float, speed_kn: float) -> float:
        """Return W = 2 R p, with R the reach, which the scale and the cut have set."""
        return 2.0 * reach_nmi * self.probability
