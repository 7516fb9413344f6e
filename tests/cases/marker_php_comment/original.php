<?php

namespace Shop;

class Cart
{
    private array $items = [];

    public function add(string $name, int $price): void
    {
        $this->items[$name] = $price;
    }

    public function total(): int
    {
        return array_sum($this->items);
    }
}
