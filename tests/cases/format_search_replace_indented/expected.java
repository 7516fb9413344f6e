class Meter {
    private int value;

    void reset() {
        value = 0;
        if (value != 0) {
            throw new IllegalStateException();
        }
    }
}
