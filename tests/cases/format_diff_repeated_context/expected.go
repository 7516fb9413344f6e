package p

func f0() int {
	x := 1
	return x
}

func f1() int {
	x := 1
	return x
}

func f2() int {
	x := 1
	return x
}

func f3() int {
	x := 33
	return x
}

func f4() int {
	x := 1
	return x
}

func f5() int {
	x := 1
	return x
}

