def mean(rows):
    total = 0
    for row in rows:
        if row is None:
            continue
        total += row
    print(total)
    return total / len(rows)
