def broken(:
    return 1


def fine(x):
    return x + 1


print("unclosed
