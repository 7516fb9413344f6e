using System;

namespace Shop
{
    public class Basket
    {
        private int count;

        public void Add(int number)
        {
            if (number < 0)
            {
                throw new ArgumentException(nameof(number));
            }
            count += number;
        }

        public void Clear()
        {
            count = 0;
        }
    }
}
