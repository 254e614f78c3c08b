"""From what was reported to what happened.

* `chances`: the chance that a transfer is documented, with the luck of a deployment and the error of the simulation.
* `posterior`: how many transfers took place, given how many were documented.
* `parts`: reports by area, source, hour or week, and their sum.
* `points`: points at which the scenario may be true, and what each factor adds to the interval.
* `unknowns`: figures that are not known: their ranges, a design of points, and its simulation.
* `two_lists`: how many transfers took place, given what a patrol documented and what an observer reported.
* `halving`: the upper bound after a period without a report, and what would halve it.
* `spread`: how much each thing that is not known widens the interval.
* `answers`: what is inferred as if vessels did not answer to patrols.
* `lawful`: calibration on lawful ships that are known to have been there.
* `lawful_tables`: what `seasweep infer --lawful` prints.
* `inference`: the question, and the answer.
* `cells`: columns and cells that tables share.
* `point_tables`: the tables of points.
* `pages`: the pages of `seasweep infer`.
* `naive`: what one estimates who does not know something, at the points of a study.
* `naive_tables`: the page of `seasweep infer --naive`.
* `lists`: the question and the answer where an observer has reported transfers, too.
* `lists_pages`: the page of `seasweep infer --also`.
"""
