module Greeting
  DEFAULT = "Hello"

  def self.to(name)
    "#{DEFAULT}, #{name}!"
  end

  def self.all(names)
    names.map { |name| to(name) }
  end
end
