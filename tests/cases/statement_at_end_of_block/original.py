def report(rows):
    for row in rows:
        print(row.name)
        print(row.total)
    print("done")
