import json


def load(path):
    try:
        with open(path) as file:
            data = json.load(file)
    except FileNotFoundError:
        data = {}
    data["path"] = path
    return data


def save(path, data):
    with open(path, "w") as file:
        json.dump(data, file)
