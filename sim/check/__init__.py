"""A Scenario becomes advice: what was understood, and what is allowed but makes no sense.

* `reporting`: how many reports to expect, by which way, and how old.
* `prospects`: what patrols can do at best: bounds of reach, time and sight.
* `senseless`: rules: with this a run, or a part of it, can answer nothing.
* `doubts`: rules: this is probably not what was meant.
* `sharing_doubts`: the same, about nations, observers, agreements and tips.
* `notes`: rules: this is worth knowing.
* `advice`: all rules, and what they find in a scenario.
* `describe_sharing`: nations, observers, agreements and tips as tables.
* `describe`: a scenario as tables.
"""
