"""Logs become answers: results on disk, measures with intervals, comparisons, sweeps, coverage.

* `measures`: numbers computed from replications, each with its interval.
* `store`: the tables of a run, in memory and in its folder.
* `design`: the file of a study, and the points that it makes.
* `executors`: blocks of replications, done in this process or in several.
* `runs`: run, compare and sweep.
* `coverage`: the probability that a transfer at a spot is detected.
* `tables`: tables for people, which commands, reports and notebooks share.
* `verify`: simulated searches against theory.
"""
