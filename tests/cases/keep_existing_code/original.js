import { open } from "./store.js";

const cache = new Map();

export async function load(name) {
  if (cache.has(name)) {
    return cache.get(name);
  }
  const value = await open(name);
  cache.set(name, value);
  return value;
}

export function forget(name) {
  cache.delete(name);
}

export function size() {
  return cache.size;
}
