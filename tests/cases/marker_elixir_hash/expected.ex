defmodule Bag do
  def new, do: %{}

  def put(bag, key, count \\ 1) do
    Map.update(bag, key, count, &(&1 + count))
  end

  def size(bag) do
    bag |> Map.values() |> Enum.sum()
  end
end
