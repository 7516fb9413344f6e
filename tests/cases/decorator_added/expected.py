import functools


@functools.cache
def slow(n):
    return sum(range(n))


def fast(n):
    return n * (n - 1) // 2
