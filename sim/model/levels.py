"""Levels of classification of a report, from the lowest to the highest."""

from typing import Literal, get_args

Level = Literal["unclassified", "restricted", "confidential", "secret", "top_secret"]
LEVELS: tuple[Level, ...] = get_args(Level)
RANK = {level: rank for rank, level in enumerate(LEVELS)}
"""The place of each level in that order, from 0."""
