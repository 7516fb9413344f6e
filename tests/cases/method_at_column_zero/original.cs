using System;

namespace Shop
{
    public class Basket
    {
        private int count;

        public void Add(int number)
        {
            count += number;
        }

        public void Clear()
        {
            count = 0;
        }
    }
}
