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
MOST_GEOJSON_BYTES = 16_000_000
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
