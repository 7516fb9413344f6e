class Cat:
    def sound(self):
        return "?"


class Dog:
    def sound(self):
        return "!"
