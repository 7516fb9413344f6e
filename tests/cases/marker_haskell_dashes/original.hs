module Shapes where

data Shape
  = Circle Double
  | Square Double

area :: Shape -> Double
area (Circle r) = pi * r * r
area (Square a) = a * a

name :: Shape -> String
name (Circle _) = "circle"
name (Square _) = "square"
