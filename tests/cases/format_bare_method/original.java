class Meter {
    private int value;

    int read() {
        return value;
    }

    void reset() {
        value = 0;
    }
}
