"""Buffered writing to a socket."""


class Writer:
    """Collects bytes and sends them in pieces."""

    def __init__(self, socket, size=8192):
        self.socket = socket
        self.size = size
        self.pieces = []

    def close(self):
        if self.pieces:
            self.flush()
        self.socket.close()

    def write(self, data):
        self.pieces.append(data)
        if sum(map(len, self.pieces)) > self.size:
            self.flush()

    def flush(self):
        self.socket.sendall(b"".join(self.pieces))
        self.pieces.clear()

    def fileno(self):
        return self.socket.fileno()
