class Meter {
    private int value;

    void reset() {
        value = 0;
    }
}
