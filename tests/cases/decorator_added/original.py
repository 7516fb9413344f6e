import functools


def slow(n):
    return sum(range(n))


def fast(n):
    return n * (n - 1) // 2
