class Tree:
    def __init__(self, root):
        self.root = root

    def depth(self):
        return self._depth(self.root)

    def _depth(self, node):
        if node is None:
            return 0
        return 1 + max(map(self._depth, node.children))
