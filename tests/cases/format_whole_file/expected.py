"""Temperatures."""

import math

ZERO = -273.15
BOILING = 100.0


def to_kelvin(celsius):
    return celsius - ZERO


def to_celsius(kelvin):
    return kelvin + ZERO


def mean(values):
    return math.fsum(values) / len(values)


def spread(values):
    return max(values) - min(values) if values else 0.0
