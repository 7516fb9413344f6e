class Ball {
  double x = 0;
  double speed = 1;

  void move() {
    x += speed;
  }

  void bounce() {
    speed = -speed;
  }
}
