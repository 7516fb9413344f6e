import os


class A:
    def one(self):
        a = os.getcwd()
        return a

    def two(self):
        b = os.getcwd()
        return b

    def three(self):
        c = os.getcwd()
        return c

    def extra(self):
        q = os.getcwd()
        return q


def f():
    return 1


def g():
    return 2
