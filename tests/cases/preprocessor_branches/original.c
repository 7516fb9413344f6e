#ifdef _WIN32
static void nap(int ms)
{
    Sleep(ms);
}
#else
static void nap(int ms)
{
    usleep(ms * 1000);
}
#endif

int main(void)
{
    nap(10);
    return 0;
}
