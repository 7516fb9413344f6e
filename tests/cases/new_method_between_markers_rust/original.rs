pub struct A;

impl A {
    pub fn one(&self) -> u32 {
        let a = 1;
        a
    }

    pub fn two(&self) -> u32 {
        let b = 2;
        b
    }
}
