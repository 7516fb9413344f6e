"""A bank of few words."""

import decimal
from dataclasses import dataclass, field

RATE = decimal.Decimal("0.02")


@dataclass
class Account:
    owner: str
    balance: decimal.Decimal = decimal.Decimal(0)
    history: list[str] = field(default_factory=list)

    def deposit(self, amount):
        self.balance += amount
        self.history.append(f"+{amount}")

    def withdraw(self, amount):
        self.balance -= amount
        self.history.append(f"-{amount}")


@dataclass
class Bank:
    accounts: dict[str, Account] = field(default_factory=dict)

    def open(self, owner):
        self.accounts[owner] = Account(owner)
        return self.accounts[owner]

    def pay_interest(self):
        for account in self.accounts.values():
            account.deposit(account.balance * RATE)


def main():
    bank = Bank()
    bank.open("Ada").deposit(decimal.Decimal(10))
    bank.pay_interest()
    print(bank.accounts["Ada"].balance)


if __name__ == "__main__":
    main()
