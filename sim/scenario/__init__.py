"""From the files of a scenario to a valid `Scenario`, or to problems that name file, line and key.

* `schema`: the keys of a scenario, with type, unit, bounds and meaning.
* `load`: loading: from the name or the path of a scenario to a valid `Scenario`.
* `files`: finding scenario files, reading them, and following `extends`.
* `shipped`: the list of the included scenarios, studies, types of aircraft and lanes.
* `source`: the merged tables of a scenario's files, and where each key was written.
* `overrides`: setting single keys, as `--set` and studies do.
* `inline`: polygons, weather, types of aircraft and lanes of the library, put in place of the keys that name them.
* `geojson`: the polygons of a GeoJSON file.
* `series`: files of measured weather, read and joined.
* `series_csv`: CSV files of weather.
* `series_netcdf`: NetCDF files of weather.
* `series_hours`: whether the hours of a file of weather fit the scenario.
* `recorded`: files of recorded AIS, cleaned and thinned to tracks.
* `grid`: the point of a grid in longitude and latitude that is nearest to a place.
* `unit_names`: the units of weather by their many spellings.
* `reading`: text files and TOML texts, read up to a limit.
* `key_lines`: the line of each key of a TOML file.
* `python_tables`: tables and keys that a program gives, made of what a file can hold.
* `arguments`: arguments of functions that programs call, checked in the words of the command line.
* `problems`: one problem of an input as one line, and the exception that holds all problems found.
* `explain`: the errors of pydantic as problems.
* `expected`: the values that a key allows, in words.
* `nearest`: hints at the word or key that was probably meant, and the units at the ends of keys' names.
* `time_zones`: the time zone of a place, and hints at the zone that was probably meant.
* `new_sea`: a whole new scenario about a place, with the meaning of each key.
* `subschema`: the part of a JSON Schema that describes a key.
* `clearance`: no-go zones that cover a base, a point of a route, or all sea of an area.
* `lanes`: lanes whose line comes to land, or turns too sharply.
* `routes`: the routes of a scenario laid over its plane for its aircraft.
* `groups`: which part of a shared route each patrol of a group flies, and when.
* `endurance`: how long an aircraft can fly, and which key limits it.
* `flight_plan`: one pass of a route from base and back: its length, its hours, its coverage factors.
* `digest`: a scenario as one TOML document, and digests that identify it.
* `json_schema`: the JSON Schema of a scenario, for editors, and every key as a row, for the reference.
* `tables`: tables and pages as data: columns, cells with a value and a text, groups of rows.
* `wording`: texts for printed tables: dates and times, periods, random quantities, shortened keys.
"""
