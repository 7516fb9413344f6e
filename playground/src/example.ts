// What the buttons for examples fill in: an edit that is clear, and one that fits several places.

export const PATH = "cart.py";

export const FILE = `"""A shopping cart."""

from dataclasses import dataclass, field

TAX = 0.19


@dataclass
class Item:
    name: str
    price: float
    count: int = 1

    def total(self) -> float:
        return self.price * self.count


@dataclass
class Cart:
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)

    def remove(self, name: str) -> None:
        self.items = [item for item in self.items if item.name != name]

    def total(self) -> float:
        return sum(item.total() for item in self.items)

    def total_with_tax(self) -> float:
        return self.total() * (1 + TAX)

    def __len__(self) -> int:
        return len(self.items)


def receipt(cart: Cart) -> str:
    lines = [f"{item.name}: {item.total():.2f}" for item in cart.items]
    lines.append(f"total: {cart.total_with_tax():.2f}")
    return "\\n".join(lines)
`;

export const CLEAR = {
  instruction: "discounts, and an error for unknown items",
  update: `# ... existing code ...

@dataclass
class Item:
    name: str
    price: float
    count: int = 1
    discount: float = 0.0

    def total(self) -> float:
        return self.price * self.count * (1 - self.discount)


@dataclass
class Cart:
    # ... existing code ...

    def remove(self, name: str) -> None:
        if all(item.name != name for item in self.items):
            raise KeyError(name)
        self.items = [item for item in self.items if item.name != name]

# ... existing code ...

def receipt(cart: Cart) -> str:
    lines = [f"{item.name}: {item.total():.2f}" for item in cart.items]
    lines.append(f"tax: {cart.total_with_tax() - cart.total():.2f}")
    lines.append(f"total: {cart.total_with_tax():.2f}")
    return "\\n".join(lines)
`,
};

export const DOUBTFUL = {
  instruction: "",
  update: `    # ... existing code ...
    def total(self) -> float:
        """Without tax."""
        return round(self.sum(), 2)

# ... existing code ...

def receipt(cart: Cart) -> str:
    lines = [f"{item.name}: {item.total():.2f}" for item in cart.items]
    # ... existing code ...
    return "\\n".join(sorted(lines))
`,
};
