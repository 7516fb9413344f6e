import re

PATHS = re.compile(r"([A-Z]):\\(\w+)")


def unix(path):
    return PATHS.sub(r"/\1/\2", path)


def home():
    return "C:\\Users\\me"
