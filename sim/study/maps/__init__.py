"""Fields over the sea, which maps show: where was searched, what is detected, what is left to be found.

* `searches`: what was flown, as the coverage field takes it.
* `coverage`: the probability that a transfer at a place is detected.
* `effort`: where was searched, how thoroughly, and how often places are looked at.
* `traffic`: how many background ships are where, by class, and how many of them send AIS.
* `sea_points`: points that stand for the sea of a source of transfers.
* `belief`: the expected number of pairs alongside that no flight has found.
* `belief_tips`: what tips add to the belief.
* `transfer_cells`: what became of transfers in each cell of a grid.
"""
