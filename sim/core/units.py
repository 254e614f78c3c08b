"""Constants of units, each with its source. Inside, all is nautical miles, hours, knots and, for altitudes, feet."""

SECONDS_PER_HOUR = 3600.0
HOURS_PER_DAY = 24.0
SECONDS_PER_DAY = SECONDS_PER_HOUR * HOURS_PER_DAY
DAYS_PER_MONTH = 30.0
"""What a month is in every rate per month: a convention of the scenario files."""
HOURS_PER_MONTH = DAYS_PER_MONTH * HOURS_PER_DAY
HOURS_PER_YEAR = 365.25 * HOURS_PER_DAY
"""A Julian year."""
METRES_PER_NMI = 1852.0
"""By definition: First International Extraordinary Hydrographic Conference, Monaco, 1929."""
FEET_PER_METRE = 1.0 / 0.3048
"""By definition: international yard and pound agreement, 1959."""
KNOTS_PER_M_S = SECONDS_PER_HOUR / METRES_PER_NMI
