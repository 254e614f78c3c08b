"""A file becomes a Scenario, or a list of problems that name file, line and key.

* `schema`: every key of a scenario: type, unit, bounds and meaning.
* `problems`: what is wrong with an input, told in one line each.
* `key_lines`: the line at which each key of a TOML file stands.
* `series`: files of measured weather, CSV or NetCDF.
* `endurance`: how long an aircraft can fly, and which key ends its flight.
* `routes`: the routes of a scenario laid over its plane.
* `clearance`: what no-go zones must leave free.
* `groups`: how a group of patrols divides a route.
* `load`: reading a file and its ancestors, `--set`, validation.
* `json_schema`: the JSON Schema of a scenario, for editors.
* `wording`: moments, periods and random quantities in words, and the frame of every table.
* `flight_plan`: one pass of a route from base and back: its length, its hours, its coverage factors.
"""
