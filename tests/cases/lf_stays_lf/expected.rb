module Greeting
  DEFAULT = "Hello"

  def self.to(name)
    "#{DEFAULT}, #{name}!"
  end

  def self.all(names)
    names.uniq.map { |name| to(name) }
  end
end
