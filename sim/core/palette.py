"""The colours of pictures and of map layers, as #rrggbb."""

# Okabe & Ito, "Color Universal Design" (2008): colours that people with any kind of colour vision can tell apart.
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, BLACK = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000",
)  # fmt: skip
WHITE, INK, MUTED = "#FFFFFF", "#22303a", "#5c6b75"

STATUS_COLOURS = {"missed": WHITE, "detected": SKY, "classified": ORANGE, "documented": VERMILION}
"""The colours of transfers by their status; the highest rung of the ladder is the most conspicuous."""

# Viridis (van der Walt & Smith, 2015) in ten steps: its lightness rises evenly, so it can be read in a grey print.
PROBABILITY_COLOURS = (
    "#440154", "#482878", "#3E4989", "#31688E", "#26828E", "#1F9E89", "#35B779", "#6DCD59", "#B4DE2C", "#FDE725",
)  # fmt: skip
"""The colours of probabilities from 0 to 1, each for a tenth."""
