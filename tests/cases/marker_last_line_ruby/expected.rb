def net(price) = price / 1.2

def gross(price) = price * 1.2

puts [net(12), gross(10), 5].sum.round
