#ifdef _WIN32
static void nap(int ms)
{
    Sleep(ms);
}
#else
static void nap(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}
#endif

int main(void)
{
    nap(10);
    return 0;
}
