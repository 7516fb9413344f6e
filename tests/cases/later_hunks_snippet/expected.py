class Queue:
    def __init__(self, limit=None):
        self.items = []
        self.limit = limit

    def push(self, item):
        if self.limit is not None and len(self.items) >= self.limit:
            raise OverflowError("the queue is full")
        self.items.append(item)

    def pop(self):
        return self.items.pop(0)

    def peek(self):
        return self.items[0]

    def clear(self):
        self.items = []

    def size(self):
        return len(self.items)

    def full(self):
        return self.limit is not None and self.size() >= self.limit
