defmodule Bag do
  def new, do: %{}

  def put(bag, key) do
    Map.update(bag, key, 1, &(&1 + 1))
  end

  def size(bag) do
    bag |> Map.values() |> Enum.sum()
  end
end
