import re

PATHS = re.compile(r"([A-Z]):\\(\w+)")


def unix(path):
    return PATHS.sub(r"/mnt/\1/\2", path).replace("\\", "/")


def home():
    return "C:\\Users\\me"
