-module(counter).
-export([new/0, up/1, down/1]).

new() -> 0.

up(N) when is_integer(N) -> N + 1.

down(0) -> 0;
down(N) -> N - 1.
