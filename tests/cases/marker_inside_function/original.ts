export async function sync(store: Store, remote: Remote): Promise<number> {
  const local = await store.all();
  const there = await remote.all();
  let count = 0;
  for (const row of local) {
    if (!there.has(row.id)) {
      await remote.put(row);
      count += 1;
    }
  }
  return count;
}
