-module(till).
-export([main/0]).

net(Price) -> Price / 1.2.

gross(Price) -> Price * 1.2.

main() -> io:format("~p~n", [net(12) + gross(10)]).
