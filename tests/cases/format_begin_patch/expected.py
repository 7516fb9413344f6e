class A:
    def run(self):
        value = 1
        return value


class B:
    def run(self):
        value = 2
        return value
