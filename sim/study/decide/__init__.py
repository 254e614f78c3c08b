"""Which plan is best while figures are unknown, and what knowing them is worth.

* `decisions`: what plans and knowledge are worth where figures are unknown.
* `answer`: which plan of a study to choose, and which unknown would change the choice.
* `tables`: the page of `seasweep decide`.
"""
