class Stack<T> {
    private val items = mutableListOf<T>()

    fun push(item: T) {
        items.add(item)
    }

    fun pop(): T {
        return items.removeAt(items.size - 1)
    }

    fun isEmpty() = items.isEmpty()
}
