"""The sections of a report, each a function from results to markup; `plots.report_page` puts them together.

* `pieces`: what sections are made of: headings, tables, parts that open, pictures.
* `sources`: the files of which results were made, where they are still the same.
* `question`: what was asked and what came of it, in a paragraph.
* `numbers`: the tables of measures.
* `pictures`: the pictures, each with a text that says what it shows.
* `replay`: one replication in time.
* `scenario`: the scenario in words, and what differs between two.
* `advice`: the findings of check.
* `assumptions`: where each figure of a scenario comes from.
* `origin`: how the numbers were computed, and how to compute them again.
"""
