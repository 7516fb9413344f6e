const char *name(int code)
{
    switch (code) {
    case 1:
        return "one";
    case 2:
        return "two";
    case 3:
        return "three";
    case 4:
        return "four";
    default:
        return "many";
    }
}
