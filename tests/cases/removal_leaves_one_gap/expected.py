import os


def home():
    return os.path.expanduser("~")


def config():
    return os.path.join(home(), ".config")
