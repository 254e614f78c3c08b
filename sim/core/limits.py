"""How large an input may be: one home for the limits of files, and of what a file may hold.

A file that anybody writes is far below them. They exist so that `check` answers every file within seconds and within
the memory of a small machine. A file beyond a limit is refused with an error that names the limit.
"""

MOST_TOML_BYTES = 8_000_000
"""The most bytes of a scenario or a study. Ten years of hourly weather, written into the file, take 5 million."""
MOST_TOML_VALUES = 600_000
"""The most values of a scenario or a study, counted by its commas and equals signs. Five columns of 100,000 rows of
weather have 500,000."""
MOST_SERIES_BYTES = 16_000_000
"""The most bytes of a CSV file of weather. 100,000 rows of five columns with long numbers take 10 million."""
MOST_GEOJSON_BYTES = 8_000_000
"""The most bytes of a GeoJSON file of an area or a zone."""
MOST_NESTING = 16
"""How many levels of lists and tables may lie inside each other, and how many parts a key may have. No scenario needs
more than 8."""
MOST_DIGITS = 1_000
"""The most digits of a whole number. A seed may be long, but Python reads no number of more than 4,300 digits."""
MOST_ANCESTORS = 20
"""How many scenarios may follow from one by `extends`, one after the other."""
MOST_PROBLEMS_SHOWN = 20
"""How many problems of an input an error shows; the others are counted."""
MOST_PROBLEMS_EXPLAINED = 500
"""How many problems of an input are explained one by one; the others are only counted."""
MOST_KEYS = 50_000
"""The most keys of all tables of a file together. 1,000 parts with 30 keys each have 30,000."""
MOST_SETS = 1_000
"""The most keys that one command sets by `--set`. More belong in a file that extends the scenario."""
MOST_KEYS_OF_A_TABLE = 1_000
"""The most keys of one table. It is therefore also the most parts of a section, such as `[routes.NAME]`."""
MOST_NAMES_SHOWN = 20
"""How many of the names that a key allows an error shows; the others are counted."""
MOST_PATROLS = 200
"""The most patrols of a scenario. Each has a plan of its own, which takes time to prepare."""
MOST_LEGS_TOGETHER = 5_000
"""The most legs of all routes of a scenario together. A route counts once for each type of aircraft that flies it. One
pass has at most 1,000 legs."""
MOST_FLOWN_ROUTES = 1_000
"""The most entries that the lists `routes` of all patrols have together."""
MOST_MEMBERSHIPS = 1_000
"""The most entries that the lists `nations` of all agreements have together. Every path of a report is looked for."""
LEAST_PASS_NMI = 0.1
"""The least length of one pass of a route, in nautical miles. An aircraft flies it in about two seconds. Shorter passes
would be repeated so often that a flight would take hours to compute."""
LEAST_LEG_NMI = 0.01
"""The least mean length of the stretches between the waypoints of a pass, in nautical miles."""
LEAST_SEA_SHARE = 1.0 / 2000.0
"""The least share that the sea of an area may have of the box about it, in which random places are drawn until one lies
in the sea. A diagonal lane that is half a mile wide and 600 miles long has about 1/600."""
MOST_CHOICES = 100_000
"""The most cells of place and hour among which those who plan transfers choose. Squares of 5 miles over an area of 200
by 300 miles, in four parts of the day, are 9,600."""
LEAST_TURN_NMI = 0.1
"""The least mean distance between the changes of course of a ship, in nautical miles. A large ship has a larger turning
circle."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""The years in which the start of a scenario and the dates of agreements may lie. The formulas of the sun hold in about
these years, and every offset from UTC can be computed."""
MOST_CORNERS = 10_000
"""The most corners of one polygon. Where its edges lie close to each other, the time to cut it grows with the square of
their number."""
MOST_STATES = 50
"""The most states of one random process of the weather. Powers of the matrix of its chances are computed."""
MOST_REPLICATIONS = 1_000_000
"""The most replications of a run, or of a point of a study."""
MOST_FOR_PRECISION = 20_000
"""The replications after which a run to a precision ends, unless it is told another number (`--most`)."""
LAST_REPLICATION = 10**9
"""The highest number of a replication: tables hold it as a 64-bit number."""
LEVELS = (0.5, 0.9999)
"""The least and the greatest confidence level of intervals."""
MOST_JOBS = 1_024
"""The most worker processes of a command."""
MOST_POINTS = 20_000
"""The most points of a study. Every level of each factor is combined with every level of the others, so their number
grows quickly."""
MOST_PLANS = 200
"""The most plans that `seasweep exploit --randomise` offers: each is simulated."""
MOST_TRIES = 60_000_000
"""The most replications, days, start hours and places of `seasweep exploit`, multiplied. Each product takes 8 bytes."""
MOST_ZONE_CORNERS = 300
"""The most corners of all no-go zones together, after small bends are smoothed. Paths round the zones are found between
every two of them."""
MOST_OUTLINE_CORNERS = 3_000
"""The most corners of the outlines of all no-go zones together before the margin about them is drawn, which smooths
most. To draw it takes the more time and memory the more corners there are."""
LONGEST_RECORDED_GAP_H = 1.0
"""The longest time without an AIS message, in hours, for which a recorded ship is taken to have gone straight on. Ships
under way send every few seconds, ships at anchor every three minutes, so it is an assumption about receivers."""
MOST_RECORDED_BYTES = 200_000_000
"""The most bytes of a file of AIS messages that a scenario names directly. `seasweep import` reads larger files."""
