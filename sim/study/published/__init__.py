"""Published results beside what seasweep computes: one file for each publication, with its figures and its text.

* `base`: what a published result is.
* `registry`: all of them, and their rows as a page.
* `observed_sea`: a sea with observers and nothing else.
* `al_rowaei_2011`: what a time step misses.
* `danish_sar`: the curve of a search manual.
* `hoye_2006`: the chance that a satellite hears a ship's AIS.
* `koopman_1946`: random search and parallel sweeps.
* `kroodsma_2022`: ships that a satellite saw and that sent no AIS.
* `papadaki_2016`: a line that smugglers know is patrolled.
* `park_2020`: two observers of one fleet.
* `radar_horizon`: how far a radar sees.
* `szechtman_2008`: short-lived events on a line that is patrolled.
* `uscg_1980`: where the detection of real searches lies.
* `washburn_2002`: barriers and ships that move.

A new publication is one more file here with a `PUBLICATION`. The command, the page and the tests find it.
"""
