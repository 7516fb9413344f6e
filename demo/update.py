# ... existing code ...
import json
import logging
from collections import defaultdict
# ... existing code ...

log = logging.getLogger(__name__)


class InventoryError(Exception):
    """Something in the stock does not add up."""

# ... existing code ...

    def remove_item(self, sku: str) -> Item:
        """Take a kind of goods off the list."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        return self.items.pop(sku)

    # ... existing code ...

    def sell(self, sku: str, quantity: int, day: date) -> None:
        """A customer bought something."""
        if sku not in self.items:
            raise InventoryError(f"{sku} is unknown")
        if quantity <= 0:
            raise InventoryError("a sale takes at least one item")
        left = self.items[sku].quantity - quantity
        if left < 0:
            raise InventoryError(f"only {self.items[sku].quantity} of {sku} are left")
        self.items[sku].quantity = left
        log.info("sold %d of %s, %d left", quantity, sku, left)
        self.movements.append(Movement(sku, -quantity, day, "sale"))

    # ... existing code ...

    def with_tag(self, tag: str) -> list[Item]:
        """The items that carry a tag, by name."""
        tagged = [item for item in self.items.values() if tag in item.tags]
        return sorted(tagged, key=lambda item: item.name)

    def best_sellers(self, count: int = 3) -> list[Item]:
        """The items that were sold most often, the best one first."""
        sales = [change for change in self.movements if change.note == "sale"]
        sold = {sku: -sum(sale.quantity for sale in sales if sale.sku == sku) for sku in self.items}
        ranking = sorted(sold, key=lambda sku: sold[sku], reverse=True)
        return [self.items[sku] for sku in ranking[:count]]

    def sold_by_day(self) -> dict[date, int]:
        # ... existing code ...


def report(inventory: Inventory) -> str:
    """The shelf list for the end of the day."""
    lines = ["SKU        name                 left    value"]
    for item in sorted(inventory.items.values(), key=lambda item: item.sku):
        lines.append(f"{item.sku:10} {item.name:20} {item.quantity:4} {item.value():8.2f}")
    lines.append(f"total value: {inventory.total_value():.2f}")
    best = ", ".join(item.name for item in inventory.best_sellers())
    lines.append(f"best sellers: {best}")
    return "\n".join(lines)
