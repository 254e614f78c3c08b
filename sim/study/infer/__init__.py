"""From what was reported to what happened.

* `chances`: the chance that a transfer is documented, with the luck of a deployment and the error of the simulation.
* `posterior`: how many transfers took place, given how many were documented.
* `parts`: reports by area, source, hour or week, and their sum.
* `halving`: the upper bound after a period without a report, and what would halve it.
* `spread`: how much each thing that is not known widens the interval.
* `inference`: the question, and the answer.
* `pages`: the page of the answer.
"""
