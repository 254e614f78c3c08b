"""Logs become answers: results on disk, measures with intervals, comparisons, sweeps, coverage.

* `cuts`: the parts into which a measure can be cut, by area, patrol, week and so on.
* `measures`: the registry of measures: the name, unit, formula and meaning of each.
* `columns`: the columns of every table of results: name, type, unit and meaning.
* `intervals`: the formulas of confidence intervals.
* `estimates`: the values of measures, computed from replications, with their confidence intervals.
* `ais_rows`: which rows of transfers count in the totals about AIS.
* `seen_by`: the names of the observers that reported a transfer, as one text.
* `windows`: the hours of a deployment that belong to hours of the day or to a week.
* `part_totals`: the totals of parts.
* `progress`: how far some work is.
* `precision`: when a run to a precision looks at its interval, and when it ends.
* `rows`: the log of a replication as rows of the tables of results.
* `locks`: the lock of a folder of results, which names its owner.
* `folders`: files and folders, each written whole or not at all.
* `parquet_files`: a writer of Parquet files that adds no second error to a first one.
* `records`: `run.json` and `study.json`, and the checksums of the files beside them.
* `provenance`: what made a result: the code, the versions of libraries, and the kind of machine.
* `store`: the tables of a run, in memory and in its folder.
* `design`: the file of a study, and the design points that it makes.
* `cost`: what a run or a sweep would cost, before it begins.
* `workers`: worker processes that answer questions, and that end with the process that asks.
* `preload`: what the fork server loads once for all worker processes.
* `executors`: batches of replications, simulated in this process or in several.
* `parts`: the parts of a sweep; the file of each says what made it.
* `study_folders`: whether a sweep may begin or continue in a folder.
* `run_parts`: what is done of a run that may be interrupted.
* `run_folders`: the numbered folders to which runs and sweeps go unless another is given.
* `study_results`: the results of a sweep.
* `runs`: run and sweep.
* `comparison`: runs compared, paired by replication.
* `realised`: what a replication held that its tables do not name, realised again from its seed.
* `exploit`: what smugglers who know a schedule would do, and the lots that leave them no gap.
* `infer`: from what was reported to what happened.
* `eyes`: which eyes saw the transfers of a run, and how dependent they are.
* `decide`: which plan is best while figures are unknown, and what knowing them is worth.
* `stint_rows`: the times alongside of each transfer, as rows.
* `maps`: fields over the sea, which maps show.
* `export`: a run as layers of a map, in the formats that map tools open.
* `recordings`: the import of recorded AIS.
* `listing`: what has been run, one row for each folder of results.
* `markup`: elements of HTML, in which no text can become markup.
* `shown`: how results show themselves in Python and in notebooks.
* `tables`: tables for people, which commands and reports print.
* `verify`: simulated searches and deployments against theory.
* `published`: published results beside what seasweep computes.
"""
