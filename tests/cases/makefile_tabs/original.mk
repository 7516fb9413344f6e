.PHONY: all clean

all: app

app: main.o util.o
	$(CC) -o $@ $^

%.o: %.c
	$(CC) -c -o $@ $<

clean:
	rm -f app *.o
