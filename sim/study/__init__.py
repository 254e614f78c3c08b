"""Logs become answers: results on disk, measures with intervals, comparisons, sweeps, coverage.

* `measures`: the registry of measures: the name, unit, formula and meaning of each.
* `columns`: the columns of every table of results: name, type, unit and meaning.
* `estimates`: the values of measures, computed from replications, with their confidence intervals.
* `store`: the tables of a run, in memory and in its folder.
* `design`: the file of a study, and the design points that it makes.
* `executors`: batches of replications, simulated in this process or in several.
* `runs`: run, compare and sweep.
* `coverage`: the probability that a transfer at a place is detected.
* `tables`: tables for people, which commands and reports print.
* `verify`: simulated searches against theory.
"""
