def broken(:
    return 1


def fine(x):
    return x


print("unclosed
