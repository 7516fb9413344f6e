def clean(rows):
    # remove duplicates
    rows = list(dict.fromkeys(rows))
    return rows


def count(rows):
    return len(rows)
