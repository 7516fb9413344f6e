def clean(rows):
    # remove duplicates
    rows = list(dict.fromkeys(rows))
    # remove blanks
    rows = [row for row in rows if row.strip()]
    return rows


def count(rows):
    return len(rows)
