class Queue:
    def __init__(self, items=()):
        self.items = list(items)
        self.pushed = 0
        self.popped = 0

    def push(self, item):
        self.items.append(item)

    def pop(self):
        self.popped += 1
        return self.items.pop(0)

    def peek(self):
        return self.items[0]

    def clear(self):
        self.items.clear()

    def size(self):
        return len(self.items)
