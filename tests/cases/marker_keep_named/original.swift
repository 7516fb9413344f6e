struct Timer {
    var seconds = 0
    var running = false

    mutating func start() {
        running = true
    }

    mutating func stop() {
        running = false
    }

    mutating func tick() {
        if running {
            seconds += 1
        }
    }
}
