class Cat:
    def name(self):
        return "cat"

    def sound(self):
        return "?"


class Dog:
    def name(self):
        return "dog"

    def sound(self):
        return "?"
