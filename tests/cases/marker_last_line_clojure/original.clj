(ns shop.till)

(defn net [price] (/ price 1.2))

(defn gross [price] (* price 1.2))

(println (+ (net 12) (gross 10)))
