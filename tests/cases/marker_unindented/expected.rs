pub struct Grid {
    cells: Vec<u8>,
    width: usize,
}

impl Grid {
    pub fn new(width: usize, height: usize) -> Self {
        Grid { cells: vec![0; width * height], width }
    }

    pub fn get(&self, x: usize, y: usize) -> u8 {
        assert!(x < self.width);
        self.cells[y * self.width + x]
    }

    pub fn set(&mut self, x: usize, y: usize, value: u8) {
        self.cells[y * self.width + x] = value;
    }
}
