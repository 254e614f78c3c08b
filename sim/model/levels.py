"""Levels of classification of a report, lowest first."""

from typing import Literal, get_args

Level = Literal["unclassified", "restricted", "confidential", "secret", "top_secret"]
LEVELS: tuple[Level, ...] = get_args(Level)
RANK = {level: rank for rank, level in enumerate(LEVELS)}
