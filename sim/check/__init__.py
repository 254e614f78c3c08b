"""A Scenario becomes advice: what was understood, and settings that have no effect or make no sense.

* `reporting`: how many reports to expect, by which path, and how old.
* `prospects`: what patrols can do at best: bounds of reach, time and sight.
* `registry`: what a rule of check is, and how it is registered.
* `rules_crews`: rules about how crews choose, classify and document contacts.
* `rules_partners`: rules about nations, observers and agreements.
* `rules_routes`: rules about routes, and about whether patrols can reach them and the transfers.
* `rules_schedule`: rules about take-offs, crews, airframes and bases.
* `rules_sensors`: rules about what sensors see, and who carries them.
* `rules_tips`: rules about tips on which crews act.
* `rules_transfers`: rules about transfers and other vessels, and about parts that nothing uses.
* `rules_weather`: rules about weather and daylight.
* `rules_zones`: rules about no-go zones, interceptions and groups of patrols.
* `advice`: the findings of all rules on a scenario.
* `describe_sharing`: nations, observers, agreements and tips as tables.
* `describe`: a scenario as tables.
"""
