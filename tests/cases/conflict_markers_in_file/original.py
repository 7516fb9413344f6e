def first():
    return 1


<<<<<<< HEAD
def second():
    return 2
=======
def second():
    return "two"
>>>>>>> feature


def third():
    return 3
