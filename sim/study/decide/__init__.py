"""Which plan is best while figures are unknown, and what knowing them is worth.

* `decisions`: what plans and knowledge are worth where figures are unknown.
* `answer`: that of a study.
* `tables`: the page of that.
"""
