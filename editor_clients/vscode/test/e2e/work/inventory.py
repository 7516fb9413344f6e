"""Keep track of a small shop's stock: items, deliveries, sales and a report at the end of the day."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


class InventoryError(Exception):
    """Something in the stock does not add up."""


@dataclass
class Item:
    """One kind of goods on the shelf."""

    sku: str
    name: str
    price: float
    quantity: int = 0
    tags: list[str] = field(default_factory=list)

    def value(self) -> float:
        """What the items on the shelf are worth."""
        return self.price * self.quantity


@dataclass
class Movement:
    """Goods that came in (positive quantity) or went out (negative quantity)."""

    sku: str
    quantity: int
    day: date
    note: str = ""


class Inventory:
    """All items by their SKU, and every movement in the order in which it happened."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.movements: list[Movement] = []

    def add_item(self, item: Item) -> None:
        """Put a new kind of goods on the list."""
        if item.sku in self.items:
            raise InventoryError(f"{item.sku} is there already")
        self.items[item.sku] = item

    def remove_item(self, sku: str) -> Item:
        """Take a kind of goods off the list."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        print("removing", sku)
        return self.items.pop(sku)

    def receive(self, sku: str, quantity: int, day: date) -> None:
        """A delivery arrived."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        if quantity <= 0:
            raise InventoryError("a delivery brings at least one item")
        self.items[sku].quantity += quantity
        self.movements.append(Movement(sku, quantity, day, "delivery"))

    def sell(self, sku: str, quantity: int, day: date) -> None:
        """A customer bought something."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        if quantity <= 0:
            raise InventoryError("a sale takes at least one item")
        self.items[sku].quantity -= quantity
        self.movements.append(Movement(sku, -quantity, day, "sale"))

    def give_back(self, sku: str, quantity: int, day: date) -> None:
        """A customer brought something back."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        if quantity <= 0:
            raise InventoryError("a return brings at least one item")
        self.items[sku].quantity += quantity
        self.movements.append(Movement(sku, quantity, day, "return"))

    def total_value(self) -> float:
        """What everything on the shelves is worth."""
        return sum(item.value() for item in self.items.values())

    def low_stock(self, limit: int = 5) -> list[Item]:
        """The items of which fewer than `limit` are left, the scarcest first."""
        scarce = [item for item in self.items.values() if item.quantity < limit]
        return sorted(scarce, key=lambda item: item.quantity)

    def with_tag(self, tag: str) -> list[Item]:
        """The items that carry a tag, by name."""
        tagged = [item for item in self.items.values() if tag in item.tags]
        return sorted(tagged, key=lambda item: item.name)

    def sold_by_day(self) -> dict[date, int]:
        """How many items were sold on each day."""
        sold: dict[date, int] = defaultdict(int)
        for movement in self.movements:
            if movement.note == "sale":
                sold[movement.day] -= movement.quantity
        return dict(sold)

    def received_by_day(self) -> dict[date, int]:
        """How many items were delivered on each day."""
        received: dict[date, int] = defaultdict(int)
        for movement in self.movements:
            if movement.note == "delivery":
                received[movement.day] += movement.quantity
        return dict(received)


def load_csv(path: Path) -> Inventory:
    """Read items from a table with the columns sku, name, price, quantity and tags."""
    inventory = Inventory()
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            inventory.add_item(
                Item(
                    sku=row["sku"],
                    name=row["name"],
                    price=float(row["price"]),
                    quantity=int(row["quantity"]),
                    tags=row["tags"].split(";"),
                )
            )
    return inventory


def load_json(path: Path) -> Inventory:
    """Read items from a list of JSON objects."""
    inventory = Inventory()
    for row in json.loads(path.read_text()):
        inventory.add_item(Item(**row))
    return inventory


def save_csv(inventory: Inventory, path: Path) -> None:
    """Write all items as a table that `load_csv` reads."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "name", "price", "quantity", "tags"])
        for item in inventory.items.values():
            writer.writerow([item.sku, item.name, item.price, item.quantity, ";".join(item.tags)])


def report(inventory: Inventory) -> str:
    """The shelf list for the end of the day."""
    lines = ["SKU        name                 left    value"]
    for item in sorted(inventory.items.values(), key=lambda item: item.sku):
        lines.append(f"{item.sku:10} {item.name:20} {item.quantity:4} {item.value():8.2f}")
    lines.append(f"total value: {inventory.total_value():.2f}")
    return "\n".join(lines)
