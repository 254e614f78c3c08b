"""A file becomes a Scenario, or a list of problems that name file, line and key.

* `schema`: every key of a scenario: type, unit, bounds and meaning.
* `problems`: one problem of an input, which is one line, and the exception that holds all problems found.
* `nearest`: the word or key that was probably meant, and the units at the ends of keys' names.
* `subschema`: reading a JSON Schema along the path of a key.
* `expected`: what a key takes, in words.
* `explain`: the findings of pydantic as problems.
* `key_lines`: the line at which each key of a TOML file stands.
* `series`: files of measured weather, CSV or NetCDF.
* `endurance`: how long an aircraft can fly, and which key ends its flight.
* `routes`: the routes of a scenario laid over its plane.
* `clearance`: what no-go zones must leave free.
* `groups`: how a group of patrols divides a route.
* `files`: finding scenario files, reading them, and following `extends`.
* `source`: the merged tables of a scenario's files, and where each key was written.
* `overrides`: setting single keys, as `--set` and studies do.
* `inline`: polygons and weather from files of their own, and types of aircraft, put in place.
* `load`: from the name of a scenario to a valid `Scenario`.
* `digest`: a scenario as one TOML document, and its digests.
* `json_schema`: the JSON Schema of a scenario, for editors, and every key as a row, for the reference.
* `wording`: moments, periods and random quantities in words, and the frame of every table.
* `flight_plan`: one pass of a route from base and back: its length, its hours, its coverage factors.
"""
