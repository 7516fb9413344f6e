import json
import sys


def names():
    return json.loads(sys.argv[1])
