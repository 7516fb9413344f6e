class Meter {
    private int value;

    int read() {
        if (value < 0) {
            return 0;
        }
        return value;
    }

    void reset() {
        value = 0;
    }
}
