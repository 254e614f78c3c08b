"""Scripts for developers: they renew the documentation, compare results, and measure the house.

* `make_reference`: writes the pages of the reference, and the picture of the folders, from the code.
* `pedigree`: says where each figure of the included files comes from.
* `draw_architecture`: draws the picture of the folders from the imports.
* `rule_tables`: writes the tables of rules of `check` from their docstrings.
* `reproduced`: writes the page of published results.
* `renew_docs`: writes what the commands in the documentation print, and their pictures.
* `attack`: attacks the program, by kills, corruption, full disks, mutated and extreme inputs, and hostile text.
* `inference_ranks`: calibrates the posteriors of `seasweep infer` by simulation, and writes the page on them.
* `interval_coverage`: measures how often each kind of interval holds the true value, and writes the page on it.
* `decision_coverage`: measures how often the intervals of decisions hold the true value.
* `tip_value`: compares what agreements gain with the closed form of a tip.
* `lanes_instead`: what four included scenarios give with lanes in place of an area of ships.
* `variance_laboratory`: the program with a key for each part of a replication, for `variance_reduction`.
* `variance_reduction`: measures what ways to reduce the variance would give, and writes the page on it.
* `compare_results`: compares all results with those of an earlier commit, bit for bit.
* `house_figures`: counts lines of code, tests and documentation.
* `make_recorded_sample`: makes a synthetic day of AIS messages, in the forms of archives.
* `make_land`: makes the included coastlines from Natural Earth.
"""
