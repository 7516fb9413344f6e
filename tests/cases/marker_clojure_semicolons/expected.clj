(ns shop.core)

(def rate 0.2)

(defn tax [price]
  (max 0 (* price rate)))

(defn total [prices]
  (let [sum (reduce + prices)]
    (+ sum (tax sum))))
