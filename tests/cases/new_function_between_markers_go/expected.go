package a

func One() int {
	x := 1
	return x
}

func Two() int {
	y := 2
	return y
}

func Three() int {
	z := 3
	return z
}

func Four() int {
	w := 4
	return w
}
