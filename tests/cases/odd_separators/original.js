const page = `ab`;
const line = 'a b';
const next = 'ab';
const last = 1;
