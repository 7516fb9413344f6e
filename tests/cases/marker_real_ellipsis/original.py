from typing import Protocol, overload


class Reader(Protocol):
    def read(self, size: int = ...) -> bytes:
        ...

    def close(self) -> None:
        ...


@overload
def parse(text: str) -> int: ...
@overload
def parse(text: None) -> None: ...
def parse(text):
    return None if text is None else int(text)
