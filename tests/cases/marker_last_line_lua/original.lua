local function net(price)
  return price / 1.2
end

local function gross(price)
  return price * 1.2
end

print(net(12) + gross(10))
