class A {
    int one() {
        int a = 1;
        return a;
    }

    int two() {
        int b = 2;
        return b;
    }

    int three() {
        int c = 3;
        return c;
    }
}
