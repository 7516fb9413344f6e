import os


def home():
    return os.path.expanduser("~")


def legacy_home():
    return os.environ["HOME"]


def config():
    return os.path.join(legacy_home(), ".config")
