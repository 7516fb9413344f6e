int f(int n)
{
	int sum = 0;
        int i;

	for (i = 0; i < n; i++)
	        sum += i;
        return sum;
}

int g(void)
{
	return 2;
}
