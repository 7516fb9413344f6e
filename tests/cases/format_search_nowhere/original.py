"""Temperatures."""

import math

ZERO = -273.15


def to_kelvin(celsius):
    return celsius - ZERO


def to_celsius(kelvin):
    return kelvin + ZERO


def mean(values):
    return math.fsum(values) / len(values)


def spread(values):
    return max(values) - min(values)
