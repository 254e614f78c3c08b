"""How large an input may be: one home for the limits of files, and of what a file may hold.

A file that anybody writes is far below them. They exist so that every file is answered within seconds and within the
memory of a small machine: with an error that names the limit where the file is beyond it.
"""

MOST_TOML_BYTES = 8_000_000
"""Of a scenario or a study: ten years of weather by the hour, written into the file, take 5 million."""
MOST_TOML_VALUES = 600_000
"""Of a scenario or a study, counted by its commas and equals signs: five columns of 100,000 rows of weather."""
MOST_SERIES_BYTES = 16_000_000
"""Of a CSV file of weather: 100,000 rows of five columns with long numbers take 10 million."""
MOST_GEOJSON_BYTES = 8_000_000
"""Of a GeoJSON file of one area or zone."""
MOST_NESTING = 16
"""How deep lists and tables of a file may lie in each other, and of how many parts a key may be; 8 are ever needed."""
MOST_DIGITS = 1_000
"""Of a whole number; a seed may be long, and Python reads no number of more than 4,300 digits."""
MOST_ANCESTORS = 20
"""How many scenarios may follow from one by `extends`, one after the other."""
MOST_PROBLEMS_SHOWN = 20
"""How many problems of an input an error shows; the others are counted."""
MOST_PROBLEMS_EXPLAINED = 500
"""How many problems of an input are explained one by one; the others are only counted."""
MOST_KEYS = 50_000
"""Of all tables of a file together: 1,000 parts with 30 keys each are 30,000."""
MOST_KEYS_OF_A_TABLE = 1_000
"""Of one table, so also of the parts of one section, such as [routes.NAME]."""
MOST_NAMES_SHOWN = 20
"""How many of the names that a key allows an error shows; the others are counted."""
MOST_PATROLS = 200
"""Of a scenario: each has a plan of its own, with the light of the whole deployment on its route."""
MOST_LEGS_TOGETHER = 5_000
"""Of all routes of a scenario, once for each type of aircraft that flies them; one pass has at most 1,000."""
MOST_FLOWN_ROUTES = 1_000
"""Of all patrols together: the lengths of their lists `routes`."""
LEAST_PASS_NMI = 0.1
"""Of one pass of a route, which an aircraft flies in a second or two: shorter ones would be repeated without an end."""
LEAST_LEG_NMI = 0.01
"""Of one stretch between two waypoints of a pass, on average."""
LEAST_SEA_SHARE = 1.0 / 2000.0
"""Of the box about an area in which random places are drawn: a lane half a mile wide and 600 miles long has 1/700."""
LEAST_TURN_NMI = 0.1
"""Of the mean distance between changes of course of a ship, less than the turning circle of a large one."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Of any date: the formulas of the sun hold about there, and every offset from UTC can be computed."""
MOST_CORNERS = 10_000
"""Of one polygon: where edges lie close to each other, the time to cut it grows with the square of their number."""
MOST_STATES = 50
"""Of one random process of the weather: the powers of its matrix of chances are computed."""
MOST_REPLICATIONS = 1_000_000
"""Of a run, or of a point of a study."""
LAST_REPLICATION = 10**9
"""The highest number of a replication: tables hold it as a 64-bit number."""
MOST_JOBS = 1_024
"""Processes of one machine."""
MOST_POINTS = 20_000
"""Of the design of a study: its factors are crossed."""
MOST_ZONE_CORNERS = 300
"""Of all no-go zones together, once small bends are smoothed: paths round them are found from every corner to every."""
