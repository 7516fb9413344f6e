import sys


def first(text):
    return text.strip()


def second(text):
    return text.title()


def main():
    for line in sys.stdin:
        print(second(first(line)))
