// Copyright 2026 Example Works.

import Foundation

// A clock that can be stopped. It counts from the moment at which it is made, and forgets what it counted when it is
// started anew.
final class Stopwatch {
  private var started = Date()

  func elapsed() -> TimeInterval {
    return -started.timeIntervalSinceNow
  }
}
